// ---- What the output depends on, by several methods side by side.

const METHODS = {  // in the order of the columns
  attention: 'cross-attention, the mean over the chosen layers and heads',
  occlusion: 'how far the log-probability of the output word falls, in nats, when the source word is taken out',
  gradient: 'gradient of that log-probability times the embedding of the source word, sizes added up',
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

// What the best test of attention that there is, occlusion else gradient, says of it at one target
// word: 'open' (no single source word decides), 'apart' (another source word matters most), 'same',
// or '' where there is nothing to compare.
function findingAt(word) {
  const methods = influences(word), named = (wanted) => methods.find(({name}) => name === wanted);
  const attention = named('attention'), occlusion = named('occlusion'), judge = occlusion ?? named('gradient');
  if (!attention || !judge) return '';
  if (occlusion && occlusion.scores[topOf(occlusion.scores)] < DECISIVE) return 'open';
  return topOf(judge.scores) === topOf(attention.scores) ? 'same' : 'apart';
}

function drawReasons() {
  const pair = record();
  byId('reasons').hidden = !pair.attribution || pair.source_units.length < 2;
  if (byId('reasons').hidden) return;
  const methods = influences(state.word);
  const findings = pair.target_units.map((_, word) => findingAt(word));
  byId('reasons-note').textContent = 'How much each source word mattered for one word of the output. Each column has its own scale: '
    + 'compare the order within a column. \u25C2 marks its strongest word, a striped bar an influence against.'
    + (findings.includes('apart') ? ' At an output word with \u2260 another source word matters more than the one that attention looks at most.' : '');
  const buttons = pair.target_units.map((unit, i) => {
    const button = element('button', {type: 'button', class: findings[i], 'aria-pressed': i === state.word, tabindex: i === state.word ? 0 : -1}, unit);
    button.addEventListener('click', () => { showWord(i); focusReasonWord(); });
    return button;
  });
  byId('reason-words').replaceChildren(...buttons);
  watch('reasons', () => buttons.forEach((button, i) => showStanding(button, picked.target.has(i) ? 'on' : '')));
  drawInfluence(methods);
  drawVerdict(methods, findings[state.word]);
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
    ...methods.map(({name}) => element('th', {scope: 'col'}, name)));
  const tops = methods.map(({scores}) => topOf(scores));
  const scales = methods.map(({scores}) => Math.max(...scores.map(Math.abs)) || 1);
  byId('influence').replaceChildren(head, ...words.map((word, i) => elementOf('tr', {},
    element('th', {scope: 'row', dir: 'auto'}, word),
    ...methods.map(({scores}, m) => elementOf('td', {class: tops[m] === i ? 'top' : ''},
      meter(Math.abs(scores[i]) / scales[m], scores[i] < 0), `${decimals(scores[i], 3)}${tops[m] === i ? ' \u25C2' : ''}`)))));
  byId('methods').replaceChildren(...methods.flatMap(({name}) => [element('dt', {}, name), element('dd', {}, METHODS[name])]));
}

const quoted = (text) => `\u201C${text}\u201D`;

function drawVerdict(methods, finding) {
  const words = record().source_units, target = quoted(record().target_units[state.word]);
  const topWord = ({scores}) => quoted(words[topOf(scores)]);
  const attention = methods.find(({name}) => name === 'attention');
  const [judge, other] = methods.filter(({name}) => name !== 'attention');
  const rest = !other ? '' : topOf(other.scores) === topOf(judge.scores) ? ` and ${other.name}.` : `, ${topWord(other)} by ${other.name}.`;
  byId('verdict').textContent = finding === '' ? '' : {
    open: () => `No single source word decides ${target}: without any one of them its log-probability falls by less than `
      + `${DECISIVE}. Which is the strongest says little here.`,
    apart: () => `Attention looks most at ${topWord(attention)}, but what ${target} depends on most is ${topWord(judge)} by ${judge.name}`
      + (rest || '.'),
    same: () => `Attention looks most at ${topWord(attention)}, and that is also what ${target} depends on most by ${judge.name}`
      + (rest || '.'),
  }[finding]();
}

// How far two methods agree, here and in the whole pair.
function drawAgreement(methods) {
  const agreements = record().attribution_agreement ?? [];
  const scoresOf = (wanted) => methods.find(({name}) => name === wanted).scores;
  const heading = (text) => element('th', {scope: 'col'}, text);
  const rows = agreements.map(({methods: [a, b], rank_correlation: mean}) => elementOf('tr', {'data-pair': `${a}-${b}`},
    element('th', {scope: 'row'}, `${a} \u2013 ${b}`),
    element('td', {class: 'number'}, decimals(spearman(scoresOf(a), scoresOf(b)), 2)),
    element('td', {class: 'number'}, decimals(mean ?? NaN, 2))));
  byId('ranks').replaceChildren(...(rows.length ? [elementOf('tr', {}, heading('rank correlation'), heading('this word'),
    heading('mean of the sentence')), ...rows] : []));
  byId('ranks-note').textContent = agreements.filter(({methods: [first]}) => first === 'attention')
    .map(({methods: [, other], same_strongest: same, target_units: count}) =>
      `In ${same} of ${count} output words the strongest attention is the most influential by ${other}.`).join(' ');
  byId('agreement').hidden = !rows.length;
}
