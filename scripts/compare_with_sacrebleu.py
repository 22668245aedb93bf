#!/usr/bin/env python3
"""Compares `heed evaluate` with sacreBLEU on damaged copies of real text.

    pip install sacrebleu
    scripts/compare_with_sacrebleu.py build/heed [--shared DIR] [--lines N]

Reads the corpora in DIR (by default $HEED_SHARED, or `shared` beside the repository), damages each in
several ways, scores the result against the original with both programs and prints a table of the
largest differences. Exits with 1 when a score differs by 0.005 or more, a printed line differs, or an
interval or a p-value differs by more than the noise of resampling.
"""

import argparse
import gzip
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from sacrebleu import __version__ as sacrebleu_version
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

CORPORA = {
    "multi30k de": "multi30k/val.de.gz",
    "multi30k fr": "multi30k/val.fr.gz",
    "multi30k cs": "multi30k/val.cs.gz",
    "enja ja": "enja/dev.ja.gz",
    "kftt ja": "kftt30k/dev.ja.gz",
    "kftt en": "kftt30k/dev.en.gz",
}
TOKENIZERS = ("13a", "intl", "char", "none")
MAX_SCORE_DIFFERENCE = 0.005
# Above four standard deviations of what two independent draws of 1,000 samples differ by; the first
# two as a share of the interval's half width.
MAX_MEAN_DIFFERENCE = 0.1
MAX_WIDTH_DIFFERENCE = 0.2
MAX_P_DIFFERENCE = 0.1
ODDITIES = [
    "&quot;", "&amp;lt;", "&apos;", "1,000.5", "3-4", "...", "«Ja»", "„Nein“", "don't", "x-", "-", "😀",
    "👩‍👩‍👧", "🇨🇿", "e\u0301", "हिन्दी", "العربية", "١٢٣٫٥", "ΟΔΟΣ", "İ", "½", "Ⅷ", "€5", "a\u00a0b",
    "a\u3000b", "\u2028", "\x1c", "\x1f", "\x0b", "\x85", "\u200b", "\ufeff", "「はい」", "、", "１２，３", "\r",
]


def read(path, limit):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, mode="rt", encoding="utf-8", newline="\n") as lines:
        return [line.rstrip("\n") for _, line in zip(range(limit), lines)]


def each_line(change):
    return lambda rng, lines: [" ".join(change(rng, line.split(" "))) for line in lines]


def swap(rng, words):
    words = list(words)
    for i in range(len(words) - 1):
        if rng.random() < 0.2:
            words[i], words[i + 1] = words[i + 1], words[i]
    return words


def insert_oddities(rng, words):
    return [piece for word in words
            for piece in ([word, rng.choice(ODDITIES)] if rng.random() < 0.3 else [word])]


def drop(rng, words):
    return [word for word in words if rng.random() > 0.15]


def long_lines(rng, lines):
    words = [word for line in lines for word in line.split(" ")]
    return [" ".join(rng.choices(words, k=5000)) if i % 50 == 0 else line
            for i, line in enumerate(lines)]


DAMAGE = {
    "as it is": lambda rng, lines: lines,
    "words dropped": each_line(drop),
    "words swapped": each_line(swap),
    "words doubled": each_line(lambda rng, words: [w for w in words for _ in range(rng.choice((1, 1, 2)))]),
    "cut to 3 words": each_line(lambda rng, words: words[:3]),
    "lines emptied": lambda rng, lines: ["" if rng.random() < 0.3 else line for line in lines],
    "every line the same": lambda rng, lines: [lines[0]] * len(lines),
    "lines moved by one": lambda rng, lines: lines[1:] + lines[:1],
    "all lines empty": lambda rng, lines: [""] * len(lines),
    "5,000 words a line": long_lines,
    "oddities inserted": each_line(insert_oddities),
    "letters shuffled": lambda rng, lines: ["".join(rng.sample(line, len(line))) for line in lines],
    "upper case": lambda rng, lines: [line.upper() for line in lines],
}


