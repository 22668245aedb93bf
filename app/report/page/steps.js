// ---- How the output came about, one piece at a time.

const spoken = (pieces) => pieces.join('').replaceAll('\u2581', ' ').trim();  // as text
const outputOf = (step) => step.find((candidate) => candidate.output);
const isForced = () => record().decoding.beam_size === 0;

// The hypotheses that each step extends: [step][place] = {pieces, total, onPath}.
function hypotheses() {
  return cached('hypotheses', () => {
    const {steps} = record().decoding;
    const before = [[{pieces: [], total: 0, onPath: true}]];
    steps.forEach((step, i) => {
      const next = [];
      for (const candidate of step) {
        if (candidate.fate !== 'kept') continue;
        const origin = before[i][candidate.hypothesis];
        next[candidate.place] = {pieces: [...origin.pieces, candidate.piece], total: candidate.log_probability,
          onPath: Boolean(candidate.output)};
      }
      before.push(next);
    });
    return before;
  });
}

// What hypotheses are ranked by: log-probability over length to the power of alpha.
const scoreOf = (total, length) => total / length ** record().decoding.length_penalty;

// The units of the output that a step's piece belongs to.
function unitsOfStep(step) {
  const {pieces, target_units: units} = record();
  if (pieces) return pieces.target_units[step];
  return step < units.length ? [step] : [];
}

function drawSteps() {
  const {decoding} = record();
  byId('steps').hidden = !decoding;
  if (!decoding) return;
  const {steps} = decoding;
  byId('step-place').textContent = `step ${state.step + 1} of ${steps.length}`;
  byId('step-back').disabled = state.step === 0;
  byId('step-on').disabled = state.step === steps.length - 1;
  byId('steps-note').textContent = isForced()
    ? 'The target was given. At each step: what the model would have written, and how probable the given piece was. The bar under a piece is its probability.'
    : `Beam search keeping ${plural(decoding.beam_size, 'hypothesis').replace('hypothesiss', 'hypotheses')}, ranked by log-probability / length`
      + `${decoding.length_penalty === 1 ? '' : ` to the power of ${decoding.length_penalty}`}. The bar under a piece is its probability.`;
  drawTrack(steps);
  drawWeighed(steps[state.step]);
  drawLooked();
  drawKept();
}

function drawTrack(steps) {
  const buttons = steps.map((step, i) => {
    const {piece, probability} = outputOf(step);
    const button = element('button', {type: 'button', 'aria-pressed': i === state.step, tabindex: i === state.step ? 0 : -1,
      style: `--sure:${(100 * probability).toFixed(1)}%`, title: `${piece}: ${finePercent(probability)}`,
      class: i > state.step ? 'later' : ''}, piece);
    button.addEventListener('click', () => { toStep(i); focusStep(); });
    button.addEventListener('pointerenter', () => pick([], unitsOfStep(i)));
    button.addEventListener('pointerleave', () => pick([]));
    return button;
  });
  byId('track').replaceChildren(...buttons);
  watch('track', (partners) => buttons.forEach((button, i) => {
    const units = unitsOfStep(i);
    showStanding(button, units.some((unit) => picked.target.has(unit)) ? 'on'
      : units.some((unit) => partners.target.has(unit)) ? 'partner' : '');
  }));
}

const focusStep = () => byId('track').querySelector('[aria-pressed="true"]')?.focus({preventScroll: true});

function toStep(step) {
  const last = record().decoding.steps.length - 1;
  const place = clamp(step, 0, last);
  const [word = state.word] = unitsOfStep(place);
  show({step: place, word});
}

function meter(share, isLess = false) {
  return elementOf('div', {class: 'meter'}, element('i', {class: isLess ? 'less' : '', style: `width:${(100 * clamp(share, 0, 1)).toFixed(1)}%`}));
}

