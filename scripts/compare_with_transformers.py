#!/usr/bin/env python3
"""Compares models that `heed import` made with transformers' MarianMTModel.

    pip install torch transformers sentencepiece safetensors
    scripts/compare_with_transformers.py build/heed [--work DIR]
    scripts/compare_with_transformers.py --reference

Trains MarianMTModels for seconds, as OPUS-MT's are in all but size (two SentencePiece models over one
vocab.json), of several kinds; imports each; and compares how lines are split into pieces, the log-probability
of given pairs, and what greedy and beam search find. Prints a table and exits with 1 when anything differs.

--reference prints the log-probabilities that tests/app/marian_import_test.cpp expects of its model.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings
from dataclasses import dataclass, field

import sentencepiece
import torch
from transformers import MarianConfig, MarianMTModel, MarianTokenizer
from transformers.utils import logging

MAX_TOKEN_DIFFERENCE = 1e-4  # of a piece's log-probability
MAX_NEW_TOKENS = 40
UPDATES = 120
BATCH = 24
SYLLABLES = ["ba", "ko", "mi", "du", "re", "no", "fa", "lu", "shi", "tan"]
SHARED_WORDS = ["2026", "Tokyo", "3,14", "NATO", "-", "?"]
LETTERS_OF_TARGET = str.maketrans("abdefhiklmnorstu", "абдефхиклмнорсту")
# Beside sampled text: characters of the other side only, of neither, tags, spaces, a full-width form.
ODD_LINES = ["", "bako миду", "ба ko", "bako ☃☃ mi", "☃", "  ba   ko  ", "ｂａｋｏ", ">>deu<< bako mi", ">>fra<<bako",
             ">>xyz<< bako", ">> bako << mi", "bako >>deu<< mi", "Tokyo, Токио 2026?"]


@dataclass
class Kind:
    """What a model is like, beside the usual."""

    name: str
    config: dict = field(default_factory=dict)
    tags: list = field(default_factory=list)
    separate: bool = False
    dtype: torch.dtype = torch.float32


KINDS = [
    Kind("as OPUS-MT"),
    Kind("half precision", dtype=torch.float16),
    Kind("bfloat16", dtype=torch.bfloat16),
    Kind("many languages", tags=[">>deu<<", ">>fra<<", ">>zho_Hans<<"]),
    Kind("two vocabularies", {"share_encoder_decoder_embeddings": False}, separate=True),
    Kind("not tied", {"tie_word_embeddings": False}),
    Kind("not scaled, relu", {"scale_embedding": False, "activation_function": "relu"}),
    Kind("gelu", {"activation_function": "gelu"}),
]


def sample_line(rng: random.Random) -> str:
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 3))) for _ in range(rng.randint(1, 9))]
    if rng.random() < 0.4:
        words.insert(rng.randrange(len(words) + 1), rng.choice(SHARED_WORDS))
    return " ".join(words)


def to_target(line: str) -> str:
    return " ".join(word if word in SHARED_WORDS else word.translate(LETTERS_OF_TARGET)
                    for word in line.split(" "))


def train_spm(lines: list[str], path: pathlib.Path, vocab_size: int) -> list[str]:
    """Trains a SentencePiece model with the defaults, as OPUS-MT's were; gives its pieces."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=path.open("wb"), vocab_size=vocab_size,
        character_coverage=1.0, hard_vocab_limit=False, minloglevel=2)
    spm = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [spm.id_to_piece(i) for i in range(spm.get_piece_size()) if not (spm.is_control(i) or spm.is_unknown(i))]


def make_vocabulary(pieces: list[str], tags: list[str], rng: random.Random) -> dict[str, int]:
    """In an order of its own; a few pieces are left out, as those are that a corpus never had."""
    kept = sorted(set(pieces))
    rng.shuffle(kept)
    kept = kept[: len(kept) - 4]
    order = ["</s>", "<unk>", *kept[:20], *tags, *kept[20:], "<pad>"]
    return {piece: i for i, piece in enumerate(order)}


def randomize(model: MarianMTModel, generator: torch.Generator) -> None:
    """Starts from weights of which none is zero or one, so that a part left out would show."""
    for name, value in model.state_dict().items():
        if "embed_positions" in name:
            continue
        scale = value.shape[-1] ** -0.5 if value.dim() > 1 else 0.1
        mean = 1.0 if "norm.weight" in name else 0.0
        value.copy_(mean + scale * torch.randn(value.shape, generator=generator))


