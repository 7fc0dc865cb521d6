"""Models that are one of the theory's in another form, and those that are not, with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import checker
from checker.errors import InputError

torch = pytest.importorskip("torch", reason="needs the extra torch")
from certify.torch_models import Unit, dense, derivatives, named, nn  # noqa: E402
from checker.certification.pytorch import OutputLayer, ResidualNetwork  # noqa: E402

OWN = ["head.weight", "head.bias", "unit.last.weight", "unit.last.bias"]


class Applied(nn.Module):  # type: ignore[misc,name-defined]
    """A function as a module without children."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Any) -> Any:
        return self.function(x)


class Conv1D(nn.Module):  # type: ignore[misc,name-defined]
    """A linear layer with a weight (inputs, outputs), as in transformers."""

    def __init__(self, nf: int, nx: int) -> None:
        super().__init__()
        self.nf = nf
        self.weight, self.bias = nn.Parameter(torch.randn(nx, nf)), nn.Parameter(torch.randn(nf))

    def forward(self, x: Any) -> Any:
        return x @ self.weight + self.bias


class Gated(Unit):
    """ReZero: x + α last(inner(x))."""

    def __init__(self, inner: Any, last: Any, alpha: Any) -> None:
        super().__init__(inner, last)
        self.alpha = nn.Parameter(alpha)

    def forward(self, x: Any) -> Any:
        return x + self.alpha * self.last(self.inner(x))


def _in_place(x: Any, v: Any) -> Any:
    x += v
    return x


def _convolution(kernel: int, **options: Any) -> Any:
    unit = Unit(nn.Tanh(), nn.Conv2d(2, 2, kernel, **options))
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return named(unit=unit, pool=pool, head=nn.Linear(2, 1))


def _tokens(after: Callable[[Any], Any], K: int = 1) -> Any:
    unit = Unit(nn.Sequential(nn.Linear(4, 5), nn.GELU()), nn.Linear(5, 4))
    return named(unit=unit, pool=Applied(after), head=nn.Linear(4, K))


def _head_then_mean() -> Any:
    model = _tokens(lambda h: h)
    model.add_module("mean", Applied(lambda p: p.mean(1)))
    return model


def _batch_normed() -> Any:
    unit = Unit(nn.Sequential(nn.Linear(4, 5), nn.ReLU()), nn.Linear(5, 4))
    model = named(unit=unit, norm=nn.BatchNorm1d(4), head=nn.Linear(4, 1))
    with torch.no_grad():
        model.norm.running_mean.normal_()
        model.norm.running_var.uniform_(0.5, 2)
        model.norm.weight.normal_()
        model.norm.bias.normal_()
    return model


VECTORS, TOKENS, IMAGES = (20, 4), (20, 6, 4), (20, 2, 4, 4)


def _inner() -> Any:
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh())


