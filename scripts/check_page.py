#!/usr/bin/env python3
"""Opens an attention page in headless Chromium, uses it as a reader would, and checks what it shows.

Fails (exit 1) on any script error or console message, on any request to elsewhere, on elements that
only hostile text could have made, and where what is shown is not what the page's data say: units,
links, weights by word and by piece, what pointing at a word marks, decoding steps, rank correlations.
With --json and --pharaoh, what `heed align` gave in these formats for the same pairs must agree too.
Prints "skipped" and exits with 0 where there is no Chromium.

usage: check_page.py PAGE.html [--json FILE] [--pharaoh FILE] [--screenshot FILE.png] [--dark]
"""

import argparse
import base64
import json
import math
import pathlib
import re
import struct
import sys
import time

from chromium import Chromium, find_browser

NEVER_MADE = "img, iframe, object, embed, base, form, audio, video, foreignObject"
SIDES = {"cross": ("target", "source"), "encoder_self": ("source", "source"), "decoder_self": ("target", "input")}
TOLERANCE = 2e-4  # of a weight: 16 bits in the page, six digits in JSON, sums of pieces
RECORDS_SEEN = 5
DECISIVE = 1  # nats of occlusion
ADDRESS_SECONDS = 0.2  # after so long the address tells what is shown


def data_of(page):
    """What the page's data block holds."""
    match = re.search(r'<script type="application/json" id="heed-data">(.*?)</script', page, re.DOTALL)
    return json.loads(match[1])


class Weights:
    """The matrices of one record, decoded and merged here, apart from the page's own script."""

    def __init__(self, record, scale):
        self.record, self.has_pieces = record, "pieces" in record
        self._raw = {}
        for matrix in record["attention"]:
            data = base64.b64decode(matrix["weights"])
            values = struct.unpack(f"<{len(data) // 2}H", data)
            self._raw[matrix["kind"], matrix["layer"], matrix["head"]] = [value / scale for value in values]

    def places(self):
        """(kind, layer, head) of every matrix."""
        return list(self._raw)

    def labels(self, side, by_piece):
        record = self.record
        if not by_piece:
            return record[{"source": "source_units", "target": "target_units", "input": "target_input_units"}[side]]
        return ["<s>", *record["pieces"]["target"][:-1]] if side == "input" else record["pieces"][side]

    def _units(self, side):
        pieces = self.record["pieces"]
        if side == "input":
            return [[0], *([unit + 1 for unit in units] for units in pieces["target_units"][:-1])]
        return pieces[f"{side}_units"]

    def rows(self, place, by_piece):
        """The matrix, a list a row: sums over the columns of a unit, means over its rows."""
        row_side, column_side = SIDES[place[0]]
        raw, stored_by_piece = self._raw[place], self.has_pieces
        width = len(self.labels(column_side, stored_by_piece))
        rows = [raw[i:i + width] for i in range(0, len(raw), width)]
        if by_piece or not stored_by_piece:
            return rows
        row_units, column_units = self._units(row_side), self._units(column_side)
        merged = [[0.0] * len(self.labels(column_side, False)) for _ in self.labels(row_side, False)]
        count = [sum(unit in units for units in row_units) for unit in range(len(merged))]
        for row, targets in zip(rows, row_units):
            for y in targets:
                for weight, columns in zip(row, column_units):
                    for x in columns:
                        merged[y][x] += weight / len(columns) / count[y]
        return merged


def spearman(a, b):
    """Rank correlation; equal values share their mean rank."""
    def ranks(values):
        return [sum(v < value for v in values) + (1 + sum(v == value for v in values)) / 2 for value in values]
    x, y, mean = ranks(a), ranks(b), (len(a) + 1) / 2
    product = sum((p - mean) * (q - mean) for p, q in zip(x, y))
    squares = sum((p - mean) ** 2 for p in x) * sum((q - mean) ** 2 for q in y)
    return product / math.sqrt(squares) if squares else math.nan


