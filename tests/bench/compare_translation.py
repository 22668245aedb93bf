#!/usr/bin/env python3
"""Compares how fast heed and CTranslate2 translate by the same weights.

    python3 -m venv VENV && VENV/bin/pip install ctranslate2 sentencepiece
    VENV/bin/python tests/bench/compare_translation.py --heed build/release/heed \\
        --model runs/multi30k test_2016_flickr.en.gz

Exports each model to a temporary folder, then measures, with a beam of 5 and greedily, in turns:

- target tokens a second, for files of 1,000 and 10,000 lines made from the one given: heed as a whole
  process with all it does (start, model, SentencePiece), and its search alone (`heed benchmark
  translate`); CTranslate2 as a whole process, and in one that runs already, SentencePiece included; with
  one worker a core of one thread each, at the best batch size of each of its precisions, found first;
- milliseconds a sentence, one at a time: heed by pipes to and from a running process, CTranslate2 by
  calls in this one;
- seconds from the start of a process to its first translation, CTranslate2 from a Python program that
  imports nothing else;
- the most memory that a process takes for the first of these files.

Both sides' outputs are counted in the same way: the pieces of their text, and an end for each line.
Prints medians of the rounds as Markdown tables (--json: all that was measured). Run it alone.
"""

import argparse
import contextlib
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts"))

import ctranslate2  # noqa: E402
import sentencepiece  # noqa: E402

from compare_with_ctranslate2 import read_lines  # noqa: E402
from export_ctranslate2 import CannotExport, export, find_model, tokenizer_files  # noqa: E402
from process_cost import process_cost  # noqa: E402

BEAM_SIZES = (5, 1)
PRECISIONS = ("int8", "float32", "bfloat16")  # of CTranslate2, where the processor has them
BATCHES = ((32, "examples"), (64, "examples"), (1024, "tokens"), (2048, "tokens"), (4096, "tokens"))
WARM_UP_SENTENCES = 5
WARM_UP_LINES = 200

# Reads lines, prints their translations. Arguments: model, source.spm, target.spm, precision, beam size,
# workers, batch size and its unit.
PROGRAM = """
import ctranslate2, sentencepiece, sys
model, source, target, precision, beam, workers, size, unit = sys.argv[1:]
source = sentencepiece.SentencePieceProcessor(model_file=source)
target = sentencepiece.SentencePieceProcessor(model_file=target)
translator = ctranslate2.Translator(model, compute_type=precision, inter_threads=int(workers), intra_threads=1)
lines = [line.rstrip("\\n") for line in sys.stdin]
results = translator.translate_batch(source.encode(lines, out_type=str), beam_size=int(beam),
                                     max_batch_size=int(size), batch_type=unit)
for result in results:
    print(target.decode(result.hypotheses[0]), flush=True)
"""

def say(message):
    print(message, file=sys.stderr)


def timed(function, *arguments):
    begin = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - begin, result


class Model:
    """A model of heed's and its exported copies, one a precision."""

    def __init__(self, args, path, source, folder):
        self.args = args
        self.path = pathlib.Path(path)
        self.folder = folder
        self.lines = read_lines(pathlib.Path(source), None)
        self.files = tokenizer_files(find_model(self.path))
        self.source, self.target = (sentencepiece.SentencePieceProcessor(model_file=str(file))
                                    for file in self.files)
        self.translators = {}
        supported = ctranslate2.get_supported_compute_types("cpu")
        for precision in (precision for precision in args.theirs if precision in supported):
            export(self.path, folder / precision, quantization=precision)
            self.translators[precision] = ctranslate2.Translator(
                str(folder / precision), compute_type=precision, inter_threads=args.workers, intra_threads=1)

    def text(self, count):
        """A file of so many lines."""
        path = self.folder / f"{count}.txt"
        lines = itertools.islice(itertools.cycle(self.lines), count)
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")
        return path

    def count_tokens(self, lines):
        return sum(len(pieces) for pieces in self.target.encode(lines)) + len(lines)

    def heed(self, beam_size, precision):
        return [self.args.heed, "translate", "--model", self.path, "--beam-size", str(beam_size),
                *heed_options(precision)]

    def program(self, precision, beam_size, batch):
        return [sys.executable, "-c", PROGRAM, self.folder / precision, *self.files, precision,
                str(beam_size), str(self.args.workers), *map(str, batch)]

    def call(self, precision, beam_size, batch, lines):
        """CTranslate2 in this process."""
        results = self.translators[precision].translate_batch(
            self.source.encode(lines, out_type=str), beam_size=beam_size, max_batch_size=batch[0],
            batch_type=batch[1])
        return self.target.decode([result.hypotheses[0] for result in results])