# A model, the shape of its inputs, its form, and whether its parameters are those of the theory.
CASES: dict[str, tuple[Callable[[], Any], Any, str, bool]] = {
    "in place": (lambda: dense(add=_in_place), VECTORS, "one vector", True),
    "out-of-place into v": (lambda: dense(add=lambda x, v: v.add_(x)), VECTORS, "one vector", True),
    "Conv1D": (
        lambda: named(unit=Unit(_inner(), Conv1D(4, 5)), head=Conv1D(1, 4)),
        VECTORS,
        "one vector",
        True,
    ),
    "convolution 3x3": (lambda: _convolution(3, padding=1), IMAGES, "mean", True),
    "convolution 1x1": (lambda: _convolution(1, bias=False), IMAGES, "mean", True),
    "dilated": (lambda: _convolution(3, padding="same", dilation=2), IMAGES, "mean", True),
    "mean over tokens": (lambda: _tokens(lambda h: h.mean(1)), TOKENS, "mean", True),
    "last token": (lambda: _tokens(lambda h: h[:, -1]), TOKENS, "last", True),
    "class token": (lambda: _tokens(lambda h: h[:, 0]), TOKENS, "first", True),
    "head, then mean": (_head_then_mean, TOKENS, "mean", True),
    "ReZero": (
        lambda: named(
            unit=Gated(_inner(), nn.Linear(5, 4), torch.tensor(0.3)), head=nn.Linear(4, 1)
        ),
        VECTORS,
        "the gate unit.alpha",
        False,
    ),
    "LayerScale": (
        lambda: named(unit=Gated(_inner(), nn.Linear(5, 4), torch.rand(4)), head=nn.Linear(4, 1)),
        VECTORS,
        "the gate unit.alpha",
        False,
    ),
    "frozen batch norm": (_batch_normed, VECTORS, "BatchNorm1d norm", False),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("double", [True, False])
def test_a_model_in_another_form(case: str, double: bool) -> None:
    make, shape, form, own = CASES[case]
    torch.manual_seed(3)
    model = make().to(torch.float64 if double else torch.float32).eval()
    X = torch.randn(*shape, dtype=torch.float64 if double else torch.float32)
    y = torch.sign(torch.randn(len(X))).double()
    network = ResidualNetwork(model, "unit", "unit.last", "head")
    assert form in network.form((X, y))

    def objective(p: Any) -> Any:
        return torch.logaddexp(0 * y, -y * p[:, 0].double()).mean()

    found = checker.certify(**network.arrays([(X, y)]), loss="logistic")
    value = objective(model(X)).item()
    assert abs(found.F.value - value) <= (1e-12 if double else 1e-5)
    if double and own:
        present = dict(model.named_parameters())
        names = [name for name in OWN if name in present]
        _, slope, hessian = derivatives(model, X, objective, names)
        assert abs(found.gradient.value - slope.norm().item()) <= 1e-12
        least = torch.linalg.eigvalsh(hessian)[0].item()
        assert abs(found.least_eigenvalue.value - least) <= found.least_eigenvalue.radius + 1e-12
    assert found.escape is not None
    network.apply(found.escape, (X, y))
    after = objective(model(X)).item()
    assert abs(after - found.escape.F_after.value) <= (1e-12 if double else 1e-4) * (1 + abs(after))
    assert after < value


def test_each_token_is_a_row() -> None:
    """A language model without a final norm: labels for each token, -100 for none."""
    torch.manual_seed(0)
    model = _tokens(lambda h: h, K=3).double().eval()
    X, y = torch.randn(5, 6, 4).double(), torch.randint(0, 3, (5, 6))
    y[0, :3] = -100
    network = ResidualNetwork(model, "unit", "unit.last", "head")
    arrays = network.arrays([(X, y)])
    assert arrays["X"].shape == (27, 4)
    found = checker.certify(**arrays, loss="softmax")
    expected = nn.functional.cross_entropy(model(X).reshape(-1, 3), y.reshape(-1))
    assert abs(found.F.value - expected.item()) <= 1e-12


def test_a_linear_unit_and_keywords() -> None:
    """x + lin(x): the unit is its own last layer; modules may be called with keywords."""

    class Linear(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.lin, self.head = nn.Linear(4, 4), nn.Linear(4, 1)

        def forward(self, x: Any) -> Any:
            return self.head(input=x + self.lin(input=x))

    torch.manual_seed(0)
    model, X = Linear().double().eval(), torch.randn(20, 4).double()
    arrays = ResidualNetwork(model, "lin", "lin", "head").arrays([(X, torch.ones(20))])
    assert np.array_equal(arrays["Z"][:, :4], arrays["X"])


def _refused(model: Any, X: Any, message: str, **options: Any) -> None:
    network = ResidualNetwork(model.eval(), "unit", "unit.last", "head", **options)
    with pytest.raises(InputError, match=re.escape(message)):
        network.arrays([(X, torch.ones(len(X)))])


def test_what_ends_the_theory_is_named() -> None:
    torch.manual_seed(0)
    X = torch.randn(*VECTORS)
    unit = Unit(_inner(), nn.Linear(5, 4))
    _refused(
        named(unit=unit, norm=nn.LayerNorm(4), head=nn.Linear(4, 1)),
        X,
        "LayerNorm norm acts between unit.last and head",
    )
    _refused(
        named(unit=unit, act=nn.ReLU(), head=nn.Linear(4, 1)), X, "ReLU act acts between unit.last"
    )
    hidden = named(unit=Unit(_inner(), nn.Linear(5, 4), lambda x, v: torch.relu(x + v)))
    hidden.add_module("head", nn.Linear(4, 1))
    _refused(hidden, X, "what enters head is not x + V z")
    off = named(unit=Gated(_inner(), nn.Linear(5, 4), torch.zeros(())), head=nn.Linear(4, 1))
    _refused(off, X, "there the unit is switched off")


def test_what_the_model_returns_is_compared() -> None:
    torch.manual_seed(0)
    X, model = torch.randn(*VECTORS), dense().float()

    def after(function: Callable[[Any], Any]) -> Any:
        parts = dict(model.named_children())
        return named(**parts, after=Applied(function))

    _refused(after(lambda p: -3 * p), X, "but -3 times that")
    _refused(after(lambda p: p / 0.05), X, "but 20 times that")
    _refused(after(lambda p: p + 1), X, "the model does not return what head returns")
    _refused(after(torch.sigmoid), X, "but its sigmoid: pass link='sigmoid'")
    _refused(after(lambda p: {"scores": p}), X, "nothing with logits")
    _refused(after(torch.sigmoid), X, "unknown link 'logit'", link="logit")
    plain = ResidualNetwork(model, "unit", "unit.last", "head").arrays([(X, torch.ones(20))])
    for function, link in ((torch.sigmoid, "sigmoid"), (torch.atan, torch.atan)):
        network = ResidualNetwork(after(function), "unit", "unit.last", "head", link=link)
        linked = network.arrays([(X, torch.ones(20))])
        assert all(np.array_equal(plain[name], linked[name]) for name in plain)
    logits = after(lambda p: {"logits": p[:, 0]})
    assert ResidualNetwork(logits, "unit", "unit.last", "head").arrays([(X, torch.ones(20))])


def test_the_output_layer_alone_of_a_model_outside_the_theory() -> None:
    """Its lower point, loaded into the model, lowers the model's own loss as certified."""
    torch.manual_seed(0)
    X, y = torch.randn(30, 4).double(), torch.randint(0, 3, (30,))
    unit = Unit(_inner(), nn.Linear(5, 4))
    model = named(unit=unit, norm=nn.LayerNorm(4), head=nn.Linear(4, 3)).double()
    layer = OutputLayer(model, "head")
    found = checker.certify_head(**layer.arrays([(X, y)]), loss="softmax")
    before = nn.functional.cross_entropy(model(X), y).item()
    assert abs(found.F.value - before) <= 1e-12
    assert found.escape is not None
    layer.apply(found.escape)
    after = nn.functional.cross_entropy(model(X), y).item()
    assert abs(after - found.escape.F_after.value) <= 1e-12
    assert after < before


def test_batches_of_many_kinds() -> None:
    torch.manual_seed(0)

    class Named(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.unit, self.head = Unit(_inner(), nn.Linear(5, 4)), nn.Linear(4, 1)

        def forward(self, values: Any) -> Any:
            return self.head(self.unit(values))

    model, X, y = Named().eval(), torch.randn(20, 4), torch.ones(20)
    network = ResidualNetwork(model, "unit", "unit.last", "head")
    first, *others = (
        network.arrays([batch])
        for batch in ((X, y), {"values": X, "labels": y}, ({"values": X}, y), ((X,), y), [X, y])
    )
    for other in others:
        assert all(np.array_equal(first[name], other[name]) for name in first)
    for batch, message in (
        (X, "a batch is Tensor, not a pair"),
        ((X, y, y), "a batch is 3 parts"),
        ({"values": X}, "a batch has no labels"),
    ):
        with pytest.raises(InputError, match=message):
            network.arrays([batch])


def test_nothing_is_changed_while_a_generator_waits() -> None:
    model = dense().float().train()
    network = ResidualNetwork(model, "unit", "unit.last", "head", freeze=True)
    X, y = torch.randn(*VECTORS), torch.ones(20)
    for _ in network.blocks([(X, y), (X, y)]):
        assert torch.is_grad_enabled()
        assert model.training
        assert not model._forward_pre_hooks


def test_tf32_is_allowed_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Factors rounded to 11 bits in the product V z, as TF32 does."""

    def rounded(values: Any) -> Any:
        return (values.view(torch.int32) & ~0x1FFF).view(torch.float32)

    class Coarse(nn.Linear):  # type: ignore[misc,name-defined]
        def forward(self, x: Any) -> Any:
            return rounded(x) @ rounded(self.weight).T + self.bias

    torch.manual_seed(0)
    model, X = dense().float(), torch.randn(*VECTORS)
    model.unit.last = Coarse(5, 4)
    _refused(model, X, "what enters head is not x + V z")
    monkeypatch.setattr(torch, "get_float32_matmul_precision", lambda: "high")
    network = ResidualNetwork(model, "unit", "unit.last", "head")
    assert network.arrays([(X, torch.ones(20))])["X"].shape == VECTORS


def test_a_model_that_draws_is_refused() -> None:
    """Dropout as a function that is always on, before and behind eval()."""
    torch.manual_seed(0)
    unit = Unit(Applied(lambda x: nn.functional.dropout(x, 0.5, True)), nn.Linear(4, 4))
    model, X = named(unit=unit, head=nn.Linear(4, 1)), torch.randn(*VECTORS)
    _refused(model, X, "what enters unit.last differs between two passes")
    with pytest.raises(InputError, match="what enters head differs"):
        OutputLayer(model, "head").arrays([(X, torch.ones(20))])