function drawWeighed(step) {
  const before = hypotheses()[state.step], length = state.step + 1;
  const forced = isForced();
  byId('weighed-title').textContent = forced ? 'What the model would have written' : 'What the search weighed; \u2605 led to the output';
  const heading = (text, className = '') => element('th', {class: className, scope: 'col'}, text);
  const head = elementOf('tr', {}, heading('', 'number'), heading('piece'), heading('probability'), heading('', 'number'),
    ...(forced ? [] : [heading('score', 'number')]), heading(''));
  byId('weighed').replaceChildren(head, ...step.map((candidate) => {
    const origin = before[candidate.hypothesis];
    const text = element('td', {class: 'hypothesis', title: `${spoken(origin.pieces)} ${candidate.piece}`.trim()});
    if (!forced) text.append(element('span', {class: 'before'}, tail(origin.pieces)), ' ');
    text.append(element('span', {'data-unit': candidate.piece}, candidate.piece));
    const fate = forced ? (candidate.output ? 'given' : '')
      : {kept: `goes on as ${(candidate.place ?? 0) + 1}`, finished: 'ends here', dropped: 'dropped'}[candidate.fate];
    const led = !forced && candidate.output ? ' \u2605' : '';
    return elementOf('tr', {class: [candidate.output ? 'output' : '', candidate.fate === 'dropped' && !forced ? 'dropped' : ''].join(' ').trim()},
      element('td', {class: 'number'}, candidate.rank), text, elementOf('td', {}, meter(candidate.probability)),
      element('td', {class: 'number'}, finePercent(candidate.probability)),
      ...(forced ? [] : [element('td', {class: 'number'}, decimals(scoreOf(candidate.log_probability, length), 3))]),
      element('td', {}, fate + led));
  }));
}

// The end of a hypothesis: enough to tell it from the others.
function tail(pieces) {
  const text = spoken(pieces), characters = Array.from(text);
  return characters.length > 24 ? `…${characters.slice(-24).join('')}` : text;
}

// Cross-attention of this step's piece, over the source at the present level.
function drawLooked() {
  const {layer, head} = crossChoice();
  const level = hasPieces() ? 'piece' : 'unit';
  const weights = weightsOf('cross', layer, head, level);
  const list = labels('source', level);
  byId('looked-title').textContent = `Where this step looked: cross-attention, layer ${layer}, ${headTitle(head)}`;
  byId('looked').hidden = byId('looked-title').hidden = !weights;
  if (!weights) return;
  const row = Array.from(weights.slice(state.step * list.length, (state.step + 1) * list.length));
  const shares = state.level === 'piece' || level === 'unit' ? row : sumsOfUnits(row);
  const names = labels('source');
  const chips = names.map((unit, i) => {
    const chip = elementOf('span', {class: 'chip', style: shading(shares[i]), 'data-unit': unit},
      element('span', {}, unit), element('small', {}, shares[i].toFixed(2)));
    chip.addEventListener('pointerenter', () => pickItem('source', i));
    chip.addEventListener('pointerleave', () => pick([]));
    return chip;
  });
  byId('looked').replaceChildren(...chips);
  watch('looked', (partners) => chips.forEach((chip, i) => showStanding(chip, standing(partners, 'source', i))));
}

// One row of weights of source pieces as weights of source units.
function sumsOfUnits(row) {
  const sums = new Array(record().source_units.length).fill(0);
  record().pieces.source_units.forEach((units, piece) => {
    for (const unit of units) sums[unit] += row[piece] / units.length;
  });
  return sums;
}

function drawKept() {
  const kept = hypotheses()[state.step + 1];
  byId('kept-part').hidden = isForced() || !kept.length;
  byId('kept').replaceChildren(...kept.map(({pieces, total, onPath}) => elementOf('li', {class: onPath ? 'output' : ''},
    element('span', {dir: 'auto'}, spoken(pieces)), ' ',
    element('span', {class: 'quiet'}, `score ${decimals(scoreOf(total, pieces.length), 3)}, probability ${finePercent(Math.exp(total))}`))));
}

function moveAmongSteps(event) {
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const inTrack = byId('track').contains(event.target);
  toStep(event.key === 'Home' ? 0 : state.step + by * (isRightToLeft(record().target) ? -1 : 1));
  if (inTrack) focusStep();
}
