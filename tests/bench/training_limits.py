#!/usr/bin/env python3
"""Measures how near heed's training comes to what this machine can do.

    tests/bench/training_limits.py --heed build/release/heed

On Multi30k, English to German, 4,096 tokens a batch, dropout 0.3, in turns: a tiny and a small model
on all cores, the tiny one with a single replica, and the tiny one while another process keeps a core
busy. Prints medians of the rounds as a Markdown table, then how much a second replica gains and how
much a lost core costs. Takes about 2 minutes a round on 2 cores; run it alone.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("HEED_SHARED", REPOSITORY.parent / "shared"))
CONFIG = REPOSITORY / "configs/multi30k_en_de.toml"
WHOLE = ("model.dropout=0.3", "training.max_tokens=4096")
SMALL = ("model.d_model=256", "model.ffn_size=1024")
BUSY = "busy"
SETTINGS = {  # settings ahead of the benchmark; BUSY is none of heed's
    "tiny (d 128, ffn 256)": (),
    "small (d 256, ffn 1024)": SMALL,
    "tiny, one replica": ("training.threads=1",),
    "tiny, a core busy": (BUSY,),
}
TINY, _, ONE, CROWDED = SETTINGS


def run(args, settings):
    command = [args.heed, "benchmark", "train", CONFIG, "--json"]
    for setting in (f"data.train_src={args.corpus / 'train.en.gz'}",
                    f"data.train_tgt={args.corpus / 'train.de.gz'}",
                    *WHOLE, *(s for s in settings if s != BUSY)):
        command += ["--set", setting]
    other = None
    if BUSY in settings:
        other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    finally:
        if other:
            other.kill()
            other.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heed", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--corpus", type=pathlib.Path, default=SHARED / "corpora/multi30k",
                        help="folder with train.en.gz and train.de.gz (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="%(default)s")
    args = parser.parse_args()
    args.heed = args.heed.absolute()
    for path in (args.heed, args.corpus / "train.en.gz", args.corpus / "train.de.gz"):
        if not path.is_file():
            print(f"{path}: no such file; --help says what is needed", file=sys.stderr)
            sys.exit(2)
    results = {name: [] for name in SETTINGS}
    for number in range(1, args.rounds + 1):
        for name, settings in SETTINGS.items():
            result = run(args, settings)
            results[name].append(result)
            print(f"round {number}, {name}: {result['tgt_tokens_per_second']:,.0f}", file=sys.stderr)

    def median(name, value):
        return statistics.median(value(result) for result in results[name])

    def rate(name):
        return median(name, lambda r: r["tgt_tokens_per_second"])

    print("| | target tokens/s | range | share of the GEMM peak | peak, GFLOP/s | memory, GB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, runs in results.items():
        rates = [r["tgt_tokens_per_second"] for r in runs]
        share = 100 * median(name, lambda r: r["flops_per_second"] / r["gemm_peak"])
        peak = median(name, lambda r: r["gemm_peak"]) * 1e-9
        memory = median(name, lambda r: r["peak_memory_bytes"]) * 1e-9
        print(f"| {name} | {rate(name):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} "
              f"| {share:.0f} % | {peak:.0f} | {memory:.2f} |")
    print(f"\nall replicas against one: {rate(TINY) / rate(ONE):.2f}; "
          f"with a core busy: {100 * (1 - rate(CROWDED) / rate(TINY)):.0f} % less")


if __name__ == "__main__":
    main()
