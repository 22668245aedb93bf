// ---- What the reader does.

function drawControls() {
  segments('kinds', kindsOf(record()), state.kind, (kind) => KINDS[kind].name, (kind) => show({kind}));
  segments('layers', distinct('layer'), state.layer, (layer) => layer, (layer) => show({layer}));
  segments('heads', [MEAN, ...distinct('head')], state.head, headName, (head) => show({head}));
  const names = {unit: `${record().unit}s`, piece: 'pieces'};
  byId('level-choice').hidden = levelsOf().length < 2;
  segments('levels', levelsOf(), state.level, (level) => names[level], (level) => show({level}));
  segments('views', ['map', 'lines'], state.view, (view) => view, (view) => show({view}));
  byId('stretch').checked = state.stretch;
}

// What has to be drawn anew for a change of these; all of it for any other.
const LIGHT_CHANGES = new Set(['step', 'word']);

function show(change) {
  const isLight = Object.keys(change).length > 0 && Object.keys(change).every((key) => LIGHT_CHANGES.has(key));
  if (change.sentence !== undefined) {
    forgetWeights();
    if (change.step === undefined) Object.assign(state, {step: 0, word: 0});
  }
  Object.assign(state, change);
  settle();
  if (!isLight) {
    watchers = [];
    hideTip();
    drawPair();
    drawControls();
    drawPlot();
    if (!byId('explorer').hidden) drawGrid();
  }
  drawSteps();
  drawReasons();
  remember();
}

const BETWEEN_ADDRESSES = 160;  // milliseconds; browsers refuse more than 200 changes in half a minute
let addressChanged = -BETWEEN_ADDRESSES, addressTimer = 0;

// The address tells what is shown, so that a reload or a link comes back to it.
function remember() {
  clearTimeout(addressTimer);
  const wait = addressChanged + BETWEEN_ADDRESSES - performance.now();
  if (wait > 0) {
    addressTimer = setTimeout(remember, wait);
    return;
  }
  addressChanged = performance.now();
  const {sentence, kind, layer, head, level, view, step, word} = state;
  const hash = new URLSearchParams({sentence: sentence + 1, kind, layer, head: headName(head), units: level, as: view,
    step: step + 1, word: word + 1});
  try {
    history.replaceState(null, '', `#${hash}`);
  } catch {
    // A frame without an address of its own (a notebook's) refuses; the page works the same.
  }
}

function recall() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const number = (key, absent) => (/^\d{1,9}$/.test(hash.get(key) ?? '') ? Number(hash.get(key)) : absent);
  return {sentence: number('sentence', 1) - 1, kind: hash.get('kind') ?? 'cross', layer: number('layer', -1),
    head: number('head', MEAN), level: hash.get('units') === 'piece' ? 'piece' : 'unit',
    view: hash.get('as') === 'lines' ? 'lines' : 'map', step: number('step', 1) - 1, word: number('word', 1) - 1};
}

function moveAmongHeads(event) {
  const step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.target.matches('input')) return;
  event.preventDefault();
  const layers = distinct('layer'), heads = [MEAN, ...distinct('head')];
  const move = (list, current, by) => list[clamp(list.indexOf(current) + by, 0, list.length - 1)];
  const inGrid = byId('grid').contains(event.target);
  show({layer: move(layers, state.layer, step[0]), head: move(heads, state.head, step[1])});
  if (inGrid) focusShown();
  else if (!event.target.isConnected) byId('plot').focus({preventScroll: true});
}

// Keys that work anywhere but where one types.
function pressKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches('input')) return;
  const following = (list, current) => list[(list.indexOf(current) + 1) % list.length];
  const act = {
    '[': () => toSentence(state.sentence - 1),
    ']': () => toSentence(state.sentence + 1),
    ',': () => record().decoding && toStep(state.step - 1),
    '.': () => record().decoding && toStep(state.step + 1),
    a: () => show({kind: following(kindsOf(record()), state.kind)}),
    u: () => show({level: following(levelsOf(), state.level)}),
    l: () => show({view: following(['map', 'lines'], state.view)}),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

const toSentence = (sentence) => show({sentence: clamp(sentence, 0, data.records.length - 1)});

function buildList() {
  const list = byId('list');
  byId('sentences').replaceChildren(...data.records.map((pair, i) => {
    const button = elementOf('button', {type: 'button'}, element('span', {class: 'number'}, pair.line),
      element('span', {class: 'text', dir: 'auto'}, pair.source),
      element('span', {class: 'text quiet', dir: 'auto'}, pair.target));
    button.addEventListener('click', () => { list.open = false; show({sentence: i}); });
    return elementOf('li', {}, button);
  }));
  byId('search').addEventListener('input', (event) => {
    const sought = event.target.value.toLocaleLowerCase();
    let found = 0;
    for (const item of byId('sentences').children) {
      item.hidden = !item.textContent.toLocaleLowerCase().includes(sought);
      found += !item.hidden;
    }
    byId('none').hidden = found > 0;
  });
  list.addEventListener('toggle', () => { if (list.open) byId('search').focus(); });
  document.addEventListener('click', (event) => { if (!list.contains(event.target)) list.open = false; });
  list.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    list.open = false;
    byId('position').focus();
  });
}

function listen() {
  byId('previous').addEventListener('click', () => toSentence(state.sentence - 1));
  byId('next').addEventListener('click', () => toSentence(state.sentence + 1));
  byId('step-back').addEventListener('click', () => toStep(state.step - 1));
  byId('step-on').addEventListener('click', () => toStep(state.step + 1));
  byId('stretch').addEventListener('change', (event) => show({stretch: event.target.checked}));
  byId('pair').addEventListener('keydown', moveAmongWords);
  byId('explorer').addEventListener('keydown', moveAmongHeads);
  byId('steps').addEventListener('keydown', moveAmongSteps);
  byId('reasons').addEventListener('keydown', moveAmongReasons);
  document.addEventListener('keydown', pressKey);
  darkScheme.addEventListener('change', () => { buildRamp(); show({}); });
  window.addEventListener('hashchange', () => { forgetWeights(); show(recall()); });
  let resized = 0;
  window.addEventListener('resize', () => {
    cancelAnimationFrame(resized);
    resized = requestAnimationFrame(() => show({}));
  });
}

function start() {
  byId('title').textContent = data.title;
  byId('description').textContent = data.description;
  byId('picker').hidden = data.records.length < 2;
  byId('main').hidden = byId('keys').hidden = !data.records.length;
  if (!data.records.length) {
    byId('description').textContent = 'There are no sentence pairs to show.';
    return;
  }
  buildRamp();
  buildList();
  listen();
  show(recall());
}

start();
document.documentElement.dataset.ready = 'true';
