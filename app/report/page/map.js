// ---- The heat map of a head.

const GAP = 48;  // between the heat map and the heads beside it, as in the style sheet
const HEAD_ROOM = 46;  // the least a head needs to stand beside the map
const LABEL_ROOM = 150;
const LABEL_LINE = 11;  // the least between two labels; those in between show when pointed at

const longestText = (list, size) => list.reduce((most, unit) => Math.max(most, textWidth(unit, size)), 0);

// Where the parts of the heat map lie. The cells take the room there is, within legible bounds.
// The heads stand beside the map unless that would make its cells too small; then below.
function planMap(rows, columns, stage) {
  const left = Math.min(longestText(rows, 13), LABEL_ROOM) + 12;
  const columnText = longestText(columns, 13);
  const slanted = Math.min(columnText, LABEL_ROOM);
  const around = left + slanted * 0.64;
  const beside = stage - headsWidth(HEAD_ROOM) - GAP;
  const room = beside >= around + columns.length * 16 ? beside : stage;
  const cell = Math.floor(clamp((room - around) / columns.length, columns.length > 90 ? 8 : 14, 40));
  const level = columnText <= cell - 4;
  return {rows, columns, left, cell, level, size: clamp(cell - 2.5, 10.5, 13), every: Math.ceil(LABEL_LINE / cell),
    top: level ? 26 : slanted * 0.77 + 20, width: left + cell * columns.length + (level ? 0 : slanted * 0.64)};
}

// A picture with one pixel a weight enlarged, with a thin gap between the cells, sharp on any screen.
function enlarge(small, {cell, left, top}) {
  const width = small.width * cell, height = small.height * cell, sharpness = Math.max(1, window.devicePixelRatio);
  const canvas = element('canvas', {width: width * sharpness, height: height * sharpness,
    style: `left:${left}px;top:${top}px;width:${width}px;height:${height}px`});
  const context = canvas.getContext('2d');
  context.scale(sharpness, sharpness);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width, height);
  for (let x = cell - 1; x < width; x += cell) context.clearRect(x, 0, 1, height);
  for (let y = cell - 1; y < height; y += cell) context.clearRect(0, y, width, 1);
  return canvas;
}

function unitLabel(list, index, {size, every}, attributes) {
  const text = list[index];
  const classes = [isEdge(text, index, list.length) ? 'edge' : '', index % every ? 'skip' : ''].join(' ').trim();
  const label = element('text', {...attributes, 'font-size': size, 'data-unit': text, class: classes},
    shorten(text, size, LABEL_ROOM));
  label.append(element('title', {}, text));
  return label;
}

function drawMapLabels(svg, plan) {
  const {left, top, cell, level, rows, columns} = plan;
  const rowLabels = rows.map((_, i) => unitLabel(rows, i, plan,
    {x: left - 8, y: top + (i + 0.5) * cell, 'text-anchor': 'end', 'dominant-baseline': 'central'}));
  const columnLabels = columns.map((_, i) => {
    const x = left + (i + 0.5) * cell - 0.5, y = top - 8;
    return unitLabel(columns, i, plan, level ? {x, y, 'text-anchor': 'middle'}
      : {x, y, transform: `rotate(-50 ${x} ${y})`, 'dominant-baseline': 'central'});
  });
  svg.append(...rowLabels, ...columnLabels);
  return {rowLabels, columnLabels};
}

// The rows or columns that stand for a unit; links between units become rectangles of pieces.
function placesOf(side, unit) {
  return labels(side).flatMap((_, i) => (unitsAt(side, i).includes(unit) ? [i] : []));
}

function markBox({left, top, cell}, source, target) {
  const xs = placesOf('source', source), ys = placesOf('target', target);
  if (!xs.length || !ys.length) return null;
  return {x: left + xs[0] * cell, y: top + ys[0] * cell,
    width: (xs.at(-1) - xs[0] + 1) * cell - 1, height: (ys.at(-1) - ys[0] + 1) * cell - 1};
}

const MARKS = {  // each in a box of its own, told apart by shape
  hit: (box, r) => dotIn(box, r), chosen: (box, r) => dotIn(box, r), false: (box, r) => crossIn(box, r), missed: () => [],
};

function dotIn({x, y, width, height}, r) {
  return [element('circle', {class: 'dot', cx: x + width / 2, cy: y + height / 2, r})];
}

function crossIn({x, y, width, height}, r) {
  const cx = x + width / 2, cy = y + height / 2, a = r * 1.1;
  const d = `M${cx - a} ${cy - a}L${cx + a} ${cy + a}M${cx - a} ${cy + a}L${cx + a} ${cy - a}`;
  return [element('path', {class: 'halo', d}), element('path', {class: 'wrong', d})];
}

function squareIn({x, y, width, height}, isSure) {
  const place = {x: x + 1, y: y + 1, width: width - 2, height: height - 2, rx: 1.5};
  return [element('rect', {class: 'halo', ...place}), element('rect', {class: isSure ? 'gold' : 'gold possible', ...place})];
}

// Links chosen and links of the annotators, on the cross-attention they are about.
function drawMarks(svg, plan) {
  const pair = record();
  const r = clamp(plan.cell / 8, 2, 3.4);
  const sure = new Set((pair.gold_sure ?? []).map(String));
  const add = (source, target, make) => {
    const box = markBox(plan, source, target);
    if (box) svg.append(...make(box));
  };
  for (const link of pair.gold_possible ?? []) add(...link, (box) => squareIn(box, sure.has(String(link))));
  for (const {source, target, verdict} of judgedLinks()) add(source, target, (box) => MARKS[verdict](box, r));
}

