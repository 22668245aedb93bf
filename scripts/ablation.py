#!/usr/bin/env python3
"""Trains what heed chooses for a corpus with one ingredient changed at a time, and prints what each is worth.

    scripts/ablation.py --train train.en train.de --dev dev.en dev.de --minutes 20 --out runs/ablation

Every row is trained for the same time, one after the other, with nothing else running; then the dev text is
translated with beam 5 and scored by `heed evaluate` (BLEU 13a, cased; chrF2) against the row of the recipe as
it is: the difference with the probability that it is chance by paired bootstrap. What search and averages are
worth is read off the recipe's run. Rows that are done already are not trained again. With --rows only some are
made; --set KEY=VALUE is added to every row.
"""

import argparse
import json
import pathlib
import subprocess
import tomllib

# What each row changes of what heed chooses; {name} is a setting of the recipe's model.
ROWS = {
    "recipe": [],
    "half the width of feed-forward layers": ["model.ffn_size=256"],
    "sinusoidal positions": ["model.positions=sinusoidal"],
    "Adam instead of Muon": ["optimizer.kind=adam"],
    "Adam with half the weight decay": ["optimizer.kind=adam", "optimizer.weight_decay=0.05"],
    "no weight decay": ["optimizer.weight_decay=0"],
    "no label smoothing": ["optimizer.label_smoothing=0"],
    "no dropout": ["model.dropout=0"],
    "dropout of attention and ffn as elsewhere": ["model.dropout={residual_dropout}"],
    "tied target side only": ["model.tying=decoder"],
    "with R-Drop": ["regularization.consistency=1"],
    "with BPE-dropout": ["regularization.bpe_dropout=0.1"],
    "with moving average": ["optimizer.ema_decay=0.999"],
    "with source word dropout": ["regularization.src_word_dropout=0.1"],
    "with target word dropout": ["regularization.tgt_word_dropout=0.1"],
    "with layer dropout": ["model.layer_dropout=0.1"],
    "with learning back": ["regularization.reverse_share=0.33"],
    "none of these": [
        "model.positions=sinusoidal",
        "optimizer.kind=adam",
        "optimizer.weight_decay=0",
        "optimizer.label_smoothing=0",
        "model.dropout=0.1",
        "model.tying=none",
        "validation.choose_length_penalty=false",
    ],
}
# What else the recipe's own run is asked, which needs no training: options of heed translate, and of heed
# average ahead of it.
READINGS = {
    "length penalty of 1": (["--length-penalty", "1"], []),
    "greedy search": (["--beam-size", "1"], []),
    "mean of the last 5 checkpoints": ([], ["--last", "5"]),
    "mean of the best 5 checkpoints": ([], ["--best", "5"]),
}


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def folder_name(row: str) -> str:
    return row.replace(" ", "_")


def train(arguments: argparse.Namespace, row: str, model: dict) -> pathlib.Path:
    """The run's folder; `model` has the settings of the recipe's model."""
    folder = arguments.out / folder_name(row)
    log = folder / "log.jsonl"
    if log.exists() and any(json.loads(line)["event"] == "stop" for line in log.open(encoding="utf-8")):
        return folder
    command = [arguments.heed, "train", "--run", str(folder), "--time-budget", f"{arguments.minutes}m"]
    for option, files in (("train", arguments.train), ("dev", arguments.dev)):
        command += [f"--{option}-src", files[0], f"--{option}-tgt", files[1]]
    settings = ["training.keep_recent=5", "training.keep_best=5"]
    changes = [change.format(**model) for change in ROWS[row]]
    for setting in settings + changes + arguments.set:
        command += ["--set", setting]
    subprocess.run(command, check=True)
    return folder


def average(arguments: argparse.Namespace, recipe: pathlib.Path, row: str, options: list[str]) -> pathlib.Path:
    folder = arguments.out / folder_name(row)
    if not folder.exists():
        run([arguments.heed, "average", str(recipe), str(folder), *options])
    return folder


def translate(arguments: argparse.Namespace, row: str, model: pathlib.Path, options: list[str]) -> pathlib.Path:
    """The file of the dev text's translations."""
    output = arguments.out / f"{folder_name(row)}.txt"
    run([arguments.heed, "translate", "--model", str(model), arguments.dev[0], "--output", str(output), *options])
    return output


def score(arguments: argparse.Namespace, output: pathlib.Path, recipe_output: pathlib.Path) -> str:
    """The cells of a row about the translations."""
    command = [arguments.heed, "evaluate", str(output), arguments.dev[1], "--json"]
    command += ["--metric", "bleu", "--metric", "chrf"]
    is_other = output != recipe_output
    if is_other:
        command += ["--against", str(recipe_output)]
    result = json.loads(run(command))
    bleu, chrf = (metric["score"] for metric in result["systems"][0]["metrics"])
    paired = result["paired"][0] if is_other else None
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
    recipe = train(arguments, "recipe", {})
    recipe_output = translate(arguments, "recipe", recipe, [])
    model = tomllib.loads((recipe / "config.toml").read_text(encoding="utf-8"))["model"]
    for row in arguments.rows:
        is_recipe = row == "recipe"
        folder = recipe if is_recipe else train(arguments, row, model)
        output = recipe_output if is_recipe else translate(arguments, row, folder, [])
        last = last_update(folder)
        print(f"| {row} | {score(arguments, output, recipe_output)} | {last['update']} | {last['epoch']} |", flush=True)
    for row, (search, means) in READINGS.items():
        mean_or_recipe = average(arguments, recipe, row, means) if means else recipe
        output = translate(arguments, row, mean_or_recipe, search)
        print(f"| {row} | {score(arguments, output, recipe_output)} | | |", flush=True)


if __name__ == "__main__":
    main()
