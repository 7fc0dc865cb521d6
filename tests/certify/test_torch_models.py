"""Random models of PyTorch against autograd over all their trainable parameters."""

from __future__ import annotations

from typing import Any

import pytest

import checker
from checker.certification.certificate import Verdict
from checker.errors import InputError

torch = pytest.importorskip("torch", reason="needs the extra torch")
from certify.torch_models import Unit, dense, derivatives, named, nn  # noqa: E402
from checker.certification.pytorch import ResidualNetwork  # noqa: E402

OWN = ["head.weight", "head.bias", "unit.last.weight", "unit.last.bias"]
F = torch.nn.functional


def _names(model: Any) -> list[str]:
    present = dict(model.named_parameters())
    return [name for name in OWN if name in present]


def _data(seed: int, d: int, K: int) -> tuple[Any, Any]:
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(20, d, generator=generator, dtype=torch.float64)
    if K == 1:
        return X, torch.sign(torch.randn(20, generator=generator, dtype=torch.float64))
    return X, torch.randint(0, K, (20,), generator=generator)


def _objective(y: Any, K: int) -> Any:
    if K == 1:
        return lambda p: torch.logaddexp(0 * y, -y * p[:, 0]).mean()
    return lambda p: F.cross_entropy(p, y)


def _draw(seed: int) -> tuple[Any, Any, Any, int]:
    """Model, inputs, labels, outputs: with and without biases, w = 0 or rank 1 at some seeds."""
    torch.manual_seed(seed)
    d, m, K = 1 + seed % 4, 1 + seed % 3, (1, 1, 2, 3)[seed % 4]
    model = dense(d, m, K, bias=seed % 5 != 4)
    with torch.no_grad():
        if seed % 7 == 6:
            model.head.weight.zero_()
        if seed % 3 == 2 and model.head.bias is not None:
            model.head.bias.mul_(5)
    return model, *_data(seed, d, K), K


@pytest.mark.parametrize("seed", range(24))
def test_every_verdict_and_number_is_that_of_the_model(seed: int) -> None:
    model, X, y, K = _draw(seed)
    loss = "logistic" if K == 1 else "softmax"
    network = ResidualNetwork(model, "unit", "unit.last", "head")
    found = checker.certify(**network.arrays([(X, y)]), loss=loss)
    value, slope, _ = derivatives(model, X, _objective(y, K))
    _, own, hessian = derivatives(model, X, _objective(y, K), _names(model))
    assert abs(found.F.value - value) <= 1e-12
    assert abs(found.gradient.value - own.norm().item()) <= 1e-12
    if K == 1:
        least = torch.linalg.eigvalsh(hessian)[0].item()
        assert abs(found.least_eigenvalue.value - least) <= found.least_eigenvalue.radius + 1e-12
    if found.verdict is Verdict.NOT_A_MINIMUM:
        curved = torch.linalg.eigvalsh(hessian)[0].item() < -1e-9
        assert slope.norm().item() > 1e-9 or curved
        assert found.escape is not None
        network.apply(found.escape)
        after = _objective(y, K)(model(X)).item()
        assert after < value
        assert abs(after - found.escape.F_after.value) <= 1e-12 * (1 + abs(after))


def test_a_strict_minimum_of_the_model_is_not_denied() -> None:
    """`test_parameters.py` has its mathematics; here as a model with the default output bias."""
    from certify.test_parameters import _strict_minimum

    given = _strict_minimum()
    X, Z, Y = (torch.tensor(given[name]) for name in ("X", "Z", "y"))

    class Features(nn.Module):  # type: ignore[misc,name-defined]
        def forward(self, x: Any) -> Any:
            return Z[(x - X[:, 0]).abs().argmin(1)]

    unit = Unit(Features(), nn.Linear(1, 1, bias=False))
    model = named(unit=unit, head=nn.Linear(1, 4)).double()
    with torch.no_grad():
        model.unit.last.weight.copy_(torch.tensor(given["V"]))
        model.head.weight.copy_(torch.tensor(given["W"]))
        model.head.bias.zero_()

    def objective(p: Any) -> Any:
        return torch.log(torch.cosh(p - Y)).sum(1).mean()

    _, slope, hessian = derivatives(model, X, objective)
    assert slope.norm() <= 1e-12
    assert torch.linalg.eigvalsh(hessian)[0] > 0.1
    network = ResidualNetwork(model, "unit", "unit.last", "head")
    found = checker.certify(**network.arrays([(X, Y)]), loss="log_cosh")
    assert found.verdict is Verdict.WORSE


class Chain(nn.Module):  # type: ignore[misc,name-defined]
    """Two units whose last layers share their weight."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Unit(nn.Tanh(), nn.Linear(3, 3, bias=False))
        self.unit = Unit(nn.Tanh(), nn.Linear(3, 3, bias=False))
        self.unit.last.weight = self.first.last.weight
        self.head = nn.Linear(3, 1)

    def forward(self, x: Any) -> Any:
        return self.head(self.unit(self.first(x)))


def test_weights_that_are_not_free_are_refused() -> None:
    X, y = _data(0, 3, 1)

    def refused(model: Any, message: str) -> None:
        network = ResidualNetwork(model.double().eval(), "unit", "unit.last", "head")
        with pytest.raises(InputError, match=message):
            network.arrays([(X, y)])

    refused(Chain(), "unit.last.weight and first.last.weight are the same weights")
    tied = dense(3, 3, 3)
    tied.head.weight = tied.stem.weight
    refused(tied, "head.weight and stem.weight are the same weights")
    for part in ("head", "unit.last"):
        frozen = dense(3, 3)
        frozen.get_submodule(part).requires_grad_(False)
        refused(frozen, f"{part}.weight, {part}.bias is frozen")
    normed = dense(3, 3)
    nn.utils.parametrizations.spectral_norm(normed.unit.last)
    refused(normed, "computed from other parameters")
    whole = dense(3, 3).requires_grad_(False)
    assert ResidualNetwork(whole, "unit", "unit.last", "head").arrays([(X, y)])["V"].size == 12


def test_the_trained_sum_of_weight_decay_is_that_of_the_optimiser() -> None:
    """Gradient and λ_min with `ridge` are those of SGD's weight_decay over the same parameters."""
    model, X, y, _ = _draw(0)
    r = 0.3
    parameters = dict(model.named_parameters())
    network = ResidualNetwork(model, "unit", "unit.last", "head")
    found = checker.certify(**network.arrays([(X, y)]), loss="logistic", ridge=r)
    _, own, hessian = derivatives(model, X, _objective(y, 1), _names(model))
    theta = torch.cat([parameters[name].detach().reshape(-1) for name in _names(model)])
    assert abs(found.gradient.value - (own + r * theta).norm().item()) <= 1e-12
    least = torch.linalg.eigvalsh(hessian)[0].item() + r
    assert abs(found.least_eigenvalue.value - least) <= found.least_eigenvalue.radius + 1e-12
