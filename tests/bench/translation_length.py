#!/usr/bin/env python3
"""Measures how time and memory of `heed translate` grow with the length of a line.

    python3 -m venv VENV && VENV/bin/pip install sentencepiece
    VENV/bin/python tests/bench/translation_length.py --heed build/release/heed \\
        --model runs/multi30k test_2016_flickr.en.gz

Each line is made of the text's sentences, one after the other, up to so many pieces. It is translated by
a process of its own: as it is by default (in parts of the length that the model was trained on), and as
one sequence (--split-length 0), whose output is made as long as the line (--min-length, --max-length), so
that work is comparable whatever the model makes of such a line. Prints medians of the rounds as a
Markdown table. One thread. Run it alone.
"""

import argparse
import itertools
import pathlib
import statistics
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts"))

import sentencepiece  # noqa: E402

from compare_with_ctranslate2 import read_lines  # noqa: E402
from export_ctranslate2 import find_model, tokenizer_files  # noqa: E402
from process_cost import process_cost  # noqa: E402


def make_line(tokenizer, sentences, pieces):
    """Whole words, so many pieces or a few more."""
    words = []
    count = 0
    for word in itertools.chain.from_iterable(sentence.split() for sentence in itertools.cycle(sentences)):
        if count >= pieces:
            return " ".join(words)
        words.append(word)
        count += len(tokenizer.encode(word))


def measure(command, path, rounds):
    """Medians of seconds and MiB."""
    return [statistics.median(values) for values in zip(*(process_cost(command, path) for _ in range(rounds)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heed", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--model", nargs=2, required=True, metavar=("MODEL_DIR", "SOURCE"),
                        help="a model and a text of its source language, plain or gzip")
    parser.add_argument("--pieces", type=int, nargs="+", default=[10, 30, 100, 300, 1000, 3000, 5000],
                        help="of the lines (%(default)s)")
    parser.add_argument("--beam-size", type=int, default=5, help="%(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    args = parser.parse_args()
    model, source = args.model
    sentences = read_lines(pathlib.Path(source), None)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer_files(find_model(pathlib.Path(model)))[0]))
    command = [str(args.heed.absolute()), "translate", "--model", model, "--beam-size", str(args.beam_size),
               "--threads", "1"]
    print("| pieces | in parts, s | MiB | as one sequence, s | MiB |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="heed-") as scratch:
        path = pathlib.Path(scratch) / "line.txt"
        for pieces in args.pieces:
            path.write_text(make_line(tokenizer, sentences, pieces) + "\n", encoding="utf-8")
            whole = ["--split-length", "0", "--min-length", str(pieces), "--max-length", str(pieces)]
            in_parts = measure(command, path, args.rounds)
            as_one = measure([*command, *whole], path, args.rounds)
            print(f"| {pieces:,} | {in_parts[0]:.2f} | {in_parts[1]:.0f} | {as_one[0]:.2f} | {as_one[1]:.0f} |",
                  flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
