#!/usr/bin/env python3
"""Trains what heed chooses for a corpus with one ingredient changed at a time, and prints what each is worth.

    scripts/ablation.py --train train.en train.de --dev dev.en dev.de --minutes 20 --out runs/ablation

Every row is trained for the same time, one after the other, with nothing else running; then the dev text is
translated with beam 5 and scored by `heed evaluate` (BLEU 13a, cased; chrF2) against the row of the recipe as
it is: the difference with the probability that it is chance by paired bootstrap. Rows that are done already
are not trained again. With --rows only some are made; --set KEY=VALUE is added to every row.
"""

import argparse
import json
import pathlib
import subprocess

# What each row changes of what heed chooses. "plain" has none of the ingredients.
ROWS = {
    "recipe": [],
    "with BPE-dropout": ["regularization.bpe_dropout=0.1"],
    "attention and ffn dropout 0.3": ["model.attention_dropout=0.3", "model.ffn_dropout=0.3"],
    "no dropout": ["model.dropout=0"],
    "no label smoothing": ["optimizer.label_smoothing=0"],
    "with R-Drop": ["regularization.consistency=1"],
    "with moving average": ["optimizer.ema_decay=0.999"],
    "with source word dropout": ["regularization.src_word_dropout=0.1"],
    "with target word dropout": ["regularization.tgt_word_dropout=0.1"],
    "with layer dropout": ["model.layer_dropout=0.1"],
    "with learning back": ["regularization.reverse_share=0.33"],
    "with decoupled weight decay": ["optimizer.kind=adamw", "optimizer.weight_decay=0.01"],
    "tied target side only": ["model.tying=decoder"],
    "plain": ["optimizer.label_smoothing=0", "model.dropout=0.1"],
}


OUTPUT = "dev.translated"


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def train(heed: str, arguments: argparse.Namespace, name: str) -> pathlib.Path:
    """The model of row `name`."""
    folder = arguments.out / name.replace(" ", "_")
    log = folder / "log.jsonl"
    if log.exists() and any(json.loads(line)["event"] == "stop" for line in log.open(encoding="utf-8")):
        return folder
    command = [heed, "train", "--run", str(folder), "--time-budget", f"{arguments.minutes}m"]
    for option, files in (("train", arguments.train), ("dev", arguments.dev)):
        command += [f"--{option}-src", files[0], f"--{option}-tgt", files[1]]
    for setting in ROWS[name] + arguments.set:
        command += ["--set", setting]
    subprocess.run(command, check=True)
    return folder


def score(heed: str, arguments: argparse.Namespace, folder: pathlib.Path, recipe: pathlib.Path | None) -> str:
    """The cells of a row about the dev text, whose translations are left in the run's folder."""
    output = folder / OUTPUT
    run([heed, "translate", "--model", str(folder), arguments.dev[0], "--output", str(output)])
    command = [heed, "evaluate", str(output), arguments.dev[1], "--json", "--metric", "bleu", "--metric", "chrf"]
    if recipe is not None:
        command += ["--against", str(recipe / OUTPUT)]
    result = json.loads(run(command))
    bleu, chrf = (metric["score"] for metric in result["systems"][0]["metrics"])
    paired = result["paired"][0] if recipe is not None else None
    difference = f"{paired['difference']:+.2f} (p = {paired['bootstrap_p']:.3f})" if paired else ""
    return f"{bleu:.2f} | {difference} | {chrf:.2f}"


def last_update(folder: pathlib.Path) -> dict:
    events = [json.loads(line) for line in (folder / "log.jsonl").open(encoding="utf-8")]
    return [event for event in events if event["event"] == "update"][-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--heed", default="build/heed")
    parser.add_argument("--train", nargs=2, required=True, metavar=("SRC", "TGT"))
    parser.add_argument("--dev", nargs=2, required=True, metavar=("SRC", "TGT"))
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    print("| | BLEU | difference | chrF2 | updates | epochs |\n| --- | --- | --- | --- | --- | --- |", flush=True)
    recipe = None
    for name in arguments.rows:
        folder = train(arguments.heed, arguments, name)
        cells = score(arguments.heed, arguments, folder, recipe)
        last = last_update(folder)
        print(f"| {name} | {cells} | {last['update']} | {last['epoch']} |", flush=True)
        if name == "recipe":
            recipe = folder


if __name__ == "__main__":
    main()
