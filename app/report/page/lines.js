// ---- The same weights as lines between two columns of units (as BertViz, Vig 2019, draws them).

const LINES_WIDTH = 280;
const FAINTEST = 0.02;  // weights below are left out

function planLines(rows, columns) {
  const count = Math.max(rows.length, columns.length);
  const step = clamp(Math.round(900 / count), 17, 30);
  const left = Math.min(longestText(rows, 13), LABEL_ROOM) + 12;
  const offset = (list) => 8 + (count - list.length) * step / 2;  // both columns are centred
  return {rows, columns, step, left, size: 13, every: 1, right: left + LINES_WIDTH, height: count * step + 16,
    rowTop: offset(rows), columnTop: offset(columns),
    width: left + LINES_WIDTH + Math.min(longestText(columns, 13), LABEL_ROOM) + 60};
}

function drawLineLabels(svg, {rows, columns, step, left, right, rowTop, columnTop, ...plan}) {
  const place = (top, i) => top + (i + 0.5) * step;
  const rowLabels = rows.map((_, i) => unitLabel(rows, i, plan,
    {x: left - 8, y: place(rowTop, i), 'text-anchor': 'end', 'dominant-baseline': 'central'}));
  const columnLabels = columns.map((_, i) => unitLabel(columns, i, plan,
    {x: right + 8, y: place(columnTop, i), 'dominant-baseline': 'central'}));
  const values = columns.map((unit, i) => element('text', {class: 'value', 'dominant-baseline': 'central',
    x: right + 18 + Math.min(textWidth(unit, 13), LABEL_ROOM), y: place(columnTop, i)}));
  svg.append(...rowLabels, ...columnLabels, ...values);
  return {rowLabels, columnLabels, values};
}

// Lines of all rows, or of the rows and columns that `wanted` says; a stronger weight is darker and
// thicker.
function strokeLines(canvas, weights, scale, {rows, columns, step, rowTop, columnTop}, wanted) {
  const context = canvas.getContext('2d'), sharpness = Math.max(1, window.devicePixelRatio);
  context.setTransform(sharpness, 0, 0, sharpness, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = getComputedStyle(document.body).getPropertyValue('--accent');
  context.lineCap = 'round';
  for (let row = 0; row < rows.length; ++row) {
    for (let column = 0; column < columns.length; ++column) {
      const share = weights[row * columns.length + column] / scale;
      if (share < FAINTEST || !wanted(row, column)) continue;
      context.globalAlpha = clamp(share, 0.05, 1);
      context.lineWidth = 0.8 + 2.2 * share;
      const from = rowTop + (row + 0.5) * step, to = columnTop + (column + 0.5) * step;
      context.beginPath();
      context.moveTo(2, from);
      context.bezierCurveTo(LINES_WIDTH * 0.4, from, LINES_WIDTH * 0.6, to, LINES_WIDTH - 2, to);
      context.stroke();
    }
  }
}

function drawLines(plot, weights) {
  const kind = KINDS[state.kind];
  const plan = planLines(labels(kind.rows), labels(kind.columns));
  const {rows, columns, left, right, step, height, width, rowTop, columnTop} = plan;
  const scale = state.stretch ? strongest(weights) || 1 : 1;
  const sharpness = Math.max(1, window.devicePixelRatio);
  const canvas = element('canvas', {width: LINES_WIDTH * sharpness, height: height * sharpness,
    style: `left:${left}px;top:0;width:${LINES_WIDTH}px;height:${height}px`});
  const svg = element('svg', {width, height});
  const texts = drawLineLabels(svg, plan);
  plot.style.width = `${width}px`;
  plot.style.height = `${height}px`;
  plot.replaceChildren(canvas, svg);
  let pointed = null;  // the row or column that the pointer is on
  watch('map', (partners) => {
    // A word pointed at elsewhere may stand on one side here, or only its partners may.
    const now = (side) => (_, i) => standing(partners, side, i);
    const rowsNow = rows.map(now(kind.rows)), columnsNow = columns.map(now(kind.columns));
    texts.rowLabels.forEach((node, i) => showStanding(node, rowsNow[i]));
    texts.columnLabels.forEach((node, i) => showStanding(node, columnsNow[i]));
    const first = ['on', 'partner'].find((what) => rowsNow.includes(what) || columnsNow.includes(what));
    const wanted = (row, column) => {
      if (pointed) return pointed.row >= 0 ? row === pointed.row : column === pointed.column;
      return !first || rowsNow[row] === first || (!rowsNow.includes(first) && columnsNow[column] === first);
    };
    const row = pointed ? pointed.row : rowsNow.indexOf(first);
    texts.values.forEach((node, i) => {
      const weight = row >= 0 ? weights[row * columns.length + i] : 0;
      node.textContent = weight >= FAINTEST ? weight.toFixed(2) : '';
    });
    strokeLines(canvas, weights, scale, plan, wanted);
  });
  strokeLines(canvas, weights, scale, plan, () => true);
  const at = (y, top, list) => { const i = Math.floor((y - top) / step); return i >= 0 && i < list.length ? i : -1; };
  plot.onpointermove = (event) => {
    const box = plot.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const isLeft = x < left + LINES_WIDTH / 2;
    const row = isLeft ? at(y, rowTop, rows) : -1, column = isLeft || x > right + LABEL_ROOM ? -1 : at(y, columnTop, columns);
    pointed = row >= 0 || column >= 0 ? {row, column} : null;
    if (!pointed) pick([]);
    else if (row >= 0) pickItem(kind.rows, row);
    else pickItem(kind.columns, column);
  };
  plot.onpointerdown = plot.onpointermove;
  plot.onpointerleave = () => { pointed = null; pick([]); };
  return scale;
}
