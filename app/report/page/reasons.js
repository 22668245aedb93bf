// ---- What the output depends on, by several methods side by side.

const METHODS = {  // in the order of the columns
  attention: ['attention', 'The cross-attention that links are read from'],
  occlusion: ['occlusion', 'How far the log-probability of the output word falls when the source word is taken away'],
  gradient: ['gradient', 'Gradient of the output word’s log-probability times the embedding of the source word'],
};

const DECISIVE = 1;  // a fall of the log-probability that makes the word e times less probable

// Ranks from 1, the smallest first; equal values share the mean of their ranks.
function ranksOf(values) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Array(values.length);
  for (let from = 0, to; from < order.length; from = to) {
    for (to = from + 1; to < order.length && values[order[to]] === values[order[from]];) ++to;
    for (let i = from; i < to; ++i) ranks[order[i]] = (from + to + 1) / 2;
  }
  return ranks;
}

// Spearman's rank correlation: Pearson's of the ranks. Not a number where all values are equal.
function spearman(a, b) {
  const x = ranksOf(a), y = ranksOf(b), mean = (a.length + 1) / 2;
  const sum = (f) => x.reduce((total, _, i) => total + f(x[i] - mean, y[i] - mean), 0);
  return sum((p, q) => p * q) / Math.sqrt(sum((p) => p * p) * sum((_, q) => q * q));
}

const topOf = (scores) => scores.reduce((best, score, i) => (score > scores[best] ? i : best), 0);

// The methods of the record, in order, with their scores for one target word.
function influences(word) {
  const all = record().attribution ?? [];
  return Object.keys(METHODS).flatMap((name) => {
    const found = all.find((entry) => entry.method === name);
    return found ? [{name, scores: found.scores[word].map((score) => score ?? 0)}] : [];
  });
}

function drawReasons() {
  const pair = record();
  byId('reasons').hidden = !pair.attribution || pair.source_units.length < 2;
  if (byId('reasons').hidden) return;
  const methods = influences(state.word);
  byId('reasons-note').textContent = 'How much each source word mattered for one word of the output. Each column has its own scale: '
    + 'compare the order within a column. \u25C2 marks its strongest word, a striped bar an influence against.';
  const buttons = pair.target_units.map((unit, i) => {
    const button = element('button', {type: 'button', 'aria-pressed': i === state.word, tabindex: i === state.word ? 0 : -1}, unit);
    button.addEventListener('click', () => { showWord(i); focusReasonWord(); });
    return button;
  });
  byId('reason-words').replaceChildren(...buttons);
  watch('reasons', () => buttons.forEach((button, i) => showStanding(button, picked.target.has(i) ? 'on' : '')));
  drawInfluence(methods);
  drawAgreement(methods);
}

const focusReasonWord = () => byId('reason-words').querySelector('[aria-pressed="true"]')?.focus({preventScroll: true});

function moveAmongReasons(event) {
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (!by || !byId('reason-words').contains(event.target)) return;
  event.preventDefault();
  showWord(clamp(state.word + by * (isRightToLeft(record().target) ? -1 : 1), 0, record().target_units.length - 1));
  focusReasonWord();
}

function drawInfluence(methods) {
  const words = record().source_units.slice(0, -1);
  const head = elementOf('tr', {}, element('th', {scope: 'col'}, 'source word'),
    ...methods.map(({name}) => element('th', {scope: 'col', title: METHODS[name][1]}, METHODS[name][0])));
  const tops = methods.map(({scores}) => topOf(scores));
  const scales = methods.map(({scores}) => Math.max(...scores.map(Math.abs)) || 1);
  byId('influence').replaceChildren(head, ...words.map((word, i) => elementOf('tr', {},
    element('th', {scope: 'row', dir: 'auto'}, word),
    ...methods.map(({scores}, m) => elementOf('td', {class: tops[m] === i ? 'top' : ''},
      meter(Math.abs(scores[i]) / scales[m], scores[i] < 0), `${decimals(scores[i], 3)}${tops[m] === i ? ' \u25C2' : ''}`)))));
}

function drawAgreement(methods) {
  const words = record().source_units, others = methods.filter(({name}) => name !== 'attention');
  const attention = methods.find(({name}) => name === 'attention');
  const target = record().target_units[state.word];
  const occlusion = others.find(({name}) => name === 'occlusion');
  const differing = attention ? others.filter(({scores}) => topOf(scores) !== topOf(attention.scores)) : [];
  byId('verdict').textContent = !attention || !others.length ? ''
    : occlusion && occlusion.scores[topOf(occlusion.scores)] < DECISIVE
      ? `No single source word decides \u201C${target}\u201D: without any one of them its log-probability falls by less than `
        + `${DECISIVE}. Which is the strongest says little here.`
    : differing.length ? `Attention looks most at \u201C${words[topOf(attention.scores)]}\u201D, but \u201C${target}\u201D depends most on `
      + `${differing.map(({name, scores}) => `\u201C${words[topOf(scores)]}\u201D by ${METHODS[name][0]}`).join(' and ')}.`
      : `The word that attention looks at most, \u201C${words[topOf(attention.scores)]}\u201D, is also the one that \u201C${target}\u201D depends on most.`;
  const pairs = methods.flatMap((a, i) => methods.slice(i + 1).map((b) => [a, b]));
  const count = record().target_units.length - 1;  // without the end of the sentence
  const meanOf = (a, b) => {
    const all = Array.from({length: count}, (_, word) => {
      const at = influences(word), of = (name) => at.find((entry) => entry.name === name).scores;
      return spearman(of(a.name), of(b.name));
    }).filter(Number.isFinite);
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  };
  const heading = (text) => element('th', {scope: 'col'}, text);
  byId('ranks').replaceChildren(elementOf('tr', {}, heading('rank correlation'), heading('this word'), heading('mean of the sentence')),
    ...pairs.map(([a, b]) => elementOf('tr', {'data-pair': `${a.name}-${b.name}`},
      element('th', {scope: 'row'}, `${METHODS[a.name][0]} \u2013 ${METHODS[b.name][0]}`),
      element('td', {class: 'number'}, decimals(spearman(a.scores, b.scores), 2)),
      element('td', {class: 'number'}, decimals(meanOf(a, b), 2)))));
  byId('ranks-note').textContent = attention ? others.map(({name}) => {
    const same = Array.from({length: count}, (_, word) => influences(word)).filter((at) =>
      topOf(at.find((e) => e.name === 'attention').scores) === topOf(at.find((e) => e.name === name).scores)).length;
    return `In ${same} of ${count} output words the strongest attention is the most influential by ${METHODS[name][0]}.`;
  }).join(' ') : '';
}
