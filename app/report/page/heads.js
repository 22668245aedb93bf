// ---- All heads as small pictures, with what each was measured to do.

// The names of the measured shares, by kind of attention, short and in full.
const ROLE_NAMES = {
  previous: {encoder_self: ['previous', 'Mean weight on the unit before'],
    decoder_self: ['one before last', 'Mean weight on the unit before the last one produced'],
    cross: ['a step late', 'Mean weight on source units linked to the target unit before, not to this one: such a head lags']},
  same: {encoder_self: ['itself', 'Mean weight on the unit itself'],
    decoder_self: ['last produced', 'Mean weight on the last unit produced, which is what the step reads'],
    cross: ['translation', 'Mean weight on the source units linked to the target unit being produced']},
  next: {encoder_self: ['next', 'Mean weight on the unit after'],
    cross: ['a step early', 'Mean weight on source units linked to the target unit after, not to this one']},
  first: {encoder_self: ['first unit', 'Mean weight on the first unit of the sentence'],
    decoder_self: ['<s>', 'Mean weight on the beginning of the sentence, where heads rest that have nothing to do'],
    cross: ['first unit', 'Mean weight on the first source unit']},
  end: {encoder_self: ['</s>', 'Mean weight on the end of the sentence, where heads rest that have nothing to do'],
    cross: ['</s>', 'Mean weight on the end of the source sentence, where heads rest that need nothing of it']},
  punctuation: {encoder_self: ['punctuation', 'Mean weight on punctuation marks'],
    decoder_self: ['punctuation', 'Mean weight on punctuation marks'],
    cross: ['punctuation', 'Mean weight on punctuation marks of the source']},
};
const CLEAR = 0.5;  // a share from which on a head is said to do that one thing

// What is impossible (the decoder sees no next unit) has no name but its own.
const roleNames = (role) => ROLE_NAMES[role.role][state.kind] ?? [role.role, ''];
const headsWidth = (each) => (distinct('head').length + 1) * (each + 6) + 24;
const roleOf = (layer, head) => data.roles.find((r) => r.kind === state.kind && r.layer === layer && r.head === head);

function drawGrid() {
  const layers = distinct('layer'), heads = [MEAN, ...distinct('head')];
  const kind = KINDS[state.kind], rows = labels(kind.rows).length, columns = labels(kind.columns).length;
  const stage = byId('stage').clientWidth, beside = stage - byId('map').offsetWidth - GAP;
  const room = beside >= headsWidth(HEAD_ROOM) ? beside : stage;
  const width = clamp(Math.floor((room - 24) / heads.length) - 6, 34, 112);
  byId('all-heads').style.width = `${room - 2}px`;  // offsetWidth is rounded
  const grid = byId('grid');
  grid.style.gridTemplateColumns = `max-content repeat(${heads.length}, minmax(0, ${width}px))`;
  grid.replaceChildren(element('span'), ...heads.map((head) => element('span', {class: 'name'}, headName(head))));
  for (const layer of layers) {
    grid.append(element('span', {class: 'name'}, layer));
    for (const head of heads) grid.append(thumbnail(layer, head, rows, columns, width));
  }
  drawMeasured();
}

// One stop of the Tab key for the whole grid (the head shown); the arrow keys move within.
function thumbnail(layer, head, rows, columns, width) {
  const weights = weightsOf(state.kind, layer, head);
  if (!weights) return element('span');
  const isShown = layer === state.layer && head === state.head;
  const role = head === MEAN ? undefined : roleOf(layer, head);
  const says = role ? roleText(role) : '';
  const button = element('button', {type: 'button', 'aria-pressed': isShown, tabindex: isShown ? 0 : -1,
    'aria-label': `Layer ${layer}, ${headTitle(head)}${says && `, ${says}`}`});
  const ratio = clamp(columns / rows, 0.6, 1.8);
  const style = `aspect-ratio:${ratio};image-rendering:${columns < width ? 'pixelated' : 'auto'}`;
  button.append(picture(weights, columns, state.stretch ? strongest(weights) || 1 : 1, {style}));
  button.addEventListener('click', () => { show({layer, head}); focusShown(); });
  const tag = element('p', {class: role && role.share >= CLEAR ? 'tag strong' : 'tag',
    title: role ? roleNames(role)[1] : ''}, says);
  return elementOf('div', {}, button, ...(says && width >= 62 ? [tag] : []));
}

// What a head does most, or over how many units it spreads when that is little.
function roleText(role) {
  if (role.share < 0.25) return `spread over ${Math.exp(role.entropy).toFixed(1)}`;
  return `${roleNames(role)[0]} ${percent(role.share)}`;
}

const focusShown = () => byId('grid').querySelector('[aria-pressed="true"]')?.focus({preventScroll: true});

// The mean of the layer's heads has the mean of their numbers.
function measuredNow() {
  if (state.head !== MEAN) return roleOf(state.layer, state.head);
  const all = data.roles.filter((r) => r.kind === state.kind && r.layer === state.layer);
  const mean = (field) => all.reduce((sum, role) => sum + role[field], 0) / all.length;
  return all.length ? Object.fromEntries(Object.keys(all[0]).filter((key) => typeof all[0][key] === 'number')
    .map((key) => [key, mean(key)])) : undefined;
}

function drawMeasured() {
  const role = measuredNow();
  byId('measured').hidden = !role;
  if (!role) return;
  const number = (name, title, text, isStrong) => elementOf('div', {title, class: isStrong ? 'strong' : ''},
    element('dt', {}, name), element('dd', {}, text));
  const shares = Object.entries(ROLE_NAMES).filter(([, names]) => names[state.kind])
    .map(([field, names]) => number(...names[state.kind], finePercent(role[field]), role[field] >= CLEAR));
  const isCross = state.kind === 'cross';
  byId('measured-title').textContent = `What ${state.head === MEAN ? `the heads of layer ${state.layer} do on average` : `head ${state.head} of layer ${state.layer} does`}`;
  byId('numbers').replaceChildren(...shares,
    number('units looked at', 'e to the power of the mean entropy of a row: over how many units the weight is spread',
      Math.exp(role.entropy).toFixed(1)),
    number(isCross ? 'from diagonal' : 'distance', isCross ? 'Mean distance from the diagonal, in source units'
      : 'Mean distance between the unit and what it looks at, in units', role.distance.toFixed(1)),
    number(`strongest is ${ROLE_NAMES.same[state.kind][0]}`,
      isCross ? 'Share of linked target units whose strongest weight is on a source unit linked to them'
        : 'Share of rows whose strongest weight is on the unit itself (in the decoder: on the last unit produced)',
      percent(role.hits)));
  byId('measured-note').textContent = `Means over ${plural(data.role_sentences, 'sentence')}, between `
    + `${record().unit}s; the measures of Clark et al. (2019) and Voita et al. (2019).${isCross
      ? ' Translation means the links of annotators where there are such, else the chosen ones.' : ''}`;
}
