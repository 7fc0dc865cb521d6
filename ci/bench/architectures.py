"""Which of the usual architectures `certify` takes, in which form, and why not: docs/certify.md.

    python ci/bench/architectures.py

Random weights, random inputs; needs torch, torchvision, timm and transformers. One line for each.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import timm
import torch
import torchvision
import transformers

import checker
from checker.certification.pytorch import OutputLayer, ResidualNetwork
from checker.errors import InputError

nn = torch.nn
CLASSES, ROWS = 5, 12
# Model, inputs, names of unit, last, output.
Case = tuple[Any, Any, str, str, str]


def image(size: int = 64) -> Any:
    """Random pictures."""
    return torch.randn(ROWS, 3, size, size)


def tokens() -> Any:
    """Random token numbers."""
    return torch.randint(3, 90, (ROWS, 8))


def of_torchvision(name: str, unit: str, last: str, output: str, size: int = 64) -> Case:
    """A model of torchvision, with its last unit."""
    model = torchvision.models.get_model(name, num_classes=CLASSES)
    return model, image(size), unit, last, output


def of_timm(name: str, unit: str, last: str, output: str, size: int = 64) -> Case:
    """A model of timm."""
    options = {"img_size": size} if "vit" in name or "swin" in name else {}
    model = timm.create_model(name, pretrained=False, num_classes=CLASSES, **options)
    return model, image(size), unit, last, output


def gpt2() -> Case:
    """GPT-2 for classification."""
    config = transformers.GPT2Config(
        vocab_size=99, n_embd=16, n_layer=2, n_head=2, num_labels=CLASSES, pad_token_id=0
    )
    model = transformers.GPT2ForSequenceClassification(config)
    last = "transformer.h.1.mlp.c_proj"
    return model, tokens(), "transformer.h.1.ln_2", last, "score"


def llama() -> Case:
    """LLaMA for classification."""
    config = transformers.LlamaConfig(
        vocab_size=99, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, num_labels=CLASSES, pad_token_id=0,
    )  # fmt: skip
    model = transformers.LlamaForSequenceClassification(config)
    layer = "model.layers.1"
    unit, last = f"{layer}.post_attention_layernorm", f"{layer}.mlp.down_proj"
    return model, tokens(), unit, last, "score"


def bert() -> Case:
    """BERT for classification."""
    config = transformers.BertConfig(
        vocab_size=99, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, num_labels=CLASSES,
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    layer = "bert.encoder.layer.1"
    return model, tokens(), f"{layer}.intermediate", f"{layer}.output.dense", "classifier"


class Unit(nn.Module):  # type: ignore[misc]
    """x + gate last(inner(x))."""

    def __init__(self, inner: Any, last: Any, gate: float | None = None) -> None:
        super().__init__()
        self.inner, self.last = inner, last
        self.gate = None if gate is None else nn.Parameter(torch.tensor(gate))

    def forward(self, x: Any) -> Any:
        """The sum."""
        v = self.last(self.inner(x))
        return x + (v if self.gate is None else self.gate * v)


class Then(nn.Module):  # type: ignore[misc]
    """A function as a module."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Any) -> Any:
        """Its value."""
        return self.function(x)


def chain(X: Any, d: int, unit: Any, *after: Any) -> Case:
    """unit, what follows, and an output layer."""
    model = nn.Sequential()
    model.add_module("unit", unit)
    for number, part in enumerate(after):
        model.add_module(f"after{number}", part)
    model.add_module("head", nn.Linear(d, CLASSES))
    return model, X, "unit", "unit.last", "head"


def vectors() -> Any:
    """Random rows."""
    return torch.randn(ROWS, 8)


def words() -> Any:
    """Random rows with positions."""
    return torch.randn(ROWS, 6, 8)


def mlp(norm: Callable[[], Any], **gate: Any) -> Any:
    """The block of a tabular ResNet or of a pre-norm transformer."""
    inner = nn.Sequential(norm(), nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1))
    return Unit(inner, nn.Linear(16, 8), **gate)


def convolution() -> Any:
    """A pre-activation block of convolutions."""
    inner = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
    return Unit(inner, nn.Conv2d(4, 4, 3, padding=1))


def layer_norm() -> Any:
    """Of 8 numbers."""
    return nn.LayerNorm(8)


def batch_norm() -> Any:
    """Of 8 numbers."""
    return nn.BatchNorm1d(8)


