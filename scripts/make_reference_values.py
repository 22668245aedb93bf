#!/usr/bin/env python3
"""Writes tests/fixtures/model: what heed's layers, loss and optimizer must give, from PyTorch.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 numpy safetensors
    venv/bin/python scripts/make_reference_values.py

PyTorch's own modules (nn.TransformerEncoderLayer, nn.MultiheadAttention, optim.Adam, ...) get
random weights, stored under heed's parameter names. Everything is 32-bit float, token ids too:
heed reads nothing else. With the same PyTorch the same files come out, but for the order in which
the Python package writes its metadata.
"""

import argparse
import json
import math
import pathlib
import struct

import numpy as np
import safetensors.numpy
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

PAD, BOS, EOS = 0, 2, 3
D_MODEL, HEADS, FFN, LAYERS = 8, 2, 12, 2
SRC_LENGTHS, TGT_LENGTHS = (5, 2, 4), (3, 6, 4)
ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "swish": F.silu}
MODELS = {
    # name: (norm_first, activation, learned positions, tying, source and target vocabulary)
    "pre_relu": (True, "relu", False, "none", 11, 13),
    "post_gelu": (False, "gelu", True, "decoder", 11, 13),
    "pre_swish": (True, "swish", True, "all", 12, 12),
}
MAX_POSITIONS = 7
SMOOTHING = 0.1


