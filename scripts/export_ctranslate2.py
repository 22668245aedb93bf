#!/usr/bin/env python3
"""Writes a heed model as a CTranslate2 model.

    pip install ctranslate2 sentencepiece
    scripts/export_ctranslate2.py runs/first exported [--quantization int8]

MODEL_DIR is a model folder (config.toml, model.safetensors and joint.spm, or src.spm and tgt.spm) or a
run folder, which stands for its `best` (else `last`) model. OUT gets model.bin, config.json, the
vocabularies and the SentencePiece models. CTranslate2 then closes the source and starts the target
by itself:

    import ctranslate2, sentencepiece
    source = sentencepiece.SentencePieceProcessor(model_file="exported/src.spm")  # or joint.spm
    target = sentencepiece.SentencePieceProcessor(model_file="exported/tgt.spm")  # or joint.spm
    translator = ctranslate2.Translator("exported", inter_threads=2, intra_threads=1)
    result = translator.translate_batch([source.encode("A dog.", out_type=str)], beam_size=5)
    print(target.decode(result[0].hypotheses[0]))

Sinusoidal and learned positions are written as a table: unlike heed, CTranslate2 then refuses a
sentence with more pieces than --max-positions. A trained output of word links (model.alignment_head)
stays behind: CTranslate2 has no place for it, and translations don't depend on it.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tomllib

import ctranslate2
import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec
from ctranslate2.specs.model_spec import ACCEPTED_MODEL_TYPES, LayerSpec

BOS, EOS = 2, 3  # as in every tokenizer that heed makes or takes
ACTIVATIONS = {
    "relu": common_spec.Activation.RELU,
    "gelu": common_spec.Activation.GELU,  # the exact one, as heed's
    "swish": common_spec.Activation.SWISH,
}


class CannotExport(Exception):
    """A model, or a wish, that has no CTranslate2 model; the text says why."""


def find_model(path: pathlib.Path) -> pathlib.Path:
    """The model folder that `path` stands for."""
    for folder in (path, path / "best", path / "last"):
        if (folder / "model.safetensors").is_file():
            return folder
    raise CannotExport(f"{path}: no model.safetensors in it, nor in {path}/best or {path}/last")


def read_safetensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The tensors of a file that holds 32-bit floats only, by their names."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            raise CannotExport(f"{path}: '{name}' is stored as {entry['dtype']}; export the model as it was "
                               "trained, in F32: --quantization makes it smaller")
        first, last = (begin + offset for offset in entry["data_offsets"])
        # A copy, for CTranslate2 quantizes in place.
        tensors[name] = np.frombuffer(data[first:last], dtype="<f4").reshape(entry["shape"]).copy()
    return tensors


def sinusoids(count: int, d_model: int) -> np.ndarray:
    """[count, d_model]: the sine of position / 10000^(2i / d_model) in column 2i, its cosine beside it
    (Vaswani et al. 2017, 3.5). CTranslate2's own have other wavelengths and another order."""
    angles = np.arange(count)[:, None] / 10000.0 ** (np.arange(0, d_model, 2) / d_model)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(count, d_model).astype(np.float32)


class Weights:
    """heed's tensors, each of which has to find its place in the specification."""

    def __init__(self, tensors: dict[str, np.ndarray]):
        self.tensors = tensors
        self.unused = set(tensors)

    def take(self, name: str) -> np.ndarray:
        if name not in self.tensors:
            raise CannotExport(f"the model has no '{name}'; its config.toml and its weights don't belong together")
        self.unused.discard(name)
        return self.tensors[name]

    def fill(self, spec: LayerSpec, name: str) -> None:
        """A linear layer's or a norm's weight and bias."""
        is_norm = isinstance(spec, common_spec.LayerNormSpec)
        setattr(spec, "gamma" if is_norm else "weight", self.take(name + ".weight"))
        setattr(spec, "beta" if is_norm else "bias", self.take(name + ".bias"))

    def fill_attention(self, spec: LayerSpec, name: str, linears: tuple[str, ...]) -> None:
        for linear, linear_name in zip(spec.linear, linears, strict=True):
            self.fill(linear, f"{name}.{linear_name}")
        self.fill(spec.layer_norm, name + "_residual.norm")

    def fill_layer(self, spec: LayerSpec, name: str) -> None:
        self.fill_attention(spec.self_attention, name + ".self_attention", ("query_key_value", "output"))
        if hasattr(spec, "attention"):
            self.fill_attention(spec.attention, name + ".cross_attention", ("query", "key_value", "output"))
        self.fill(spec.ffn.linear_0, name + ".feed_forward.inner")
        self.fill(spec.ffn.linear_1, name + ".feed_forward.outer")
        self.fill(spec.ffn.layer_norm, name + ".feed_forward_residual.norm")

    def fill_stack(self, spec: LayerSpec, name: str) -> None:
        for index, layer in enumerate(spec.layer):
            self.fill_layer(layer, f"{name}.layers.{index}")
        if hasattr(spec, "layer_norm"):
            self.fill(spec.layer_norm, name + ".norm")

    def positions(self, name: str, model: dict, count: int) -> np.ndarray:
        """`count` rows; beyond the last that was learned they are the last, as in heed."""
        if model["positions"] == "sinusoidal":
            return sinusoids(count, model["d_model"])
        learned = self.take(name + ".positions")
        return learned[np.minimum(np.arange(max(count, len(learned))), len(learned) - 1)]


