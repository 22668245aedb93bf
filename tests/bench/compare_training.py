#!/usr/bin/env python3
"""Compares how fast heed and JoeyNMT train the same model on the same text.

    tests/bench/compare_training.py --heed build/release/heed --joeynmt VENV/bin/python

Both train on Multi30k, English to German, with one SentencePiece model, one shape, one budget of
tokens a batch, and all cores, in turns. Prints target tokens a second as a Markdown table: medians of
the rounds, their ratio, and the range of each. Takes about 6 minutes a round on 2 cores; run it alone.

--joeynmt is the Python of a virtual environment that has JoeyNMT 2.3.0 and sentencepiece:

    python3 -m venv VENV
    VENV/bin/pip install joeynmt==2.3.0 importlib_metadata sentencepiece

With a sentencepiece that has no SetVocabulary, remove the one call of it in JoeyNMT's tokenizers.py.
"""

import argparse
import gzip
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("HEED_SHARED", REPOSITORY.parent / "shared"))
SIZES = {"tiny (d 128)": (128, 256), "small (d 256)": (256, 1024)}  # d_model, ffn_size
LAYERS = 4
HEADS = 4
DROPOUT = 0.3
BATCH_TOKENS = 4096
VOCAB_SIZE = 8000
LOG_EVERY = 10  # updates of JoeyNMT
WARM_UP_LINES = 2  # of its log, which are left out
COUNTED_LINES = 4

TRAIN_TOKENIZER = """
import sentencepiece, sys
sentencepiece.SentencePieceTrainer.train(
    input=["train.en", "train.de"], model_prefix="joint", model_type="bpe",
    vocab_size=int(sys.argv[1]), pad_id=0, unk_id=1, bos_id=2, eos_id=3, minloglevel=2)
"""

HEED_TOML = """
[data]
train_src = "{folder}/train.en"
train_tgt = "{folder}/train.de"
[tokenizer]
src_model = "{folder}/joint.model"
[model]
encoder_layers = {layers}
decoder_layers = {layers}
d_model = {d_model}
num_heads = {heads}
ffn_size = {ffn_size}
tying = "all"
dropout = {dropout}
embedding_dropout = 0.0
[optimizer]
beta2 = 0.98
learning_rate = 0.005
warmup_updates = 2000
clip_norm = 0.0
label_smoothing = 0.1
[training]
max_tokens = {tokens}
"""

# JoeyNMT looks pieces up by their text: the order of its special symbols is its own.
JOEYNMT_YAML = """
name: "speed"
joeynmt_version: "2.3.0"
model_dir: "out"
use_cuda: False
fp16: False
random_seed: 42
data:
  train: "train"
  dev: "val"
  dataset_type: "plain"
  src: {{lang: "en", {text}}}
  trg: {{lang: "de", {text}}}
  special_symbols: {{unk_token: "<unk>", unk_id: 0, pad_token: "<pad>", pad_id: 1,
                    bos_token: "<s>", bos_id: 2, eos_token: "</s>", eos_id: 3}}
testing: {{beam_size: 5, beam_alpha: 1.0, batch_size: 1024, batch_type: "token",
          max_output_length: 100, eval_metrics: ["bleu"]}}
training:
  optimizer: "adam"
  normalization: "tokens"
  adam_betas: [0.9, 0.98]
  scheduling: "warmupinversesquareroot"
  learning_rate_warmup: 2000
  learning_rate: 0.005
  label_smoothing: 0.1
  loss: "crossentropy"
  batch_size: {tokens}
  batch_type: "token"
  epochs: 1
  validation_freq: 100000
  logging_freq: {log_every}
  early_stopping_metric: "bleu"
  overwrite: True
  shuffle: True
  print_valid_sents: [0]
  keep_best_ckpts: 1
model:
  initializer: "xavier_uniform"
  embed_initializer: "xavier_uniform"
  embed_init_gain: 1.0
  init_gain: 1.0
  bias_initializer: "zeros"
  tied_embeddings: True
  tied_softmax: True
  encoder: {side}
  decoder: {side}
"""

JOEYNMT_TEXT = """max_length: 256, lowercase: False, normalize: False, level: "bpe",
        voc_file: "vocab.txt", tokenizer_type: "sentencepiece",
        tokenizer_cfg: {model_file: "joint.model"}"""

JOEYNMT_SIDE = """{{type: "transformer", num_layers: {layers}, num_heads: {heads},
            embeddings: {{embedding_dim: {d_model}, scale: True, dropout: 0.0}},
            hidden_size: {d_model}, ff_size: {ffn_size}, dropout: {dropout}, layer_norm: "pre"}}"""