def sinusoids(length):
    table = np.zeros((length, D_MODEL))
    for position in range(length):
        for i in range(D_MODEL // 2):
            angle = position / 10000 ** (2 * i / D_MODEL)
            table[position, 2 * i : 2 * i + 2] = math.sin(angle), math.cos(angle)
    return torch.tensor(table, dtype=torch.float32)


class Reference(nn.Module):
    """An encoder-decoder of PyTorch's layers, embedded as heed does it."""

    def __init__(self, norm_first, activation, learned, tying, src_vocab, tgt_vocab):
        super().__init__()
        common = dict(
            d_model=D_MODEL, nhead=HEADS, dim_feedforward=FFN, dropout=0.0, batch_first=True,
            norm_first=norm_first, activation=ACTIVATIONS[activation],
        )  # fmt: skip
        self.encoder = nn.ModuleList(nn.TransformerEncoderLayer(**common) for _ in range(LAYERS))
        self.decoder = nn.ModuleList(nn.TransformerDecoderLayer(**common) for _ in range(LAYERS))
        self.encoder_norm = nn.LayerNorm(D_MODEL) if norm_first else None
        self.decoder_norm = nn.LayerNorm(D_MODEL) if norm_first else None
        self.src = nn.Parameter(torch.empty(src_vocab, D_MODEL))
        self.tgt = self.src if tying == "all" else nn.Parameter(torch.empty(tgt_vocab, D_MODEL))
        self.out = self.tgt if tying != "none" else nn.Parameter(torch.empty(tgt_vocab, D_MODEL))
        self.src_positions = nn.Parameter(torch.empty(MAX_POSITIONS, D_MODEL)) if learned else None
        self.tgt_positions = nn.Parameter(torch.empty(MAX_POSITIONS, D_MODEL)) if learned else None
        for name, parameter in self.named_parameters():
            is_norm = "norm" in name and name.endswith("weight")
            nn.init.normal_(parameter, 1.0 if is_norm else 0.0, 0.3)

    def embed(self, ids, weight, positions):
        rows = sinusoids(ids.size(1)) if positions is None else positions[: ids.size(1)]
        return F.embedding(ids, weight) * math.sqrt(D_MODEL) + rows

    def forward(self, src, src_is_pad, tgt_in):
        memory = self.embed(src, self.src, self.src_positions)
        for layer in self.encoder:
            memory = layer(memory, src_key_padding_mask=src_is_pad)
        if self.encoder_norm:
            memory = self.encoder_norm(memory)
        hidden = self.embed(tgt_in, self.tgt, self.tgt_positions)
        is_future = torch.ones(tgt_in.size(1), tgt_in.size(1), dtype=torch.bool).triu(1)
        for layer in self.decoder:
            hidden = layer(
                hidden, memory, tgt_mask=is_future, memory_key_padding_mask=src_is_pad
            )
        if self.decoder_norm:
            hidden = self.decoder_norm(hidden)
        return memory, hidden, F.linear(hidden, self.out)


def heed_tensors(model, value):
    """Heed's names -> value(parameter), the fused projections cut as heed cuts them."""
    tensors = {"src_embedding.weight": value(model.src)}
    if model.tgt is not model.src:
        tensors["tgt_embedding.weight"] = value(model.tgt)
    if model.out is not model.tgt:
        tensors["output.weight"] = value(model.out)
    if model.src_positions is not None:
        tensors["src_embedding.positions"] = value(model.src_positions)
        tensors["tgt_embedding.positions"] = value(model.tgt_positions)
    for side, layers in ("encoder", model.encoder), ("decoder", model.decoder):
        for index, layer in enumerate(layers):
            tensors |= heed_layer(f"{side}.layers.{index}", layer, value, side == "decoder")
    if model.encoder_norm:
        for side, norm in ("encoder", model.encoder_norm), ("decoder", model.decoder_norm):
            for kind in ("weight", "bias"):
                tensors[f"{side}.norm.{kind}"] = value(getattr(norm, kind))
    return tensors


def heed_layer(prefix, layer, value, is_decoder):
    sublayers = ["self_attention"] + ["cross_attention"] * is_decoder + ["feed_forward"]
    tensors = {}
    for number, sublayer in enumerate(sublayers, start=1):
        norm = getattr(layer, f"norm{number}")
        for kind in ("weight", "bias"):
            tensors[f"{prefix}.{sublayer}_residual.norm.{kind}"] = value(getattr(norm, kind))
    tensors |= heed_self_attention(f"{prefix}.self_attention", layer.self_attn, value)
    if is_decoder:
        tensors |= heed_cross_attention(f"{prefix}.cross_attention", layer.multihead_attn, value)
    for name, linear in ("inner", layer.linear1), ("outer", layer.linear2):
        for kind in ("weight", "bias"):
            tensors[f"{prefix}.feed_forward.{name}.{kind}"] = value(getattr(linear, kind))
    return tensors


def heed_self_attention(prefix, attention, value):
    return {
        f"{prefix}.query_key_value.weight": value(attention.in_proj_weight),
        f"{prefix}.query_key_value.bias": value(attention.in_proj_bias),
        f"{prefix}.output.weight": value(attention.out_proj.weight),
        f"{prefix}.output.bias": value(attention.out_proj.bias),
    }


def heed_cross_attention(prefix, attention, value):
    weight, bias = value(attention.in_proj_weight), value(attention.in_proj_bias)
    return {
        f"{prefix}.query.weight": weight[:D_MODEL],
        f"{prefix}.query.bias": bias[:D_MODEL],
        f"{prefix}.key_value.weight": weight[D_MODEL:],
        f"{prefix}.key_value.bias": bias[D_MODEL:],
        f"{prefix}.output.weight": value(attention.out_proj.weight),
        f"{prefix}.output.bias": value(attention.out_proj.bias),
    }


def padded(lengths, vocab, before, after):
    """Random sentences between `before` and `after` (None: nothing), padded on the right."""
    rows = [torch.randint(4, vocab, (length,)).tolist() for length in lengths]
    rows = [[before] * (before is not None) + row + [after] * (after is not None) for row in rows]
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def write(path, tensors):
    floats = {name: torch.as_tensor(t).detach().float() for name, t in tensors.items()}
    save_file({name: t.clone().contiguous() for name, t in floats.items()}, path)


def write_model(folder, name):
    model = Reference(*MODELS[name])
    src = padded(SRC_LENGTHS, MODELS[name][4], None, EOS)
    tgt = padded(TGT_LENGTHS, MODELS[name][5], BOS, EOS)
    tgt_in, tgt_out = tgt[:, :-1].clone(), tgt[:, 1:].clone()
    tgt_in[tgt_in == EOS] = PAD  # eos is never an input
    memory, hidden, logits = model(src, src == PAD, tgt_in)
    loss = F.cross_entropy(
        logits.flatten(0, 1), tgt_out.flatten(), ignore_index=PAD, reduction="sum",
        label_smoothing=SMOOTHING,
    )  # fmt: skip
    loss.backward()
    tensors = {f"parameter.{k}": v for k, v in heed_tensors(model, lambda p: p.data).items()}
    tensors |= {f"gradient.{k}": v for k, v in heed_tensors(model, lambda p: p.grad).items()}
    tensors |= dict(src=src, tgt_in=tgt_in, tgt_out=tgt_out)
    tensors |= dict(memory=memory, hidden=hidden, logits=logits, loss=loss)
    write(folder / f"{name}.safetensors", tensors)


def write_layers(folder):
    x, memory = torch.randn(3, 4, D_MODEL), torch.randn(3, 5, D_MODEL)
    is_pad = torch.arange(5) >= torch.tensor([[5], [2], [4]])
    attention = nn.MultiheadAttention(D_MODEL, HEADS, batch_first=True)
    for parameter in attention.parameters():
        nn.init.normal_(parameter, 0.0, 0.4)
    out_self, weights_self = attention(x, x, x, average_attn_weights=False)
    out_cross, weights_cross = attention(
        x, memory, memory, key_padding_mask=is_pad, average_attn_weights=False
    )
    inner, outer, norm = nn.Linear(D_MODEL, FFN), nn.Linear(FFN, D_MODEL), nn.LayerNorm(D_MODEL)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    tensors = dict(
        x=x, memory=memory, is_token=~is_pad, out_self=out_self, weights_self=weights_self,
        out_cross=out_cross, weights_cross=weights_cross, layer_norm=norm(3 * x + 1),
        norm_weight=norm.weight, norm_bias=norm.bias, sinusoids=sinusoids(40),
        inner_weight=inner.weight, inner_bias=inner.bias,
        outer_weight=outer.weight, outer_bias=outer.bias,
    )  # fmt: skip
    tensors |= {f"feed_forward_{name}": outer(f(inner(x))) for name, f in ACTIVATIONS.items()}
    tensors |= heed_self_attention("self_attention", attention, lambda p: p.data)
    tensors |= heed_cross_attention("cross_attention", attention, lambda p: p.data)
    write(folder / "layers.safetensors", tensors)


def write_loss(folder):
    logits = torch.randn(9, 20) * 3
    target = torch.randint(0, 20, (9,))
    target[[2, 8]] = PAD
    tensors = dict(logits=logits, target=target)
    for smoothing in (0.0, 0.1, 0.4):
        leaf = logits.clone().requires_grad_()
        loss = F.cross_entropy(
            leaf, target, ignore_index=PAD, reduction="sum", label_smoothing=smoothing
        )
        loss.backward()
        tensors |= {f"loss_{smoothing}": loss, f"gradient_{smoothing}": leaf.grad}
    write(folder / "loss.safetensors", tensors)


def inverse_square_root(update, peak=0.02, warmup=3):
    return peak * min(update / warmup, (warmup / update) ** 0.5)


def write_optimizer(folder):
    updates, size = 6, 37
    start = torch.randn(size)
    gradients = torch.randn(updates, size) * torch.logspace(-3, 1, size)
    tensors = dict(start=start, gradients=gradients)
    settings = {
        "adam": lambda p: torch.optim.Adam([p], betas=(0.9, 0.98), eps=1e-9),
        "adamw": lambda p: torch.optim.AdamW([p], betas=(0.9, 0.98), eps=1e-9, weight_decay=0.1),
    }
    for name, make in settings.items():
        value = start.clone().requires_grad_()
        optimizer, history = make(value), []
        for update in range(1, updates + 1):
            optimizer.param_groups[0]["lr"] = inverse_square_root(update)
            value.grad = gradients[update - 1].clone()
            optimizer.step()
            history.append(value.detach().clone())
        tensors[name] = torch.stack(history)
    write(folder / "optimizer.safetensors", tensors)


def write_cosine(tensors_path):
    """Learning rates of updates 4..12 with peak 0.02 at update 4 and 0.002 at update 12."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8, eta_min=0.002)
    rates = []
    for _ in range(9):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    write(tensors_path, dict(rates=torch.tensor(rates)))


def write_safetensors_files(folder):
    """One file by the Python package; one packed by hand as heed must write it, read back here."""
    tensors = {
        "b.matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a.scalar": np.array(-1.5, dtype=np.float32),
        "empty": np.zeros((0, 4), dtype=np.float32),
        "名前 \"quoted\"": np.array([np.inf, -0.0, 1e-40], dtype=np.float32),
    }
    metadata = {"format": "pt", "note": "über"}
    safetensors.numpy.save_file(tensors, folder / "written_by_python.safetensors", metadata)

    header, data = {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        offsets = [len(data), len(data) + value.nbytes]
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": offsets}
        data += value.tobytes()
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    packed = struct.pack("<Q", len(text)) + text + data
    (folder / "as_heed_writes.safetensors").write_bytes(packed)
    for name, value in safetensors.numpy.load(packed).items():
        assert value.dtype == np.float32 and np.array_equal(value, tensors[name]), name


def main():
    default = pathlib.Path(__file__).parent.parent / "tests" / "fixtures" / "model"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=default, help="folder to write into")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(20)
    torch.set_num_threads(1)
    for name in MODELS:
        write_model(folder, name)
    write_layers(folder)
    write_loss(folder)
    write_optimizer(folder)
    write_cosine(folder / "cosine.safetensors")
    write_safetensors_files(folder)
    for path in sorted(folder.glob("*.safetensors")):
        print(f"{path.name}\t{path.stat().st_size}")


if __name__ == "__main__":
    main()
