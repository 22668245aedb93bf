#!/usr/bin/env python3
"""Compares heed's translations with CTranslate2's, line by line, by the same weights and search.

    pip install ctranslate2 sentencepiece
    scripts/compare_with_ctranslate2.py build/heed --model runs/first test.en [--beam-size 1]

The model is exported with export_ctranslate2.py into a temporary folder; both engines then translate
the file (plain or gzip) in 32-bit floats, with the same beam, length penalty, maximum length and rule
for stopping. Each splits the text by itself. Prints how many outputs are identical, how far the scores
of these differ and, of every other line, both outputs with their scores by CTranslate2: the better one
was in reach of both, so the two should be near ties. Exits with 1 when fewer than --at-least percent are
identical.

heed's own rule for stopping (--stopping bound) gives the same best output as CTranslate2's unless the
length penalty is 0, where CTranslate2 goes on until the first-ranked hypothesis has ended, or an output
reaches the maximum length, where heed ends it in </s> and CTranslate2 cuts it off. Left alone, CTranslate2
would also forbid an empty output, and share out its probability: min_decoding_length is 0 here.
"""

import argparse
import dataclasses
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

import ctranslate2
import sentencepiece

from export_ctranslate2 import CannotExport, export, find_model, tokenizer_files


@dataclasses.dataclass
class Output:
    """One translation: its text, its pieces, and its score by the engine that made it."""

    text: str
    pieces: list[str]
    score: float


def read_lines(path: pathlib.Path, limit: int | None) -> list[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, mode="rt", encoding="utf-8", newline="\n") as lines:
        return [line.rstrip("\n") for line in lines][:limit]


class CTranslate2:
    """The exported model."""

    def __init__(self, model: pathlib.Path, folder: pathlib.Path, arguments: argparse.Namespace):
        export(model, folder, reverse=arguments.reverse)
        files = tokenizer_files(find_model(model))
        source, target = reversed(files) if arguments.reverse else files
        self.source = sentencepiece.SentencePieceProcessor(model_file=str(source))
        self.target = sentencepiece.SentencePieceProcessor(model_file=str(target))
        self.translator = ctranslate2.Translator(str(folder), compute_type="float32", inter_threads=2,
                                                 intra_threads=1)
        self.arguments = arguments

    def encode(self, lines: list[str]) -> list[list[str]]:
        # By way of ids: an unknown character is spelt <unk>, whatever it is.
        return [self.source.id_to_piece(ids) for ids in self.source.encode(lines)]

    def translate(self, lines: list[str]) -> list[Output]:
        results = self.translator.translate_batch(
            self.encode(lines), beam_size=self.arguments.beam_size, return_scores=True,
            length_penalty=self.arguments.length_penalty, max_input_length=0, min_decoding_length=0,
            max_decoding_length=self.arguments.max_length, max_batch_size=2048, batch_type="tokens")
        return [Output(self.target.decode(result.hypotheses[0]), result.hypotheses[0], result.scores[0])
                for result in results]

    def score(self, line: str, output: Output) -> float:
        """log p / length^alpha, the end counted unless the output was cut off ahead of it."""
        result = self.translator.score_batch(self.encode([line]), [output.pieces], max_input_length=0)[0]
        log_probs = result.log_probs[:self.arguments.max_length]
        return sum(log_probs) / len(log_probs) ** self.arguments.length_penalty


def translate_with_heed(lines: list[str], arguments: argparse.Namespace, target) -> list[Output]:
    command = [arguments.heed, "translate", "--model", arguments.model, "--json",
               "--precision", "fp32", "--split-length", "0",
               "--stopping", arguments.stopping, "--beam-size", str(arguments.beam_size),
               "--length-penalty", str(arguments.length_penalty), "--max-length", str(arguments.max_length),
               "--max-length-ratio", "0", "--max-length-offset", str(arguments.max_length)]
    command += ["--reverse"] * arguments.reverse
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8",
                            input="".join(line + "\n" for line in lines))
    records = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
    return [Output(record["translation"], target.id_to_piece(record["tokens"]), record["score"])
            for record in records]


def describe(number: int, line: str, ours: Output, theirs: Output, engine: CTranslate2) -> float:
    """Prints a line on which the two differ; returns by how much heed's score is above the other's."""
    our_score, their_score = engine.score(line, ours), engine.score(line, theirs)
    print(f"line {number}: {line}\n"
          f"  heed        {our_score:.6f}  {ours.text}\n"
          f"  CTranslate2 {their_score:.6f}  {theirs.text}")
    return our_score - their_score


def compare(lines: list[str], ours: list[Output], theirs: list[Output], engine: CTranslate2) -> float:
    """Prints all there is to say; returns the percentage of identical lines."""
    identical = [one.text == other.text for one, other in zip(ours, theirs, strict=True)]
    gains = [describe(i + 1, lines[i], ours[i], theirs[i], engine)
             for i, same in enumerate(identical) if not same]
    drift = max((abs(one.score - other.score) for one, other, same in zip(ours, theirs, identical) if same),
                default=0.0)
    share = 100.0 * sum(identical) / max(1, len(lines))
    print(f"identical: {sum(identical)} of {len(lines)} lines, {share:.2f} %; their scores differ by at most "
          f"{drift:.1e}")
    if gains:
        print(f"others: heed's output scores {min(gains):+.1e} to {max(gains):+.1e} against CTranslate2's; "
              f"better {sum(gain > 0 for gain in gains)}, worse {sum(gain < 0 for gain in gains)}")
    return share


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heed", type=pathlib.Path, help="the program")
    parser.add_argument("source", type=pathlib.Path, help="file to translate, plain or gzip")
    parser.add_argument("--model", type=pathlib.Path, required=True, help="model folder or run folder")
    parser.add_argument("--reverse", action="store_true", help="the other direction of a model of both")
    parser.add_argument("--beam-size", type=int, default=5, help="%(default)s")
    parser.add_argument("--length-penalty", type=float, default=1.0, help="%(default)s")
    parser.add_argument("--max-length", type=int, default=256, help="of an output in pieces (%(default)s)")
    parser.add_argument("--stopping", choices=("ctranslate2", "bound"), default="ctranslate2",
                        help="heed's rule (%(default)s)")
    parser.add_argument("--lines", type=int, help="only the first so many")
    parser.add_argument("--at-least", type=float, default=99.5, metavar="PERCENT", help="%(default)s")
    arguments = parser.parse_args()
    arguments.heed = arguments.heed.absolute()
    try:
        lines = read_lines(arguments.source, arguments.lines)
        with tempfile.TemporaryDirectory(prefix="heed-") as scratch:
            engine = CTranslate2(arguments.model, pathlib.Path(scratch) / "exported", arguments)
            theirs = engine.translate(lines)
            ours = translate_with_heed(lines, arguments, engine.target)
            share = compare(lines, ours, theirs, engine)
    except (CannotExport, OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if share >= arguments.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