def apart(methods, word):
    """Whether occlusion, where there is none the gradient, names another source word than attention, and decidedly."""
    scores = {entry["method"]: entry["scores"][word] for entry in methods}
    judge = scores.get("occlusion", scores.get("gradient"))
    if "attention" not in scores or not judge or max(scores.get("occlusion", [DECISIVE])) < DECISIVE:
        return False
    return judge.index(max(judge)) != scores["attention"].index(max(scores["attention"]))


class Check:
    """One page in a browser, and what was found wrong with it."""

    def __init__(self, chromium, data):
        self.chromium, self.data, self.faults, self.where = chromium, data, [], ""

    def expect(self, holds, what):
        if not holds:
            self.faults.append(f"{self.where}: {what}" if self.where else what)

    def same(self, shown, expected, what):
        self.expect(shown == expected, f"{what}: {shown!r} is shown, {expected!r} expected")

    def ask(self, expression):
        return self.chromium.evaluate(expression)

    def texts(self, selector):
        return self.ask(f"Array.from(document.querySelectorAll({json.dumps(selector)}), (node) => node.textContent)")

    def place(self):
        """What the address says is shown."""
        time.sleep(ADDRESS_SECONDS)
        return dict(pair.split("=") for pair in self.ask("location.hash.slice(1)").split("&"))

    def go(self, **place):
        time.sleep(ADDRESS_SECONDS)  # a late change of the address would undo this one
        wanted = "&".join(f"{key}={value}" for key, value in place.items())
        self.ask(f"new Promise((done) => {{ addEventListener('hashchange', () => setTimeout(done)); location.hash = {json.dumps(wanted)}; }})")

    def everything(self):
        self.same(self.ask("document.documentElement.dataset.ready"), "true", "the script's end")
        if self.data["records"]:
            for index, record in enumerate(self.data["records"][:RECORDS_SEEN]):
                self.where = f"sentence {index + 1}"
                self.sentence(index, record)
            self.where = ""
            self.go(sentence=1)
            self.dark()
        self.same(self.ask(f"document.querySelectorAll({json.dumps(NEVER_MADE)}).length"), 0, "elements made of text")
        self.same(self.ask("Array.from(document.querySelectorAll('*')).filter((node) => Array.from(node.attributes)"
                           ".some((a) => a.name.startsWith('on'))).length"), 0, "elements with event handlers")
        self.faults += self.chromium.complaints
        self.faults += [f"a request to {url}" for url in self.chromium.requests
                        if not url.startswith(("file:", "data:", "about:"))]

    def sentence(self, index, record):
        weights = Weights(record, self.data["weight_scale"])
        self.links(index, record)
        kinds = list(dict.fromkeys(kind for kind, _, _ in weights.places()))
        for kind in kinds:
            place = [place for place in weights.places() if place[0] == kind][-1]
            self.go(sentence=index + 1, kind=kind, layer=place[1], head=place[2])
            self.matrix(weights, place, by_piece=False)
            if weights.has_pieces:
                self.chromium.press("u")
                shown = self.place()
                self.same((shown["units"], shown["kind"], shown["layer"], shown["head"], shown["sentence"]),
                          ("piece", kind, str(place[1]), str(place[2]), str(index + 1)), "the place after switching units")
                self.matrix(weights, place, by_piece=True)
        if kinds:
            self.heads(weights, index)
        self.steps(index, record, weights)
        self.reasons(index, record)

    def links(self, index, record):
        self.go(sentence=index + 1)
        gold = record.get("gold_possible")
        self.expect(record.get("link_source", "") in self.ask("document.getElementById('link-key').textContent"), "where links come from")
        def verdict(link):
            return "chosen" if gold is None else "hit" if link[:2] in gold else "false"
        links = [(link[0], link[1], verdict(link)) for link in record["links"]]
        chosen = [link[:2] for link in record["links"]]
        links += [(s, t, "missed") for s, t in record.get("gold_sure", []) if [s, t] not in chosen]
        for name in ("chosen", "hit", "false", "missed"):
            self.same(self.ask(f"document.querySelectorAll('#alignment path.link.{name}').length"),
                      sum(link[2] == name for link in links), f"lines of {name} links")
        if gold is not None:
            hits = sum(link in gold for link in chosen)
            sure = sum(link in record["gold_sure"] for link in chosen)
            aer = 1 - (hits + sure) / (len(chosen) + len(record["gold_sure"]))
            self.expect(f"AER {100 * aer:.1f}" in self.ask("document.getElementById('scores').textContent"), f"AER is not {aer:.3f}")
        if links and links[0][2] != "missed":
            source, target, _ = links[0]
            word = f'#alignment [data-side="source"][data-index="{source}"]'
            partner = f'#alignment [data-side="target"][data-index="{target}"]'
            for act in (lambda: self.chromium.hover(word), lambda: self.ask(f"document.querySelector('{word}').focus()")):
                self.chromium.point(1, 1)
                self.same(self.ask(f"document.querySelector('{partner}').classList.contains('partner')"), False, "a partner unasked")
                act()
                self.same(self.ask(f"document.querySelector('{partner}').classList.contains('partner')"), True, "the partner pointed at")
                self.expect(self.ask("document.querySelectorAll('#alignment path.link.on').length") > 0, "no link lit")
                self.ask("document.activeElement.blur()")

    def matrix(self, weights, place, by_piece):
        row_side, column_side = SIDES[place[0]]
        rows, columns = weights.labels(row_side, by_piece), weights.labels(column_side, by_piece)
        expected = weights.rows(place, by_piece)
        self.same(self.ask("Array.from(document.querySelectorAll('#plot [data-unit]'), (n) => n.dataset.unit)"),
                  [*rows, *columns], f"units of {place[0]}")
        cells = {(0, 0), (len(rows) - 1, len(columns) - 1), (len(rows) // 2, len(columns) // 3)}
        for row, column in cells:
            self.ask(f"document.querySelectorAll('#plot [data-unit]')[{row}].scrollIntoView({{block: 'center', inline: 'center'}})")
            x, y = self.ask(f"""(() => {{
                const plot = document.getElementById('plot'), map = plot.querySelector('canvas');
                const cell = map.getBoundingClientRect().width / {len(columns)};
                const scroll = plot.parentElement;
                scroll.scrollLeft = {column} * cell;
                const box = map.getBoundingClientRect();
                return [box.x + ({column} + 0.4) * cell, box.y + ({row} + 0.4) * cell];
            }})()""")
            self.chromium.point(x, y)
            tip = self.ask("document.getElementById('tip').hidden ? '' : document.getElementById('tip').textContent")
            self.expect(bool(tip) and abs(float(tip.split()[0]) - expected[row][column]) < 5.1e-4 + TOLERANCE,
                        f"{place} at {row}, {column}: the tip says {tip!r}, the data {expected[row][column]:.4f}")
            if place[0] == "cross" and not by_piece:
                for side, unit, count in (("target", row, len(rows)), ("source", column, len(columns))):
                    word = f'#alignment [data-side="{side}"][data-index="{unit}"]'
                    lit = self.ask(f"document.querySelector('{word}')?.classList.contains('on') ?? null")
                    self.same(lit, True if unit < count - 1 else None, f"{side} word {unit} lit from the map")
        self.chromium.point(1, 1)

    def heads(self, weights, index):
        kind, layer, head = next(iter(weights.places()))
        self.go(sentence=index + 1, kind=kind, layer=layer, head=head)
        self.chromium.press("l")
        self.same(self.place()["as"], "lines", "the view")
        box = self.ask("(() => { const b = document.querySelector('#plot [data-unit]').getBoundingClientRect(); scrollBy(0, b.y - 300); "
                       "const c = document.querySelector('#plot [data-unit]').getBoundingClientRect(); return [c.right - 3, c.y + c.height / 2]; })()")
        self.chromium.point(*box)
        first_row = weights.rows((kind, layer, head), by_piece=False)[0]
        shown = [float(text) if text else 0.0 for text in self.texts("#plot text.value")]
        self.expect(len(shown) == len(first_row) and all(abs(s - w) < 0.0252 for s, w in zip(shown, first_row)),
                    f"weights beside the lines are {shown}, the data {first_row}")
        self.chromium.press("l")
        buttons = self.ask("document.querySelectorAll('#layers button').length")
        self.chromium.click(f"#layers button:nth-child({buttons})")
        layers = sorted({place[1] for place in weights.places() if place[0] == kind})
        self.same(self.place()["layer"], str(layers[-1]), "the layer clicked")
        self.expect(f"layer {layers[-1]}" in self.ask("document.getElementById('shown').textContent"), "the title lags behind")
        self.go(sentence=index + 1, kind=kind, layer=layer, head="mean")
        self.ask("document.getElementById('plot').focus()")
        self.chromium.press("ArrowRight")
        heads = sorted(place[2] for place in weights.places() if place[:2] == (kind, layer))
        self.same(self.place()["head"], str(heads[0]), "the head after an arrow key")

    def steps(self, index, record, weights):
        self.go(sentence=index + 1)
        steps = record.get("decoding", {}).get("steps", [])
        self.same(self.ask("document.getElementById('steps').hidden"), not steps, "decoding hidden")
        for number in range(min(len(steps), 4)):
            if number:
                self.chromium.press(".")
            candidates = steps[number]
            self.same(self.ask("document.getElementById('step-place').textContent"), f"step {number + 1} of {len(steps)}", "the step")
            self.same(self.texts("#weighed [data-unit]"), [c["piece"] for c in candidates], "candidates")
            output = next(i for i, c in enumerate(candidates) if c.get("output"))
            self.same(self.ask("Array.from(document.querySelectorAll('#weighed tr')).slice(1).map((row) => row.className.includes('output'))"),
                      [i == output for i in range(len(candidates))], "which candidate led to the output")
            mean = self.mean_row(weights, number)
            if mean:
                shown = [float(text) for text in self.texts("#looked small")]
                self.expect(len(shown) == len(mean) and all(abs(s - w) < 0.0052 for s, w in zip(shown, mean)),
                            f"step {number + 1} looked at {shown}, the data say {mean}")
        if len(steps) > 1:
            self.chromium.press(",")
            self.same(self.place()["step"], str(min(len(steps), 4) - 1), "the step before")

    @staticmethod
    def mean_row(weights, step):
        """Cross-attention of one output piece, mean of the last layer's heads, by source unit."""
        places = [place for place in weights.places() if place[0] == "cross"]
        if not places:
            return None
        places = [place for place in places if place[1] == max(layer for _, layer, _ in places)]
        rows = [weights.rows(place, by_piece=True)[step] for place in places]
        mean = [sum(values) / len(rows) for values in zip(*rows)]
        if not weights.has_pieces:
            return mean
        sums = [0.0] * len(weights.labels("source", False))
        for weight, units in zip(mean, weights.record["pieces"]["source_units"]):
            for unit in units:
                sums[unit] += weight / len(units)
        return sums

    def reasons(self, index, record):
        methods = record.get("attribution")
        if not methods or len(record["source_units"]) < 2:
            self.same(self.ask("document.getElementById('reasons').hidden"), True, "attributions hidden")
            return
        word = len(record["target_units"]) // 2
        self.go(sentence=index + 1, word=word + 1)
        for agreement in record.get("attribution_agreement", []):
            first, second = agreement["methods"]
            shown = self.texts(f'#ranks [data-pair="{first}-{second}"] td')[1].replace("\u2212", "-")
            mean = agreement["rank_correlation"]
            self.expect(shown == "?" if mean is None else abs(float(shown) - mean) < 0.0051, f"mean of {first} and {second}: {shown}, not {mean}")
        self.same(self.ask("Array.from(document.querySelectorAll('#reason-words button'), (node) => node.classList.contains('apart'))"),
                  [apart(methods, word) for word in range(len(record["target_units"]))], "words at which attention is contradicted")
        for i, a in enumerate(methods):
            for b in methods[i + 1:]:
                expected = spearman(a["scores"][word], b["scores"][word])
                shown = self.texts(f'#ranks [data-pair="{a["method"]}-{b["method"]}"] td')[0].replace("\u2212", "-")
                self.same(shown, "?" if math.isnan(expected) else f"{round(expected, 2) + 0:.2f}", f"rank correlation of {a['method']} and {b['method']}")

    def dark(self):
        look = "[getComputedStyle(document.body).backgroundColor, document.querySelector('#ramp canvas')?.toDataURL()]"
        light = self.ask(look)
        self.chromium.prefer("dark")
        dark, end = self.ask(look), time.monotonic() + 5
        while time.monotonic() < end and (dark[0] == light[0] or light[1] and dark[1] == light[1]):
            time.sleep(0.05)  # the page hears of it in its own time
            dark = self.ask(look)
        self.expect(dark[0] != light[0], "the page stays light in the dark")
        self.expect(light[1] is None or dark[1] != light[1], "colours of weights stay light in the dark")
        self.chromium.prefer("light")


def compare_with_json(data, path):
    """Where `--format json` of the same pairs says something else than the page."""
    faults = []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    for number, (record, line) in enumerate(zip(data["records"], lines, strict=False), start=1):
        other, weights = json.loads(line), Weights(record, data["weight_scale"])
        faults += [f"sentence {number}: {key} is {record.get(key)!r} in the page, {other.get(key)!r} in {path}"
                   for key in ("source_units", "target_units", "link_source", "links", "log_probability", "gold_sure", "gold_possible",
                               "attribution", "attribution_agreement")
                   if record.get(key) != other.get(key)]
        for matrix in other["attention"]:
            place = matrix["kind"], matrix["layer"], matrix["head"]
            rows = weights.rows(place, by_piece=False)
            apart = max((abs(a - (b or 0.0)) for mine, theirs in zip(rows, matrix["weights"]) for a, b in zip(mine, theirs)), default=0.0)
            if apart > TOLERANCE:
                faults.append(f"sentence {number}: weights of {place} are {apart:.5f} from those in {path}")
    return faults + ([f"{path} has fewer lines than the page pairs"] if len(lines) < len(data["records"]) else [])


def compare_with_pharaoh(data, path):
    """Where `--format pharaoh` of the same pairs has other links than the page."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [f"sentence {number}: links differ from those in {path}"
            for number, (record, line) in enumerate(zip(data["records"], lines, strict=False), start=1)
            if [f"{source}-{target}" for source, target, _ in record["links"]] != line.split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path, help="the same pairs as heed align --format json wrote them")
    parser.add_argument("--pharaoh", type=pathlib.Path, help="the same pairs as heed align --format pharaoh wrote them")
    parser.add_argument("--screenshot", type=pathlib.Path, help="keep a picture of the page as it opens")
    parser.add_argument("--dark", action="store_true", help="the picture as seen by who prefers dark pages")
    options = parser.parse_args()
    data = data_of(options.page.read_text(encoding="utf-8"))
    faults = compare_with_json(data, options.json) if options.json else []
    faults += compare_with_pharaoh(data, options.pharaoh) if options.pharaoh else []
    browser = find_browser()
    if browser is None:
        print("skipped: no Chromium here")
    else:
        with Chromium(browser) as chromium:
            chromium.prefer("dark" if options.dark else "light")
            chromium.open(options.page)
            if options.screenshot:
                chromium.screenshot(options.screenshot)
            check = Check(chromium, data)
            try:
                check.everything()
            except (KeyError, IndexError, RuntimeError) as error:  # after a script error nothing is where it should be
                faults += [*chromium.complaints, f"{check.where}: the page could not be used further: {error!r}"]
            faults += check.faults
    for fault in faults:
        print(f"{options.page}: {fault}", file=sys.stderr)
    if not faults and browser:
        print(f"{options.page}: all as it should be")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