def heed_options(precision):
    return ["--precision", precision] if precision else []


def heed_name(precision):
    return f"heed {precision}" if precision else "heed"


def call_rate(model, beam_size, precision, batch, lines):
    seconds, outputs = timed(model.call, precision, beam_size, batch, lines)
    return model.count_tokens(outputs) / seconds


def process_rate(model, command, path):
    with open(path, "rb") as text:
        seconds, result = timed(lambda: subprocess.run(command, stdin=text, check=True, capture_output=True))
    return model.count_tokens(result.stdout.decode().split("\n")[:-1]) / seconds


def search_rate(model, beam_size, precision, path):
    command = [model.args.heed, "benchmark", "translate", "--model", model.path, path, "--json",
               "--windows", "1", "--beam-size", str(beam_size), *heed_options(precision)]
    result = subprocess.run(command, check=True, capture_output=True)
    return json.loads(result.stdout)["tgt_tokens_per_second"]


def find_batches(model, beam_size, lines):
    """The fastest batch size of each precision of CTranslate2."""
    best = {}
    for precision in model.translators:
        call_rate(model, beam_size, precision, BATCHES[0], lines[:WARM_UP_LINES])
        rates = {batch: call_rate(model, beam_size, precision, batch, lines) for batch in BATCHES}
        best[precision] = max(rates, key=rates.get)
        say(f"  CTranslate2 {precision}: best with {' '.join(map(str, best[precision]))}, "
            f"{max(rates.values()):,.0f} tokens/s")
    return best


def take_turns(contestants, rounds):
    """What each measured in each round, by its name."""
    measured = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, measure in contestants.items():
            measured[name].append(measure())
    return measured


def measure_throughput(model, beam_size, count, batches):
    path = model.text(count)
    lines = read_lines(path, None)
    contestants = {}
    for precision in model.args.precision:
        name = heed_name(precision)
        contestants[f"{name}, whole process"] = partial(process_rate, model, model.heed(beam_size, precision), path)
        contestants[f"{name}, search"] = partial(search_rate, model, beam_size, precision, path)
    for precision, batch in batches.items():
        name = f"CTranslate2 {precision}, {batch[0]} {batch[1]}"
        program = model.program(precision, beam_size, batch)
        contestants[f"{name}, whole process"] = partial(process_rate, model, program, path)
        contestants[name] = partial(call_rate, model, beam_size, precision, batch, lines)
    return take_turns(contestants, model.args.rounds)


@contextlib.contextmanager
def conversation(command, closes=False):
    """A running process as a function from a line to a line; `closes` its input after the first."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        def ask(line):
            process.stdin.write(line.encode() + b"\n")
            process.stdin.close() if closes else process.stdin.flush()
            return process.stdout.readline()
        yield ask
        process.stdin.close()


def milliseconds(translate, lines):
    """The median over sentences."""
    times = [timed(translate, line)[0] for line in lines]
    return 1e3 * statistics.median(times[WARM_UP_SENTENCES:])


def heed_latency(command, lines):
    with conversation(command) as ask:
        return milliseconds(ask, lines)


def call_latency(model, beam_size, precision, lines):
    return milliseconds(lambda line: model.call(precision, beam_size, BATCHES[0], [line]), lines)


def seconds_to_first(command, line):
    begin = time.perf_counter()
    with conversation(command, closes=True) as ask:
        answer = ask(line)
        seconds = time.perf_counter() - begin
    if not answer:
        raise subprocess.CalledProcessError(1, command)
    return seconds


def megabytes(command, path):
    return process_cost(command, path)[1]


def measure_latency(model, beam_size):
    lines = model.lines[:model.args.singles + WARM_UP_SENTENCES]
    contestants = {heed_name(precision): partial(heed_latency, model.heed(beam_size, precision), lines)
                   for precision in model.args.precision}
    for precision in model.translators:
        contestants[f"CTranslate2 {precision}"] = partial(call_latency, model, beam_size, precision, lines)
    return take_turns(contestants, model.args.rounds)


def measure_processes(model, beam_size, batches, measure, given):
    """`measure` of every contestant's process and of `given`."""
    contestants = {heed_name(precision): partial(measure, model.heed(beam_size, precision), given)
                   for precision in model.args.precision}
    for precision, batch in batches.items():
        program = model.program(precision, beam_size, batch)
        contestants[f"CTranslate2 {precision}"] = partial(measure, program, given)
    return take_turns(contestants, model.args.rounds)


