#!/usr/bin/env python3
"""Opens an attention page in headless Chromium and checks what it shows.

Fails (exit 1) on any script error or console message, on units that the first sentence pair has and
the page lacks, on elements that only hostile text could have made, and on any request to elsewhere.
Prints "skipped" and exits with 0 where there is no Chromium.

usage: check_page.py PAGE.html [--screenshot FILE.png] [--size WIDTHxHEIGHT] [--dark]
"""

import argparse
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS_TO_OPEN = 90
NEVER_MADE = {"img", "iframe", "object", "embed", "base", "form", "audio", "video", "foreignobject"}


class Page(html.parser.HTMLParser):
    """What the checks ask of an HTML text: its data block, tags, shown units and addresses."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.data, self.tags, self.units, self.addresses = "", set(), set(), []
        self.handlers, self.is_ready, self._in_data = [], False, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        values = dict(attributes)
        self._in_data = tag == "script" and values.get("id") == "heed-data"
        self.is_ready |= tag == "html" and values.get("data-ready") == "true"
        if "data-unit" in values:
            self.units.add(values["data-unit"])
        self.handlers += [name for name in values if name.startswith("on")]
        self.addresses += [values[name] for name in ("src", "href", "srcset", "action") if values.get(name)]

    def handle_endtag(self, tag):
        self._in_data = False

    def handle_data(self, data):
        if self._in_data:
            self.data += data


def expected_units(record):
    """Rows and columns of the kind that the page opens with."""
    sides = {"cross": ("target_units", "source_units"), "encoder_self": ("source_units",),
             "decoder_self": ("target_units", "target_input_units")}
    kinds = {matrix["kind"] for matrix in record["attention"]}
    for kind, names in sides.items():
        if kind in kinds:
            return {unit for name in names for unit in record[name]}
    return set()


def open_page(browser, page, options):
    """The document after its script ran, and what was written to the console meanwhile."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--enable-logging=stderr",
                   "--v=0", "--virtual-time-budget=5000", f"--window-size={options.size.replace('x', ',')}"]
        if options.dark:
            command.append("--blink-settings=preferredColorScheme=0")
        address = page.resolve().as_uri()
        try:
            dumped = subprocess.run([*command, "--dump-dom", address], capture_output=True,
                                    timeout=SECONDS_TO_OPEN, check=False)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"{page}: not shown within {SECONDS_TO_OPEN} s (an endless script, a dialog?)") from None
        if dumped.returncode != 0:
            raise SystemExit(f"{browser} failed:\n{dumped.stderr.decode(errors='replace')[-2000:]}")
        if options.screenshot:
            subprocess.run([*command, f"--screenshot={options.screenshot}", address],
                           capture_output=True, timeout=SECONDS_TO_OPEN, check=True)
    console = [line for line in dumped.stderr.decode(errors="replace").splitlines() if ":CONSOLE" in line]
    return dumped.stdout.decode(errors="replace"), console


def find_faults(written, shown, console):
    faults = [f"console: {line}" for line in console]
    data = json.loads(written.data)
    if not shown.is_ready:
        faults.append("the script did not run to its end")
    if data["records"]:
        missing = expected_units(data["records"][0]) - shown.units
        # A parser of attributes sees one kind of line end, a browser's dump may have another.
        missing = {unit for unit in missing if not re.search(r"[\r\n\0]", unit)}
        if missing:
            faults.append(f"{len(missing)} units not shown: {' '.join(sorted(missing)[:20])}")
    for page in (written, shown):
        faults += [f"element <{tag}>" for tag in sorted(page.tags & NEVER_MADE)]
        faults += [f"event handler {name}" for name in page.handlers]
        faults += [f"request to {address!r}" for address in page.addresses
                   if not address.startswith(("data:", "#"))]
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--screenshot", type=pathlib.Path, help="keep a picture of it")
    parser.add_argument("--size", default="1440x1400", help="of the window, in pixels (default: %(default)s)")
    parser.add_argument("--dark", action="store_true", help="as seen by who prefers dark pages")
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("skipped: no Chromium here")
        return 0
    written = Page(options.page.read_text(encoding="utf-8"))
    document, console = open_page(browser, options.page, options)
    faults = find_faults(written, Page(document), console)
    for fault in faults:
        print(f"{options.page}: {fault}", file=sys.stderr)
    if not faults:
        print(f"{options.page}: no script error, all units shown")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