STOCK: dict[str, Callable[[], Case]] = {
    "ResNet-18": lambda: of_torchvision("resnet18", "layer4.1", "layer4.1.conv2", "fc"),
    "ResNet-50": lambda: of_torchvision("resnet50", "layer4.2", "layer4.2.conv3", "fc"),
    "pre-activation ResNet-18": lambda: of_timm(
        "resnetv2_18", "stages.3.blocks.1", "stages.3.blocks.1.conv2", "head.fc"
    ),
    "NF-ResNet-26": lambda: of_timm("nf_resnet26", "stages.3.1", "stages.3.1.conv3", "head.fc"),
    "ViT (timm)": lambda: of_timm(
        "vit_tiny_patch16_224", "blocks.11.norm2", "blocks.11.mlp.fc2", "head"
    ),
    "ViT (torchvision)": lambda: of_torchvision(
        "vit_b_16", "encoder.layers.encoder_layer_11.ln_2",
        "encoder.layers.encoder_layer_11.mlp.3", "heads.head", 224,
    ),
    "Swin-T": lambda: of_timm(
        "swin_tiny_patch4_window7_224", "layers.3.blocks.1.norm2", "layers.3.blocks.1.mlp.fc2",
        "head.fc", 224,
    ),
    "MLP-Mixer S/32": lambda: of_timm(
        "mixer_s32_224", "blocks.7.norm2", "blocks.7.mlp_channels.fc2", "head", 224
    ),
    "ConvNeXt": lambda: of_timm(
        "convnext_atto", "stages.3.blocks.1", "stages.3.blocks.1.mlp.fc2", "head.fc"
    ),
    "ResMLP-12": lambda: of_timm(
        "resmlp_12_224", "blocks.11.norm2", "blocks.11.mlp_channels.fc2", "head", 224
    ),
    "EfficientNet-B0": lambda: of_timm("efficientnet_b0", "conv_head", "conv_head", "classifier"),
    "MobileNetV2": lambda: of_timm("mobilenetv2_100", "conv_head", "conv_head", "classifier"),
    "DenseNet-121": lambda: of_torchvision(
        "densenet121", "features.denseblock4.denselayer16",
        "features.denseblock4.denselayer16.conv2", "classifier",
    ),
    "VGG-11": lambda: of_torchvision("vgg11", "classifier.3", "classifier.3", "classifier.6"),
    "GPT-2": gpt2,
    "LLaMA": llama,
    "BERT": bert,
    "tabular ResNet (Gorishniy et al. 2021)": lambda: chain(
        vectors(), 8, mlp(batch_norm), batch_norm(), nn.ReLU()
    ),
}  # fmt: skip

OWN: dict[str, Callable[[], Case]] = {
    "tabular ResNet, no final norm": lambda: chain(vectors(), 8, mlp(batch_norm)),
    "tabular ResNet, final batch norm, no ReLU": lambda: chain(
        vectors(), 8, mlp(batch_norm), batch_norm()
    ),
    "pre-norm transformer, no final norm, last token": lambda: chain(
        words(), 8, mlp(layer_norm), Then(lambda h: h[:, -1])
    ),
    "the same, mean over tokens": lambda: chain(
        words(), 8, mlp(layer_norm), Then(lambda h: h.mean(1))
    ),
    "the same, each token a row": lambda: chain(words(), 8, mlp(layer_norm)),
    "pre-activation convolutions, global average pool": lambda: chain(
        torch.randn(ROWS, 4, 6, 6), 4, convolution(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    ),
    "ReZero": lambda: chain(vectors(), 8, mlp(layer_norm, gate=0.5)),
}


def main() -> None:
    """One line of the table for each architecture."""
    warnings.simplefilter("ignore")
    print("| architecture | the theorems | the output layer alone | F, and the model's own |")
    print("|---|---|---|---|")
    for name, make in {**STOCK, **OWN}.items():
        torch.manual_seed(0)
        begin = time.perf_counter()
        model, X, unit, last, output = make()
        print(f"| {name} | {' | '.join(_tried(model.eval(), X, unit, last, output))} |", flush=True)
        print(f"{name}: {time.perf_counter() - begin:.1f} s", file=__import__("sys").stderr)


def _tried(model: Any, X: Any, unit: str, last: str, output: str) -> tuple[str, str, str]:
    with torch.no_grad():
        returned = model(X)
    logits = getattr(returned, "logits", returned)
    y = torch.randint(0, CLASSES, logits.shape[:-1])
    own = nn.functional.cross_entropy(logits.reshape(-1, CLASSES), y.reshape(-1)).item()
    found: dict[str, Any] = {}
    theorems = _outcome(lambda: _unit(found, model, (X, y), unit, last, output))
    alone = _outcome(lambda: _layer(found, model, (X, y), output))
    values = sorted({f"{value:.6f}" for value in found.values()})
    assert all(abs(value - own) <= 1e-4 * (1 + own) for value in found.values()), (found, own)
    return theorems, alone, f"{', '.join(values)}; {own:.6f}"


def _unit(found: Any, model: Any, batch: Any, *names: str) -> str:
    network = ResidualNetwork(model, *names)
    certificate = checker.certify(**network.arrays([batch]), loss="softmax")
    found["theorems"] = certificate.F.value
    return f"**certified**: {network.form(batch)}"


def _layer(found: Any, model: Any, batch: Any, output: str) -> str:
    arrays = OutputLayer(model, output).arrays([batch])
    certificate = checker.certify_head(**arrays, loss="softmax")
    found["alone"] = certificate.F.value
    return f"certified, d = {certificate.d}"


def _outcome(attempt: Callable[[], str]) -> str:
    try:
        return attempt()
    except InputError as error:
        return f"refused: {error.what}"


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
