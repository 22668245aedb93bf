// ---- The sentence pair and its links.

const SIZES = [[17, 16], [15, 12], [13.5, 9], [12.5, 7]];  // of the words and the gaps between them

// Lays the units of one line side by side, from the right where they are read so; the spare room
// goes between them.
function placeUnits(list, size, gap, width) {
  const widths = list.map((unit) => textWidth(unit, size));
  const natural = widths.reduce((sum, each) => sum + each, 0) + gap * Math.max(list.length - 1, 0);
  const spread = list.length > 1 ? Math.min((width - natural) / (list.length - 1), gap * 2.5) : 0;
  let x = (width - natural - spread * Math.max(list.length - 1, 0)) / 2;
  const isLeftward = isRightToLeft(list.join(' '));
  return widths.map((each) => {
    const center = x + each / 2;
    x += each + gap + spread;
    return isLeftward ? width - center : center;
  });
}

const SIGNS = {  // in the middle of a link: what gold says of it
  hit: () => [], chosen: () => [],
  false: (x, y) => [element('path', {class: 'sign false', d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8`})],
  missed: (x, y) => [element('circle', {class: 'sign missed', cx: x, cy: y, r: 4})],
};

// A word that answers to pointer and keyboard. One stop of the Tab key a side; the arrows go on.
function makeWord(node, side, index) {
  node.setAttribute('tabindex', index === 0 ? 0 : -1);
  node.setAttribute('data-side', side);
  node.setAttribute('data-index', index);
  const pickThis = () => pickItem(side, index, 'unit');
  node.addEventListener('pointerenter', pickThis);
  node.addEventListener('focus', pickThis);
  node.addEventListener('pointerleave', () => pick([]));
  node.addEventListener('blur', () => pick([]));
  if (side === 'target') node.addEventListener('click', () => showWord(index));
  return node;
}

function moveAmongWords(event) {
  const {side, index} = event.target.dataset;
  if (side === undefined) return;
  const around = event.target.closest('svg') ?? byId('text');
  const across = {ArrowDown: 'target', ArrowUp: 'source'}[event.key];
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  const direction = isRightToLeft(record()[side]) ? -1 : 1;
  const goal = across ? around.querySelector(`[data-side="${across}"].partner`)
    : by && around.querySelector(`[data-side="${side}"][data-index="${Number(index) + by * direction}"]`);
  if (event.key === 'Enter' && side === 'target') showWord(Number(index));
  if (!goal) return;
  event.preventDefault();
  goal.focus();
}

// What the lower panels are about follows the word that is clicked.
function showWord(word) {
  const firstPiece = record().pieces?.target_units.findIndex((list) => list.includes(word)) ?? word;
  show({word, step: Math.max(0, firstPiece)});
}

function drawLinks(svg, curve) {
  const paths = [];
  for (const link of judgedLinks()) {
    const {d, x, y} = curve(link.source, link.target);
    const path = element('path', {d, class: `link ${link.verdict}`, 'stroke-width': 1.2 + 1.6 * link.probability,
      'stroke-opacity': link.verdict === 'missed' ? 1 : 0.3 + 0.7 * link.probability});
    const nodes = [path, ...SIGNS[link.verdict](x, y)];
    svg.append(...nodes);
    paths.push({...link, nodes});
  }
  return paths;
}

// Source above, target below.
function drawAcross(lines, size, gap, room) {
  const width = Math.max(naturalWidth(lines, size, gap), Math.min(room, naturalWidth(lines, size, gap * 2)));
  const places = lines.map((list) => placeUnits(list, size, gap, width).map((x) => x + 4));
  const svg = element('svg', {class: 'links', width: width + 8, height: 190});
  const paths = drawLinks(svg, (source, target) => {
    const from = places[0][source], to = places[1][target];
    return {d: `M${from} 37C${from} 72 ${to} 118 ${to} 153`, x: (from + to) / 2, y: 95};
  });
  const words = lines.flatMap((list, side) => list.map((unit, i) => element('text', {x: places[side][i],
    y: side ? 174 : 28, 'text-anchor': 'middle', 'font-size': size}, unit)));
  return {svg, paths, words};
}

// For what is too long for that: source on the left, target on the right.
function drawDown(lines) {
  const step = 22, size = 14, between = 260;
  const widths = lines.map((list) => Math.min(longestText(list, size), LABEL_ROOM * 1.6));
  const left = widths[0] + 8, right = left + between;
  const height = Math.max(...lines.map((list) => list.length)) * step + 8;
  const y = (side, i) => (i + 0.5) * (height - 8) / Math.max(1, lines[side].length) + 4;
  const svg = element('svg', {class: 'links', width: right + widths[1] + 8, height});
  const paths = drawLinks(svg, (source, target) => {
    const from = y(0, source), to = y(1, target);
    return {d: `M${left + 6} ${from}C${left + 90} ${from} ${right - 90} ${to} ${right - 6} ${to}`, x: (left + right) / 2, y: (from + to) / 2};
  });
  const words = lines.flatMap((list, side) => list.map((unit, i) => element('text', {x: side ? right : left, y: y(side, i),
    'text-anchor': side ? 'start' : 'end', 'dominant-baseline': 'central', 'font-size': size},
  shorten(unit, size, LABEL_ROOM * 1.6))));
  return {svg, paths, words};
}

const naturalWidth = (lines, size, gap) => Math.max(...lines.map((list) =>
  list.reduce((sum, unit) => sum + textWidth(unit, size) + gap, 0)));

function drawAlignment() {
  const pair = record();
  const lines = [pair.source_units.slice(0, -1), pair.target_units.slice(0, -1)];
  const room = byId('alignment').clientWidth - 8;
  const fitting = SIZES.find(([size, gap]) => naturalWidth(lines, size, gap) <= room);
  const {svg, paths, words} = fitting ? drawAcross(lines, ...fitting, room) : drawDown(lines);
  const sides = lines.flatMap((list, side) => list.map((unit, index) => ({unit, index, side: side ? 'target' : 'source'})));
  const isLinked = ({side, index}) => judgedLinks().some((link) => link.verdict !== 'missed' && link[side] === index);
  const nodes = sides.map((item, i) => {
    const node = makeWord(words[i], item.side, item.index);
    node.classList.toggle('off', !isLinked(item));
    node.append(element('title', {}, item.unit));
    return {...item, node};
  });
  svg.append(...words);
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-label', `${plural(pair.links.length, 'link')} between source and target`);
  byId('alignment').replaceChildren(...(sides.length ? [svg] : []));
  byId('text').hidden = Boolean(fitting);
  nodes.push(...drawText(fitting ? [] : sides, isLinked, nodes));
  watch('pair', (partners) => {
    svg.classList.toggle('dim', isPicking());
    for (const {node, side, index} of nodes) showStanding(node, standing(partners, side, index, 'unit'));
    for (const link of paths) {
      const isOn = picked.source.has(link.source) || picked.target.has(link.target);
      link.nodes.forEach((node) => node.classList.toggle('on', isOn));
    }
  });
  drawLinkKey();
}

// Both sentences as running text, where the drawing cannot be read as such.
function drawText(sides, isLinked, drawn) {
  const nodes = sides.map((item, i) => {
    const node = makeWord(element('span', {class: isLinked(item) ? 'word' : 'word off'}, item.unit), item.side, item.index);
    const reveal = () => { byId('alignment').scrollTop = drawn[i].node.getAttribute('y') - byId('alignment').clientHeight / 2; };
    node.addEventListener('pointerenter', reveal);
    node.addEventListener('focus', reveal);
    return {...item, node};
  });
  for (const side of ['source', 'target']) {
    const own = nodes.filter((item) => item.side === side).flatMap(({node}) => [node, ' ']);
    byId(side).replaceChildren(...own);
  }
  return nodes;
}

function drawLinkKey() {
  const {links, link_source: from, gold_possible: gold} = record();
  const entry = (verdict, text) => elementOf('span', {}, elementOf('svg', {class: 'links wide', viewBox: '0 0 34 14', 'aria-hidden': 'true'},
    element('path', {class: `link ${verdict}`, d: 'M1 7H33', 'stroke-width': 2.2}), ...SIGNS[verdict](17, 7)), text);
  const keys = gold ? [entry('hit', 'hit'), entry('false', 'false: not in the gold links'), entry('missed', 'missed: sure, not chosen')] : [];
  const origin = from ? `Links: ${from}. ` : '';
  const note = links.length ? `${origin}A bolder line is a stronger link; words in grey have none.`
    : `${origin}No links were chosen for this pair.`;
  byId('link-key').replaceChildren(...keys, element('span', {}, note));
}

function drawPair() {
  const pair = record();
  const count = (list, side) => `${list.length - 1} ${side} ${pair.unit}${list.length === 2 ? '' : 's'}`;
  byId('facts').textContent = [`Line ${pair.line}`, count(pair.source_units, 'source'),
    count(pair.target_units, 'target'), `log-probability ${decimals(pair.log_probability ?? NaN, 2)}`].join(' \u00b7 ');
  byId('scores').hidden = !pair.scores;
  if (pair.scores) {
    const {aer, precision, recall} = pair.scores;
    byId('scores').textContent = `AER ${(100 * aer).toFixed(1)}\u202F% \u00b7 precision ${(100 * precision).toFixed(1)}\u202F%`
      + ` \u00b7 recall ${(100 * recall).toFixed(1)}\u202F%`;
  }
  byId('position').textContent = `${state.sentence + 1} of ${data.records.length}`;
  byId('previous').disabled = state.sentence === 0;
  byId('next').disabled = state.sentence === data.records.length - 1;
  byId('sentences').querySelectorAll('button').forEach((button, i) =>
    button.setAttribute('aria-current', i === state.sentence));
  drawAlignment();
}