def give_up(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def check(args):
    if not args.heed.is_file():
        give_up(f"{args.heed}: no such program; build it with cmake --build --preset release")
    for name in ("train.en.gz", "train.de.gz", "val.en.gz", "val.de.gz"):
        if not (args.corpus / name).is_file():
            give_up(f"{args.corpus / name}: no such file; --corpus is a folder with Multi30k, raw and "
                    "zipped: https://github.com/multi30k/dataset, data/task1/raw")
    try:
        found = subprocess.run([args.joeynmt, "-c", "import joeynmt, sentencepiece"],
                               capture_output=True, text=True)
    except OSError as error:
        give_up(f"{args.joeynmt}: {error.strerror}; --help says how to set JoeyNMT up")
    if found.returncode != 0:
        give_up(f"{found.stderr}{args.joeynmt} has no JoeyNMT; --help says how to set it up")


def prepare(args, folder):
    for split in ("train", "val"):
        for language in ("en", "de"):
            name = f"{split}.{language}"
            with gzip.open(args.corpus / f"{name}.gz") as zipped, open(folder / name, "wb") as text:
                shutil.copyfileobj(zipped, text)
    subprocess.run([args.joeynmt, "-c", TRAIN_TOKENIZER, str(VOCAB_SIZE)], cwd=folder, check=True)
    with open(folder / "joint.vocab", encoding="utf-8") as vocab:
        pieces = [line.split("\t")[0] for line in vocab]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    for d_model, ffn_size in SIZES.values():
        shape = dict(layers=LAYERS, heads=HEADS, d_model=d_model, ffn_size=ffn_size, dropout=DROPOUT)
        (folder / f"{d_model}.toml").write_text(
            HEED_TOML.format(folder=folder, tokens=BATCH_TOKENS, **shape))
        (folder / f"{d_model}.yaml").write_text(
            JOEYNMT_YAML.format(text=JOEYNMT_TEXT, side=JOEYNMT_SIDE.format(**shape),
                                tokens=BATCH_TOKENS, log_every=LOG_EVERY))


def run_heed(args, folder, d_model):
    command = [args.heed, "benchmark", "train", f"{d_model}.toml", "--json"]
    result = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    measured = json.loads(result.stdout)
    return measured["tgt_tokens_per_second"], measured["precision"]


def run_joeynmt(args, folder, d_model):
    command = [args.joeynmt, "-m", "joeynmt", "train", f"{d_model}.yaml", "--skip-test"]
    rates = []
    log = []
    with subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            log.append(line)
            found = re.search(r"Tokens per Sec: *(\d+)", line)
            if found:
                rates.append(int(found.group(1)))
            if len(rates) == WARM_UP_LINES + COUNTED_LINES:
                break
        process.kill()
    if len(rates) <= WARM_UP_LINES:
        give_up("".join(log[-20:]) + "JoeyNMT stopped before it had measured anything")
    return statistics.median(rates[WARM_UP_LINES:])


def describe(rates):
    return f"{statistics.median(rates):,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heed", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--joeynmt", metavar="PYTHON", required=True,
                        help="Python of JoeyNMT's environment")
    parser.add_argument("--corpus", type=pathlib.Path, default=SHARED / "corpora/multi30k",
                        help="folder with train and val .en.gz and .de.gz (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="%(default)s")
    args = parser.parse_args()
    # Both are started in another folder; the link that a virtual environment's Python is stays one.
    args.heed = args.heed.absolute()
    args.joeynmt = os.path.abspath(shutil.which(args.joeynmt) or args.joeynmt)
    check(args)
    heed = {name: [] for name in SIZES}
    joeynmt = {name: [] for name in SIZES}
    with tempfile.TemporaryDirectory(prefix="heed-") as scratch:
        folder = pathlib.Path(scratch)
        prepare(args, folder)
        for number in range(1, args.rounds + 1):
            for name, (d_model, _) in SIZES.items():
                rate, precision = run_heed(args, folder, d_model)
                heed[name].append(rate)
                joeynmt[name].append(run_joeynmt(args, folder, d_model))
                print(f"round {number}, {name}: heed {heed[name][-1]:,.0f}, "
                      f"JoeyNMT {joeynmt[name][-1]:,.0f}", file=sys.stderr)
    print(f"| model | heed ({precision}) | range | JoeyNMT (fp32) | range | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in SIZES:
        ratio = statistics.median(heed[name]) / statistics.median(joeynmt[name])
        print("|", " | ".join([name, *describe(heed[name]), *describe(joeynmt[name]),
                               f"{ratio:.1f}"]), "|")


if __name__ == "__main__":
    main()