def train(model: MarianMTModel, tokenizer: MarianTokenizer, pairs: list[tuple[str, str]]) -> None:
    """A little, so that what is found differs from line to line and ends."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 20))
    for start in range(0, UPDATES * BATCH, BATCH):
        src, tgt = zip(*pairs[start : start + BATCH])
        batch = tokenizer(list(src), return_tensors="pt", padding=True)
        ends = [torch.tensor(ids) for ids in tokenizer(text_target=list(tgt)).input_ids]
        labels = torch.nn.utils.rnn.pad_sequence(ends, batch_first=True, padding_value=-100)
        model(**batch, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()


def make_folder(folder: pathlib.Path, kind: Kind, seed: int) -> list[str]:
    """Writes a Hugging Face folder; gives source lines to try it with."""
    rng = random.Random(seed)
    lines = [sample_line(rng) for _ in range(UPDATES * BATCH)]
    folder.mkdir()
    src_pieces = train_spm(lines, folder / "source.spm", 170)
    tgt_pieces = train_spm([to_target(line) for line in lines], folder / "target.spm", 150)
    if kind.separate:
        vocabulary = make_vocabulary(src_pieces, [], rng)
        target_vocabulary = make_vocabulary(tgt_pieces, [], rng)
        (folder / "target_vocab.json").write_text(json.dumps(target_vocabulary), encoding="utf-8")
    else:
        vocabulary = target_vocabulary = make_vocabulary(src_pieces + tgt_pieces, kind.tags, rng)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"source_lang": "en", "target_lang": "ru", "separate_vocabs": kind.separate}), encoding="utf-8")
    pad = target_vocabulary["<pad>"]
    config = MarianConfig(**{
        "vocab_size": len(vocabulary), "decoder_vocab_size": len(target_vocabulary), "d_model": 64,
        "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
        "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "activation_function": "swish", "scale_embedding": True,
        "max_position_embeddings": 512, "pad_token_id": pad, "decoder_start_token_id": pad, "eos_token_id": 0,
        "forced_eos_token_id": 0, **kind.config})
    model = MarianMTModel(config)
    randomize(model, torch.Generator().manual_seed(seed))
    tokenizer = MarianTokenizer.from_pretrained(folder)
    train(model, tokenizer, [(line, to_target(line)) for line in lines])
    model.eval()
    model.generation_config.update(bad_words_ids=[[pad]], num_beams=4, max_length=512)
    model.to(kind.dtype).save_pretrained(folder)
    return lines[:30]


def run(command: list, text: str = "") -> str:
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def translate(heed: str, model: pathlib.Path, lines: list[str], beam_size: int) -> list[dict]:
    out = run([heed, "translate", "--model", model, "--json", "--precision", "fp32", "--beam-size", beam_size, "--threads", 1,
               "--max-length", MAX_NEW_TOKENS - 1, "--max-length-ratio", 1000], "".join(line + "\n" for line in lines))
    return [json.loads(line) for line in out.splitlines()]


class Reference:
    """The folder as transformers reads it."""

    def __init__(self, folder: pathlib.Path):
        self.tokenizer = MarianTokenizer.from_pretrained(folder)
        self.tokenizer.punc_normalizer = lambda text: text
        self.model = MarianMTModel.from_pretrained(folder, dtype=torch.float32).eval()

    def encode(self, line: str, is_target: bool = False) -> torch.Tensor:
        tokens = self.tokenizer(text_target=line) if is_target else self.tokenizer(line)
        return torch.tensor([tokens.input_ids])

    @torch.no_grad()
    def log_probs(self, src: str, tgt: str) -> torch.Tensor:
        """Of each target piece, then of eos."""
        labels = self.encode(tgt, is_target=True)
        logits = self.model(input_ids=self.encode(src), labels=labels).logits[0]
        return logits.log_softmax(-1).gather(1, labels[0].unsqueeze(1)).squeeze(1)

    @torch.no_grad()
    def search(self, src: str, beam_size: int) -> list[str]:
        """Heed's search ends when it has as many finished hypotheses as beams: early stopping."""
        stopping = {"early_stopping": True} if beam_size > 1 else {}
        ids = self.model.generate(self.encode(src), num_beams=beam_size, max_length=None,
                                  max_new_tokens=MAX_NEW_TOKENS, length_penalty=1.0, **stopping)[0]
        return [self.tokenizer._convert_id_to_token(i) for i in ids[1:].tolist()]


def known(tokens: list[str], vocabulary: dict[str, int]) -> list[str]:
    return [token if token in vocabulary else "<unk>" for token in tokens]


def compare_scores(heed: str, imported: pathlib.Path, reference: Reference, pairs: list[tuple[str, str]]) -> float:
    """The largest difference a piece. Prefixes of a target are targets, too, so that no piece hides behind others."""
    pairs = [(src, " ".join(tgt.split(" ")[:end])) for src, tgt in pairs for end in range(len(tgt.split(" ")) + 1)]
    out = run([heed, "score", "--model", imported, "--threads", 1], "".join(f"{s}\t{t}\n" for s, t in pairs))
    largest = 0.0
    for (src, tgt), score in zip(pairs, out.splitlines(), strict=True):
        log_probs = reference.log_probs(src, tgt)
        largest = max(largest, abs(float(score) - log_probs.double().sum().item()) / len(log_probs))
    return largest


