// ---- What is shown, and the data behind it.

const data = JSON.parse(byId('heed-data').textContent);
const MEAN = 'mean';
const KINDS = {  // in the order of their buttons; whose units a kind's rows and columns are
  cross: {name: 'cross', title: 'Cross-attention', rows: 'target', columns: 'source',
    reading: 'A row is the target unit being produced, a column the source unit looked at.'},
  encoder_self: {name: 'encoder self', title: 'Encoder self-attention', rows: 'source', columns: 'source',
    reading: 'A row is the source unit being encoded, a column the source unit looked at.'},
  decoder_self: {name: 'decoder self', title: 'Decoder self-attention', rows: 'target', columns: 'input',
    reading: 'A row is the target unit being produced, a column an earlier target unit looked at.'},
};
// `level`: 'unit' is what links are between, 'piece' what the model reads and writes. `step` and
// `word` are the output piece and the target unit that the lower panels are about.
const state = {sentence: 0, kind: 'cross', layer: -1, head: MEAN, level: 'unit', view: 'map', stretch: false,
  step: 0, word: 0};

const record = () => data.records[state.sentence];
const kindsOf = (pair) => Object.keys(KINDS).filter((kind) => pair.attention.some((m) => m.kind === kind));
const distinctOf = (kind, field) => [...new Set(record().attention.filter((m) => m.kind === kind).map((m) => m[field]))]
  .sort((a, b) => a - b);
const distinct = (field) => distinctOf(state.kind, field);
const headName = (head) => (head === MEAN ? 'mean' : String(head));
const hasPieces = () => record().pieces !== undefined;
const levelsOf = () => (hasPieces() ? ['unit', 'piece'] : ['unit']);

// ---- Units. A side is 'source', 'target', or 'input': what a decoder step can look at.

function labels(side, level = state.level) {
  const pair = record();
  if (level === 'unit') return {source: pair.source_units, target: pair.target_units, input: pair.target_input_units}[side];
  if (side === 'input') return ['<s>', ...pair.pieces.target.slice(0, -1)];
  return pair.pieces[side];
}

// The units (of links) that item `index` of a side belongs to. <s> belongs to none of the target's.
function unitsAt(side, index, level = state.level) {
  if (side === 'input') return index === 0 ? [] : unitsAt('target', index - 1, level);
  if (level === 'unit') return [index];
  return record().pieces[`${side}_units`][index];
}

const sideName = (side) => (side === 'input' ? 'target' : side);  // whose units they are
const isEdge = (unit, index, count) => (unit === '</s>' && index === count - 1) || (unit === '<s>' && index === 0);

// ---- Weights.

function decodeWeights(text) {
  const bytes = atob(text);
  const weights = new Float32Array(bytes.length / 2);
  for (let i = 0; i < weights.length; ++i) {
    weights[i] = (bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1)) / data.weight_scale;
  }
  return weights;
}

// The units of each piece, for one axis of a matrix; <s> is the first unit of the decoder's input.
function pieceMap(side) {
  const {pieces} = record();
  if (side !== 'input') return pieces[`${side}_units`];
  return [[0], ...pieces.target_units.slice(0, -1).map((list) => list.map((unit) => unit + 1))];
}

// Sums over the columns of a unit, means over its rows; a column of several units is shared evenly
// (Clark et al. 2019). The same rule as in app/align/unit_merge.h.
function mergeToUnits(weights, kind) {
  const rows = pieceMap(KINDS[kind].rows), columns = pieceMap(KINDS[kind].columns);
  const height = labels(KINDS[kind].rows, 'unit').length, width = labels(KINDS[kind].columns, 'unit').length;
  const pieceCounts = new Array(height).fill(0);
  for (const list of rows) for (const unit of list) ++pieceCounts[unit];
  const merged = new Float32Array(width * height);
  rows.forEach((rowUnits, row) => columns.forEach((columnUnits, column) => {
    const weight = weights[row * columns.length + column];
    for (const y of rowUnits) for (const x of columnUnits) merged[y * width + x] += weight / columnUnits.length / pieceCounts[y];
  }));
  return merged;
}

let cache = new Map();  // of the present record
const forgetWeights = () => { cache = new Map(); };

function cached(key, make) {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key);
}