function drawMarkKey() {
  const {links, gold_possible: gold} = record();
  const box = {x: 1, y: 1, width: 12, height: 12};
  const entry = (text, ...shapes) => elementOf('span', {}, elementOf('svg', {viewBox: '0 0 14 14', 'aria-hidden': 'true'},
    ...shapes.flat()), text);
  const keys = [];
  if (state.kind === 'cross' && gold) {
    keys.push(entry('hit', squareIn(box, true), dotIn(box, 2.6)), entry('missed, sure', squareIn(box, true)),
      entry('not chosen, possible', squareIn(box, false)), entry('false', crossIn(box, 3)));
  } else if (state.kind === 'cross' && links.length) {
    keys.push(entry('chosen link', dotIn(box, 3.2)));
  }
  byId('mark-key').replaceChildren(...keys);
}

function drawMap(plot, weights) {
  const kind = KINDS[state.kind];
  const plan = planMap(labels(kind.rows), labels(kind.columns), byId('stage').clientWidth);
  const {left, top, cell, rows, columns} = plan;
  const scale = state.stretch ? strongest(weights) || 1 : 1;
  const height = top + rows.length * cell;
  const svg = element('svg', {width: plan.width, height});
  const texts = drawMapLabels(svg, plan);
  if (state.kind === 'cross') drawMarks(svg, plan);
  const bands = element('g');
  svg.append(bands);
  plot.style.width = `${plan.width}px`;
  plot.style.height = `${height}px`;
  plot.replaceChildren(enlarge(picture(weights, columns.length, scale), plan), svg);
  watch('map', (partners) => {
    bands.replaceChildren();
    const follow = (nodes, side, band) => nodes.forEach((node, i) => {
      const now = standing(partners, side, i);
      showStanding(node, now);
      if (now) bands.append(element('rect', {class: now === 'on' ? 'band' : 'band partner', ...band(i)}));
    });
    follow(texts.rowLabels, kind.rows, (i) => ({x: left, width: columns.length * cell - 1, y: top + i * cell, height: cell - 1}));
    follow(texts.columnLabels, kind.columns, (i) => ({x: left + i * cell, width: cell - 1, y: top, height: rows.length * cell - 1}));
  });
  followPointer(plot, (x, y) => {
    const column = Math.floor((x - left) / cell), row = Math.floor((y - top) / cell);
    if (row < rows.length && column < columns.length && (row >= 0 || column >= 0)) return {row, column};
    return null;
  }, weights);
  return scale;
}

// Marks what the pointer is on, and tells the weight between the two. `locate` gives the row and the
// column at a place of the plot; one of them may be -1, on a label.
function followPointer(plot, locate, weights) {
  const kind = KINDS[state.kind], rows = labels(kind.rows), columns = labels(kind.columns);
  const follow = (event) => {
    const box = plot.getBoundingClientRect();
    const place = locate(event.clientX - box.left, event.clientY - box.top);
    if (!place) { hideTip(); pick([]); return; }
    const {row, column} = place;
    const units = {source: [], target: []};
    if (row >= 0) units[sideName(kind.rows)].push(...unitsAt(kind.rows, row));
    if (column >= 0) units[sideName(kind.columns)].push(...unitsAt(kind.columns, column));
    pick([...new Set(units.source)], [...new Set(units.target)]);
    if (row >= 0 && column >= 0) {
      showTip(event, weights[row * columns.length + column].toFixed(3), `${rows[row]} \u2192 ${columns[column]}`);
    } else hideTip();
  };
  plot.onpointermove = follow;
  plot.onpointerdown = follow;
  plot.onpointerleave = () => { hideTip(); pick([]); };
}

function showTip(event, strong, text) {
  const tip = byId('tip');
  tip.replaceChildren(element('b', {}, strong), `\u2002${text}`);
  tip.hidden = false;
  tip.style.left = `${clamp(event.clientX + 16, 4, window.innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${clamp(event.clientY + 18, 4, window.innerHeight - tip.offsetHeight - 8)}px`;
}

const hideTip = () => { byId('tip').hidden = true; };

// The map or the lines, whichever is chosen, with its words.
function drawPlot() {
  const weights = weightsOf(state.kind, state.layer, state.head);
  const plot = byId('plot');
  byId('explorer').hidden = !weights;
  if (!weights) { plot.replaceChildren(); return; }
  const kind = KINDS[state.kind], count = distinct('head').length;
  const scale = (state.view === 'map' ? drawMap : drawLines)(plot, weights);
  const head = state.head === MEAN ? `mean of ${plural(count, 'head')}` : `head ${state.head}`;
  byId('shown').textContent = `${kind.title}, layer ${state.layer}, ${head}`;
  byId('reading').textContent = state.view === 'map' ? kind.reading
    : 'On the left who asks, on the right what is looked at; point at a unit to see its weights.';
  plot.setAttribute('aria-label', `${state.view === 'map' ? 'Heat map' : 'Lines'} of ${labels(kind.rows).length} rows and `
    + `${labels(kind.columns).length} columns. Arrow keys change layer and head.`);
  byId('top').textContent = scale === 1 ? '1' : scale.toFixed(2);
  byId('ramp').replaceChildren(picture(Float32Array.from({length: 150}, (_, i) => i / 149), 150, 1));
  drawMarkKey();
  byId('mark-key').hidden = state.view !== 'map';
}
