"""Losses as engineers name them: the same numbers as PyTorch's, with the factor that is said."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import checker
from certify.instances import vector_arrays, vector_network
from checker.certification.adapters.losses import translated
from checker.errors import InputError

RNG = np.random.default_rng(0)
N, D, M = 15, 3, 2
X, Z, V = (RNG.standard_normal(s) for s in ((N, D), (N, M), (D, M)))


def _layer(K: int) -> dict[str, Any]:
    W = np.random.default_rng(K).standard_normal((K, D))
    return {"w": W[0]} if K == 1 else {"W": W}


def _prediction(K: int) -> Any:
    layer = _layer(K)
    return (X + Z @ V.T) @ np.atleast_2d(layer.get("w", layer.get("W"))).T


def _bce(p: Any, y: Any) -> Any:
    return (np.logaddexp(0, p) - y * p).mean()


@pytest.mark.parametrize("K", [1, 2, 3])
def test_words(K: int) -> None:
    """The factor that is said, times F, is the mean over rows and outputs."""
    p, binary, real = _prediction(K), RNG.integers(0, 2, (N, K)), RNG.standard_normal((N, K))
    for word, y, own in (("bce", binary, _bce(p, binary)), ("mse", real, ((p - real) ** 2).mean())):
        labels = y[:, 0] if K == 1 else y
        found = checker.certify(X, Z, labels, V=V, loss=word, **_layer(K))
        factor = re.fullmatch(r"the mean of \w+ is (\d )?F(?: / (\d))?", found.said)
        assert factor is not None
        above, below = (int(g or 1) for g in factor.groups())
        assert abs(found.F.value * above / below - own) <= 1e-12


def test_classes_as_integers() -> None:
    point = vector_network(0)
    given = vector_arrays(point)
    classes = RNG.integers(0, 3, len(point.X))
    found = checker.certify(**given | {"y": classes, "loss": "ce"})
    rows = checker.certify(**given | {"y": np.eye(3)[classes]})
    assert found.F == rows.F
    blocks = [(point.X[:5], point.Z[:5], classes[:5]), (point.X[5:], point.Z[5:], classes[5:])]
    streamed = checker.certify(blocks, W=given["W"], V=given["V"], loss="softmax")
    assert abs(streamed.F.value - rows.F.value) <= 1e-12
    wrong = np.where(np.arange(len(classes)) == 7, 3, classes)
    with pytest.raises(InputError, match=r"y\[7\] is the class 3, and there are 3 outputs"):
        checker.certify(**given | {"y": wrong})


def test_cross_entropy_of_one_output_is_refused() -> None:
    with pytest.raises(InputError, match="pass 'bce'"):
        checker.certify(X, Z, np.zeros(N), V=V, loss="ce", **_layer(1))


def test_loss_objects_of_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="needs the extra torch")
    nn, F = torch.nn, torch.nn.functional
    for given, K, expected in (
        (nn.CrossEntropyLoss(), 3, "softmax"),
        (F.cross_entropy, 3, "softmax"),
        (nn.BCEWithLogitsLoss(), None, "cross_entropy"),
        (F.binary_cross_entropy_with_logits, None, "cross_entropy"),
        (nn.MSELoss(), None, "squared"),
        (F.mse_loss, 2, "squared"),
        (nn.SoftMarginLoss(), None, "logistic"),
        (nn.L1Loss(), None, "absolute"),
    ):
        assert translated(given, K).loss == expected
    assert translated(nn.MSELoss(reduction="sum"), None).said.endswith("n times as much")
    y = torch.randint(0, 3, (N,))
    found = checker.certify(X, Z, y, V=V, loss=nn.CrossEntropyLoss(), **_layer(3))
    own = nn.CrossEntropyLoss()(torch.tensor(_prediction(3)), y).item()
    assert abs(found.F.value - own) <= 1e-12
    for loss, message in (
        (nn.CrossEntropyLoss(weight=torch.ones(3)), "weights of its own"),
        (nn.CrossEntropyLoss(label_smoothing=0.1), "smooths the labels"),
        (nn.TripletMarginLoss(), "is not known here"),
        (nn.L1Loss(), "not twice differentiable"),
    ):
        with pytest.raises(InputError, match=message):
            checker.certify(X, Z, y, V=V, loss=loss, **_layer(3))


@pytest.mark.parametrize("loss", [3, object()])
def test_what_is_no_loss(loss: Any) -> None:
    with pytest.raises(InputError, match="is not a loss"):
        checker.certify(X, Z, np.zeros(N), V=V, loss=loss, **_layer(1))