// The weights of a head, or the mean of the layer's heads, row by row, from 0 to 1; null when the
// record has none.
function weightsOf(kind, layer, head, level = state.level) {
  return cached([kind, layer, head, level].join(), () => {
    if (level === 'unit' && hasPieces()) {
      const weights = weightsOf(kind, layer, head, 'piece');
      return weights && mergeToUnits(weights, kind);
    }
    const chosen = record().attention.filter((m) => m.kind === kind && m.layer === layer && (head === MEAN || m.head === head));
    if (!chosen.length) return null;
    const each = chosen.map((matrix) => decodeWeights(matrix.weights));
    if (each.length === 1) return each[0];
    return each[0].map((_, i) => each.reduce((sum, weights) => sum + weights[i], 0) / each.length);
  });
}

const strongest = (weights) => weights.reduce((most, weight) => Math.max(most, weight), 0);

// What `kind`, `layer` and `head` come to for cross-attention, where it isn't what is shown.
function crossChoice() {
  if (state.kind === 'cross') return {layer: state.layer, head: state.head};
  return {layer: distinctOf('cross', 'layer').at(-1), head: MEAN};
}

const headTitle = (head) => (head === MEAN ? 'mean of heads' : `head ${head}`);

// Another sentence may lack the kind, layer or head that was shown.
function settle() {
  state.sentence = clamp(state.sentence, 0, data.records.length - 1);
  const kinds = kindsOf(record());
  if (!kinds.includes(state.kind)) state.kind = kinds[0] ?? 'cross';
  const layers = distinct('layer');
  if (!layers.includes(state.layer)) state.layer = layers.at(-1) ?? 0;
  if (!distinct('head').includes(state.head)) state.head = MEAN;
  if (!levelsOf().includes(state.level)) state.level = 'unit';
  state.step = clamp(state.step, 0, Math.max(0, (record().decoding?.steps.length ?? 0) - 1));
  state.word = clamp(state.word, 0, record().target_units.length - 1);
}

// ---- Links, with what gold says of them: 'hit', 'false', 'missed', or 'chosen' without gold.

function judgedLinks() {
  return cached('links', () => {
    const {links, gold_sure: sure = [], gold_possible: possible} = record();
    const has = (list, [source, target]) => list.some((link) => link[0] === source && link[1] === target);
    const chosen = links.map((link) => ({source: link[0], target: link[1], probability: link[2],
      verdict: !possible ? 'chosen' : has(possible, link) ? 'hit' : 'false'}));
    const missed = sure.filter((link) => !has(links, link))
      .map(([source, target]) => ({source, target, probability: 1, verdict: 'missed'}));
    return [...chosen, ...missed];
  });
}

// ---- What the pointer or the keyboard is on, in every drawing at once. `picked` holds units; their
// partners are those they are linked to.

const picked = {source: new Set(), target: new Set()};
let watchers = [];  // of the drawings: each is called when what is picked changes

const watch = (panel, react) => { watchers = [...watchers.filter((w) => w.panel !== panel), {panel, react}]; };
const isPicking = () => picked.source.size + picked.target.size > 0;

function pick(source, target = []) {
  const same = (set, list) => set.size === list.length && list.every((unit) => set.has(unit));
  if (same(picked.source, source) && same(picked.target, target)) return;
  picked.source = new Set(source);
  picked.target = new Set(target);
  const partners = {source: new Set(), target: new Set()};
  for (const link of judgedLinks()) {
    if (link.verdict === 'missed') continue;
    if (picked.source.has(link.source)) partners.target.add(link.target);
    if (picked.target.has(link.target)) partners.source.add(link.source);
  }
  for (const {react} of watchers) react(partners);
}

const pickItem = (side, index, level) => (sideName(side) === 'source' ? pick(unitsAt(side, index, level))
  : pick([], unitsAt(side, index, level)));

// How an item of a side stands to what is picked: 'on', 'partner' or ''.
function standing(partners, side, index, level) {
  const units = unitsAt(side, index, level), name = sideName(side);
  if (units.some((unit) => picked[name].has(unit))) return 'on';
  return units.some((unit) => partners[name].has(unit)) ? 'partner' : '';
}

function showStanding(node, standingNow) {
  node.classList.toggle('on', standingNow === 'on');
  node.classList.toggle('partner', standingNow === 'partner');
}
