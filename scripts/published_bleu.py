#!/usr/bin/env python3
"""Scores translations of Multi30k in the metric of its publications, and in sacreBLEU's own.

    pip install sacrebleu sacremoses
    scripts/published_bleu.py --lang de OUTPUT REFERENCE [OUTPUT REFERENCE ...]

Papers on Multi30k (Elliott et al. 2017; Wu et al. 2021) report the BLEU of text whose punctuation was
normalised, which was then lower-cased and tokenised by the Moses scripts. Files are plain or gzip, a
sentence a line. For each pair of files one line is printed: that BLEU, then sacreBLEU's of the cased text
in its own tokenisation ("13a"), then chrF2, and in a last line their signatures. With several pairs, as of
several seeds, the mean and the standard deviation of each follow.
"""

import argparse
import gzip
import pathlib
import statistics

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacremoses import MosesPunctNormalizer, MosesTokenizer


def read_lines(path: pathlib.Path) -> list[str]:
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return [line.rstrip("\n") for line in file]


class Published:
    """Text as the publications score it."""

    def __init__(self, lang: str) -> None:
        self._normalizer = MosesPunctNormalizer(lang=lang)
        self._tokenizer = MosesTokenizer(lang=lang)

    def tokenize(self, line: str) -> str:
        return self._tokenizer.tokenize(self._normalizer.normalize(line.lower()), return_str=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="OUTPUT REFERENCE")
    parser.add_argument("--lang", required=True, help="of the translations, for Moses: de, fr, cs, ...")
    arguments = parser.parse_args()
    if len(arguments.files) % 2 != 0:
        parser.error("each OUTPUT needs its REFERENCE")
    published = Published(arguments.lang)
    tokenized_bleu = BLEU(tokenize="none", force=True)
    cased_bleu = BLEU()
    chrf = CHRF()
    rows = []
    for output, reference in zip(arguments.files[::2], arguments.files[1::2]):
        outputs, references = read_lines(output), read_lines(reference)
        if len(outputs) != len(references):
            parser.error(f"{output} has {len(outputs)} lines, {reference} has {len(references)}")
        row = (
            tokenized_bleu.corpus_score(
                [published.tokenize(line) for line in outputs], [[published.tokenize(line) for line in references]]
            ).score,
            cased_bleu.corpus_score(outputs, [references]).score,
            chrf.corpus_score(outputs, [references]).score,
        )
        rows.append(row)
        print(f"{output}: published {row[0]:.2f}, sacreBLEU {row[1]:.2f}, chrF2 {row[2]:.2f}")
    if len(rows) > 1:
        summary = [f"{statistics.mean(column):.2f} ± {statistics.stdev(column):.2f}" for column in zip(*rows)]
        print(f"mean ± standard deviation of {len(rows)}: published {', sacreBLEU '.join(summary[:2])}, chrF2 {summary[2]}")
    print(f"sacreBLEU {cased_bleu.get_signature()}, chrF2 {chrf.get_signature()} (sacrebleu {sacrebleu.__version__})")


if __name__ == "__main__":
    main()