class Comparison:
    def __init__(self, heed):
        self.heed = heed
        self.worst = {}
        self.failures = []

    def run(self, folder, hypotheses, references, options):
        paths = []
        for i, lines in enumerate([hypotheses, *references]):
            paths.append(pathlib.Path(folder) / f"{i}.txt")
            paths[-1].write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")
        command = [self.heed, "evaluate", *map(str, paths), *options]
        return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout

    def note(self, what, kind, ours, theirs, limit):
        difference = abs(ours - theirs)
        self.worst[kind] = max(self.worst.get(kind, 0.0), difference)
        if difference >= limit:
            self.failures.append(f"{what}: {kind}: heed {ours}, sacreBLEU {theirs}")

    def check(self, what, folder, hypotheses, references, tokenizer, lowercase):
        options = ["--tokenize", tokenizer, "--bootstrap", "0"] + ["--lowercase"] * lowercase
        metrics = {"BLEU": BLEU(tokenize=tokenizer, lowercase=lowercase, force=True)}
        if tokenizer == "13a":
            metrics["chrF2"] = CHRF(lowercase=lowercase)
            metrics["chrF2++"] = CHRF(word_order=2, lowercase=lowercase)
        else:
            options += ["--metric", "bleu"]
        stripped = [[line.rstrip() for line in lines] for lines in (hypotheses, *references)]
        ours = json.loads(self.run(folder, hypotheses, references, options + ["--json"]))
        text = self.run(folder, hypotheses, references, options).splitlines()
        what = f"{what}, {tokenizer}{', lower case' * lowercase}"
        for result, line in zip(ours["systems"][0]["metrics"], text, strict=True):
            metric = metrics[result["name"]]
            score = metric.corpus_score(stripped[0], stripped[1:])
            signature = metric.get_signature().format()
            self.note(what, result["name"], result["score"], score.score, MAX_SCORE_DIFFERENCE)
            expected = re.sub(" +", " ", f"{score.format()} {signature}")
            if re.sub(" +", " ", line) != expected:
                self.failures.append(f"{what}: printed '{line}', sacreBLEU '{expected}'")

    def check_tests(self, what, folder, systems, reference):
        options = ["--json", "--randomization", "2000", "--against"]
        second = pathlib.Path(folder) / "second.txt"
        second.write_text("".join(line + "\n" for line in systems[1]), encoding="utf-8", newline="")
        ours = json.loads(self.run(folder, systems[0], [reference], options + [str(second)]))
        named = [("Baseline: a", systems[0]), ("b", systems[1])]
        for test, samples, key in (("bs", 1000, "bootstrap_p"), ("ar", 2000, "randomization_p")):
            metrics = {"BLEU": BLEU(force=True), "chrF2": CHRF(), "chrF2++": CHRF(word_order=2)}
            _, theirs = PairedTest(named, metrics, [reference], test, samples)()
            for i, paired in enumerate(ours["paired"]):
                name = paired["name"]
                self.note(f"{what}, {name}", f"p ({test})", paired[key], theirs[name][1].p_value,
                          MAX_P_DIFFERENCE)
                if test != "bs":
                    continue
                for system, result in zip(ours["systems"], theirs[name], strict=True):
                    metric = system["metrics"][i]
                    self.note(f"{what}, {name}", "mean", metric["confidence_mean"] / result.ci,
                              result.mean / result.ci, MAX_MEAN_DIFFERENCE)
                    self.note(f"{what}, {name}", "half width",
                              metric["confidence_half_width"] / result.ci, 1.0, MAX_WIDTH_DIFFERENCE)


def compare_corpus(comparison, name, lines):
    print(f"{name}, {len(lines)} lines", file=sys.stderr)
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        for damage, apply in DAMAGE.items():
            damaged = apply(rng, lines)
            for tokenizer in TOKENIZERS:
                for lowercase in (False, True):
                    comparison.check(f"{name}, {damage}", folder, damaged, [lines], tokenizer, lowercase)
        second = DAMAGE["words swapped"](rng, lines)
        third = DAMAGE["lines emptied"](rng, DAMAGE["oddities inserted"](rng, lines))
        for tokenizer in TOKENIZERS:
            comparison.check(f"{name}, 3 references", folder, DAMAGE["words dropped"](rng, lines),
                             [DAMAGE["cut to 3 words"](rng, lines), second, third], tokenizer, False)
        noisy = [DAMAGE["words dropped"](rng, lines) for _ in range(2)]
        comparison.check_tests(f"{name}, drop and drop", folder, noisy, lines)
        comparison.check_tests(f"{name}, drop and swap", folder, [noisy[0], second], lines)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heed", help="the heed binary")
    parser.add_argument("--shared", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("HEED_SHARED", root.parent / "shared")))
    parser.add_argument("--lines", type=int, default=200, help="of each corpus (default: 200)")
    arguments = parser.parse_args()

    comparison = Comparison(arguments.heed)
    for name, path in CORPORA.items():
        compare_corpus(comparison, name, read(arguments.shared / "corpora" / path, arguments.lines))
    print(f"largest differences from sacreBLEU {sacrebleu_version} (mean and half width: of the half width):")
    for kind, difference in comparison.worst.items():
        print(f"  {kind:<12} {difference:.2e}")
    for failure in comparison.failures:
        print(failure)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