def measure_all(model):
    """Yields what was measured: its name and unit, beam size, and the rounds by contestant."""
    first = model.args.lines[0]
    for beam_size in BEAM_SIZES:
        batches = {}
        for count in model.args.lines:
            say(f"{model.path}, beam {beam_size}, {count:,} lines")
            batches[count] = find_batches(model, beam_size, read_lines(model.text(count), None))
            yield (f"{count:,} lines, target tokens/s", beam_size,
                   measure_throughput(model, beam_size, count, batches[count]))
        if model.args.throughput_only:
            continue
        say(f"{model.path}, beam {beam_size}: one sentence, start, memory")
        yield "one sentence, ms", beam_size, measure_latency(model, beam_size)
        yield ("start to first translation, s", beam_size,
               measure_processes(model, beam_size, batches[first], seconds_to_first, model.lines[0]))
        yield (f"peak memory of {first:,} lines, MiB", beam_size,
               measure_processes(model, beam_size, batches[first], megabytes, model.text(first)))


def print_table(title, measured):
    """The ratio is how many times the best of CTranslate2's medians a value is."""
    medians = {name: statistics.median(values) for name, values in measured.items()}
    theirs = [median for name, median in medians.items() if name.startswith("CTranslate2")]
    best = max(theirs) if "tokens/s" in title else min(theirs)
    spell = "{:,.0f}" if best > 50 else "{:.2f}"
    print(f"\n| {title} | median | range | of CTranslate2's best |\n| --- | --- | --- | --- |")
    for name, values in measured.items():
        print(f"| {name} | {spell.format(medians[name])} | {spell.format(min(values))} to "
              f"{spell.format(max(values))} | {medians[name] / best:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heed", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--model", nargs=2, action="append", required=True, metavar=("MODEL_DIR", "SOURCE"),
                        help="a model and a text to translate by it, plain or gzip; may be repeated")
    parser.add_argument("--precision", nargs="+", default=[""], metavar="NAME",
                        help="of heed, as its --precision (default: as it is)")
    parser.add_argument("--theirs", nargs="+", default=PRECISIONS, metavar="NAME",
                        help="precisions of CTranslate2 (%(default)s)")
    parser.add_argument("--lines", type=int, nargs="+", default=[1000, 10000], help="of the files (%(default)s)")
    parser.add_argument("--singles", type=int, default=100, help="sentences timed one by one (%(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="of CTranslate2 (%(default)s)")
    parser.add_argument("--throughput-only", action="store_true", help="of the four, only tokens a second")
    parser.add_argument("--rounds", type=int, default=5, help="%(default)s")
    parser.add_argument("--json", action="store_true", help="print all rounds as one JSON object")
    args = parser.parse_args()
    args.heed = args.heed.absolute()
    everything = []
    try:
        with tempfile.TemporaryDirectory(prefix="heed-") as scratch:
            for number, (path, source) in enumerate(args.model):
                folder = pathlib.Path(scratch) / str(number)
                folder.mkdir()
                for what, beam_size, measured in measure_all(Model(args, path, source, folder)):
                    everything.append({"model": path, "beam_size": beam_size, "what": what, "rounds": measured})
                    if not args.json:
                        print_table(f"{path}, beam {beam_size}: {what}", measured)
    except (CannotExport, OSError, subprocess.CalledProcessError) as error:
        say(error)
        return 1
    if args.json:
        print(json.dumps({"ctranslate2": ctranslate2.__version__, "measured": everything}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
