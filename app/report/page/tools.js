// ---- Small tools. Text goes in through textContent and setAttribute only, so it is never markup.

const byId = (id) => document.getElementById(id);
const SVG_ELEMENT = /^(svg|g|text|rect|circle|path|title)$/;

function element(name, attributes = {}, text) {
  const node = SVG_ELEMENT.test(name) ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function elementOf(name, attributes, ...children) {
  const node = element(name, attributes);
  node.append(...children);
  return node;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const percent = (share) => `${Math.round(100 * share)}\u202F%`;
// Two significant digits below one percent, where rounding would hide the difference.
const finePercent = (share) => (share > 0 && share < 0.01 ? `${(100 * share).toPrecision(1)}\u202F%` : percent(share));
const minus = (text) => text.replace('-', '\u2212');
// A number that rounds to zero has no sign.
const decimals = (value, digits) => (Number.isFinite(value) ? minus((Number(value.toFixed(digits)) || 0).toFixed(digits)) : '?');
const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

const ruler = document.createElement('canvas').getContext('2d');
const family = getComputedStyle(document.body).fontFamily;

function textWidth(text, size) {
  ruler.font = `${size}px ${family}`;
  return ruler.measureText(text).width;
}

// As much of the text as fits; whole characters, also outside of the basic plane.
function shorten(text, size, room) {
  if (textWidth(text, size) <= room) return text;
  const characters = Array.from(text);
  let low = 1, high = characters.length;  // the longest head that fits lies between
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${characters.slice(0, middle).join('')}…`, size) <= room) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join('')}…`;
}

// Whether the first letter that has a direction runs from right to left.
function isRightToLeft(text) {
  const letter = /\p{L}/u.exec(text);
  return letter !== null && /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(letter[0]);
}

// ---- Colour: one hue, lightness in even steps of OKLab, so that twice as strong looks twice as far
// from the background; in the dark the same steps upwards.

function oklch(lightness, chroma, hue) {
  const a = chroma * Math.cos(hue * Math.PI / 180), b = chroma * Math.sin(hue * Math.PI / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s];
  return linear.map((c) => Math.round(255 * clamp(c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055, 0, 1)));
}

const darkScheme = matchMedia('(prefers-color-scheme: dark)');
let ramp = [];  // 256 colours, each [red, green, blue]
let rampPixels = new Uint32Array();  // the same as ImageData holds them

function buildRamp() {
  const isDark = darkScheme.matches;
  const [from, to] = isDark ? [0.255, 0.93] : [0.965, 0.3];
  ramp = Array.from({length: 256}, (_, i) => {
    const t = i / 255;
    const chroma = (isDark ? 0.022 : 0.008) + 0.13 * Math.sin(Math.PI * 0.86 * t);
    return oklch(from + (to - from) * t, chroma, isDark ? 262 - 30 * t : 242 + 22 * t);
  });
  rampPixels = new Uint32Array(new Uint8Array(ramp.flatMap((colour) => [...colour, 255])).buffer);
}

const rampPlace = (share) => Math.round(255 * clamp(share, 0, 1));

// The background for a weight, and the ink that is legible on it.
function shading(share) {
  const colour = ramp[rampPlace(share)];
  const isLight = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 140;
  return `background:rgb(${colour.join(' ')});color:${isLight ? '#10151c' : '#ffffff'}`;
}

// A picture with one pixel a weight; `top` is the weight that gets the strongest colour.
function picture(weights, columns, top, attributes = {}) {
  const rows = weights.length / columns;
  const canvas = element('canvas', {...attributes, width: columns, height: rows});
  const pixels = new Uint32Array(weights.length);
  for (let i = 0; i < weights.length; ++i) pixels[i] = rampPixels[rampPlace(weights[i] / top)];
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
  return canvas;
}

// A row of buttons of which one is chosen; choosing draws them anew, and the keyboard's place must
// outlive that.
function segments(id, values, current, label, choose) {
  byId(id).replaceChildren(...values.map((value, i) => {
    const button = element('button', {type: 'button', 'aria-pressed': value === current}, label(value));
    button.addEventListener('click', () => {
      choose(value);
      byId(id).querySelectorAll('button')[i]?.focus({preventScroll: true});
    });
    return button;
  }));
}