def compare_search(heed: str, imported: pathlib.Path, reference: Reference, lines: list[str],
                   beam_size: int) -> tuple[int, int, set]:
    """Numbers of lines with the same pieces, of lines compared, and the outputs. Where transformers comes to the
    maximum length it forces an end at no cost; such lines are left out."""
    same, compared, outputs = 0, 0, set()
    for line, found in zip(lines, translate(heed, imported, lines, beam_size), strict=True):
        expected = reference.search(line, beam_size)
        if len(expected) >= MAX_NEW_TOKENS or expected[-1] != "</s>":
            continue
        compared += 1
        same += found["pieces"] == expected[:-1]
        outputs.add(tuple(expected))
    return same, compared, outputs


def compare_pieces(found: list[dict], reference: Reference, lines: list[str]) -> list[str]:
    """The lines that are split otherwise."""
    vocabulary = reference.tokenizer.encoder
    return [line for line, entry in zip(lines, found, strict=True)
            if known(entry["source_pieces"], vocabulary) != known(reference.tokenizer.tokenize(line), vocabulary)]


def usable(line: str, tags: list[str]) -> bool:
    """Whether heed is to read the line as transformers does: that takes anything from >> to << for a tag,
    heed only what the vocabulary has; and an empty line is not translated."""
    if not line:
        return False
    return not line.startswith(">>") or any(line.startswith(tag) for tag in tags)


def compare(heed: str, kind: Kind, work: pathlib.Path, seed: int) -> bool:
    folder, imported = work / f"hf-{seed}", work / f"heed-{seed}"
    sampled = make_folder(folder, kind, seed)
    run([heed, "import", folder, imported])
    reference = Reference(folder)
    prefix = f"{kind.tags[0]} " if kind.tags else ""
    lines = [prefix + line for line in sampled] + [line for line in ODD_LINES if usable(line, kind.tags)]
    targets = [to_target(line) for line in sampled] + [line for line in ODD_LINES if usable(line, kind.tags)]
    pairs = list(zip(lines, reversed(targets), strict=True))
    otherwise = compare_pieces(translate(heed, imported, lines, 1), reference, lines)
    difference = compare_scores(heed, imported, reference, pairs)
    searches = [compare_search(heed, imported, reference, lines, beam_size) for beam_size in (1, 4)]
    found = ", ".join(f"{same}/{compared} ({len(outputs)} different)" for same, compared, outputs in searches)
    print(f"{kind.name:<18} {len(lines) - len(otherwise)}/{len(lines)}  {difference:.1e}  {found}", flush=True)
    for line in otherwise:
        print(f"  split otherwise: {line!r}")
    return (not otherwise and difference < MAX_TOKEN_DIFFERENCE and
            all(same == compared > 15 and len(outputs) > 8 for same, compared, outputs in searches))


def fnv1a(text: str) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def reference_model() -> MarianMTModel:
    """The model of tests/app/marian_import_test.cpp, whose weights are sines."""
    config = MarianConfig(
        vocab_size=8, d_model=8, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=12, decoder_ffn_dim=12, activation_function="swish",
        scale_embedding=True, max_position_embeddings=16, pad_token_id=7, decoder_start_token_id=7, eos_token_id=0)
    model = MarianMTModel(config).eval()
    for name, value in model.state_dict().items():
        if "embed_positions" in name:
            continue
        stored = "model.shared.weight" if "embed_tokens" in name or name == "lm_head.weight" else name
        angles = fnv1a(stored) % 1000 + 1.7 * torch.arange(value.numel(), dtype=torch.float64)
        values = 0.5 * torch.sin(angles) + (1.0 if "norm.weight" in name else 0.0)
        value.copy_(values.view(value.shape))
    return model


def print_reference() -> None:
    labels = torch.tensor([[4, 5, 6, 0]])
    with torch.no_grad():
        logits = reference_model()(input_ids=torch.tensor([[2, 3, 4, 0]]), labels=labels).logits[0].double()
    print([round(value, 6) for value in logits.log_softmax(-1).gather(1, labels[0].unsqueeze(1)).squeeze(1).tolist()])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heed", nargs="?", help="the program")
    parser.add_argument("--work", type=pathlib.Path, help="keep the folders there; by default they are removed")
    parser.add_argument("--only", choices=[kind.name for kind in KINDS], action="append", help="of the models")
    parser.add_argument("--reference", action="store_true", help="print what the unit test expects")
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    if options.reference:
        print_reference()
        return 0
    if options.heed is None:
        parser.error("name the program")
    print(f"{'model':<18} lines split alike, largest difference of a piece's log-probability, "
          "outputs alike: greedy, beam 4")
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or pathlib.Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        results = [compare(options.heed, kind, work, seed) for seed, kind in enumerate(KINDS)
                   if options.only is None or kind.name in options.only]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