def build_spec(model: dict, weights: Weights, max_positions: int) -> transformer_spec.TransformerSpec:
    """`model` is the section of that name in config.toml."""
    is_rotary = model["positions"] == "rotary"
    shape = {"pre_norm": model["norm"] == "pre", "activation": ACTIVATIONS[model["activation"]]}
    if is_rotary:  # of whole heads, whose halves are turned against each other
        shape |= {"rotary_dim": 0, "rotary_interleave": False}
    spec = transformer_spec.TransformerSpec(
        transformer_spec.TransformerEncoderSpec(model["encoder_layers"], model["num_heads"], **shape),
        transformer_spec.TransformerDecoderSpec(model["decoder_layers"], model["num_heads"], **shape))
    tgt_name = "src_embedding" if model["tying"] == "all" else "tgt_embedding"
    output_name = "output" if model["tying"] == "none" else tgt_name
    spec.encoder.embeddings[0].weight = weights.take("src_embedding.weight")
    spec.decoder.embeddings.weight = weights.take(tgt_name + ".weight")
    spec.decoder.projection.weight = weights.take(output_name + ".weight")
    if is_rotary:
        del spec.encoder.position_encodings  # the decoder's is left out by CTranslate2 itself
    else:
        spec.encoder.position_encodings.encodings = weights.positions("src_embedding", model, max_positions)
        spec.decoder.position_encodings.encodings = weights.positions("tgt_embedding", model, max_positions)
    weights.fill_stack(spec.encoder, "encoder")
    weights.fill_stack(spec.decoder, "decoder")
    left_over = sorted(name for name in weights.unused if not name.startswith("alignment_head."))
    if left_over:
        raise CannotExport(f"the model's '{left_over[0]}' has no place in a CTranslate2 Transformer")
    return spec


def tokenizer_files(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """The SentencePiece models of source and target."""
    joint = folder / "joint.spm"
    return (joint, joint) if joint.is_file() else (folder / "src.spm", folder / "tgt.spm")


def read_vocabulary(path: pathlib.Path) -> list[str]:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return processor.id_to_piece(list(range(processor.get_piece_size())))


def add_vocabularies(spec: transformer_spec.TransformerSpec, files: tuple[pathlib.Path, pathlib.Path],
                     reverse: bool) -> None:
    """CTranslate2 can close the source by its end token alone, where heed closes that of the reverse
    direction by <s>: there these two change names, in the source's vocabulary only."""
    source, target = (read_vocabulary(path) for path in files)
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = target[1], target[BOS], target[EOS]
    spec.config.decoder_start_token = target[BOS]
    spec.config.add_source_eos = True
    if reverse:
        source[BOS], source[EOS] = source[EOS], source[BOS]
    spec.register_source_vocabulary(source)
    spec.register_target_vocabulary(target)


class HeedConverter(ctranslate2.converters.Converter):
    """Converter of a heed model folder."""

    def __init__(self, folder: pathlib.Path, reverse: bool = False, max_positions: int = 1024):
        self.folder = folder
        self.reverse = reverse
        self.max_positions = max_positions

    def _load(self) -> transformer_spec.TransformerSpec:
        config = tomllib.loads((self.folder / "config.toml").read_text(encoding="utf-8"))
        if self.reverse and not config["data"].get("bidirectional", False):
            raise CannotExport(f"{self.folder} translates in one direction; heed train --bidirectional makes "
                               "models for both")
        weights = Weights(read_safetensors(self.folder / "model.safetensors"))
        spec = build_spec(config["model"], weights, self.max_positions)
        add_vocabularies(spec, tokenizer_files(self.folder), self.reverse)
        return spec


def check_output(out: pathlib.Path, force: bool) -> None:
    if not out.exists():
        return
    if not force:
        raise CannotExport(f"{out} is there already; --force replaces it")
    if not (out / "model.bin").is_file():  # all that is in it would go
        raise CannotExport(f"{out} is no CTranslate2 model, so --force does not replace it; name another folder")


def export(model: pathlib.Path, out: pathlib.Path, quantization: str | None = None, force: bool = False,
           reverse: bool = False, max_positions: int = 1024) -> None:
    """Writes the CTranslate2 model folder `out`. Raises CannotExport."""
    folder = find_model(model)
    check_output(out, force)
    HeedConverter(folder, reverse, max_positions).convert(str(out), quantization=quantization, force=force)
    for path in set(tokenizer_files(folder)):
        shutil.copy(path, out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL_DIR", type=pathlib.Path)
    parser.add_argument("out", metavar="OUT", type=pathlib.Path)
    parser.add_argument("--quantization", choices=ACCEPTED_MODEL_TYPES,
                        help="how weights are stored (default: as 32-bit floats)")
    parser.add_argument("--reverse", action="store_true",
                        help="of a model of both directions: the one from its target language to its source")
    parser.add_argument("--max-positions", type=int, default=1024,
                        help="the longest sentence in pieces, end included (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="replace OUT")
    arguments = parser.parse_args()
    try:
        export(**vars(arguments))
    except (CannotExport, OSError, KeyError, ValueError) as error:
        print(f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
