"""Random PyTorch models, trained a little, certified, and compared with autograd.

    python ci/certified_models.py [MODELS]

Each model has another size, number of outputs, loss, weight decay and training, with and without
biases. By PyTorch's own derivatives, with a dense Hessian: value, gradient and least eigenvalue in
(w, V) and their biases; that the model's own loss falls to what is said of the lower point when
this is loaded; and that nothing which looks like a strict local minimum is called no minimum.
Prints what disagrees, and counts.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import checker
from checker.certification.pytorch import ResidualNetwork

torch.set_default_dtype(torch.float64)
F = torch.nn.functional

# PyTorch's roundings, times (1 + ‖w‖)² (1 + ‖V‖)²: some models are trained to weights of 10⁵.
_ROUNDING = 1e-13
# What looks like a strict minimum: a gradient of at most this and a least eigenvalue of as much.
_STILL, _CURVED = 1e-9, 1e-5


class Model(torch.nn.Module):
    """x ↦ W(x + V f(x)) with biases or none."""

    def __init__(self, d: int, m: int, K: int, bias: bool) -> None:
        super().__init__()
        self.unit = torch.nn.Module()
        self.unit.inner = torch.nn.Linear(d, m)
        self.unit.last = torch.nn.Linear(m, d, bias=bias)
        self.head = torch.nn.Linear(d, K, bias=bias)
        self.unit.forward = self._unit

    def _unit(self, x: Any) -> Any:
        return x + self.unit.last(torch.tanh(self.unit.inner(x)))

    def forward(self, x: Any) -> Any:
        """The outputs, (n, K)."""
        return self.head(self.unit(x))


@dataclass(frozen=True)
class Case:
    """One model with its data and objective."""

    model: Model
    X: Any
    y: Any
    loss: str
    ridge: float

    def value(self) -> Any:
        """The model's own objective; the decay is that of w, V and their biases."""
        decay = sum((p**2).sum() for p in self.certified())
        return _LOSSES[self.loss](self.model(self.X), self.y) + self.ridge / 2 * decay

    def rounding(self) -> float:
        """How far PyTorch's numbers may be from the truth, roughly."""
        sizes = [1 + p.detach().norm().item() for p in self.certified()]
        return _ROUNDING * float(np.prod(sizes)) ** 2

    def certified(self) -> list[Any]:
        """The parameters of the certificate."""
        layers = (self.model.head, self.model.unit.last)
        return [p for layer in layers for p in layer.parameters()]


_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    # Not softplus, which PyTorch takes for linear from 20 on.
    "logistic": lambda p, y: -F.logsigmoid(y * p).mean(0).sum(),
    "squared": lambda p, y: ((p - y) ** 2 / 2).mean(0).sum(),
    "softmax": F.cross_entropy,
}


def drawn(seed: int) -> Case:
    """A case by its number."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, d, m, K = (int(rng.integers(*ends)) for ends in ((2, 12), (1, 4), (1, 4), (1, 5)))
    loss = ("softmax" if K > 1 else "logistic", "logistic", "squared")[int(rng.integers(3))]
    model = Model(d, m, K, bias=bool(rng.integers(2)))
    X = torch.tensor(rng.standard_normal((n, d)))
    y: Any = torch.tensor(rng.integers(0, K, n))
    if loss != "softmax":
        y = torch.tensor(rng.choice((-1.0, 1.0), (n, K)))
    case = Case(model, X, y, loss, float(rng.choice((0.0, 0.0, 0.1))))
    trained(case, int(rng.choice((0, 3, 200))))
    return case


def trained(case: Case, steps: int) -> None:
    """Full-batch L-BFGS; then Newton's method where there is a minimum nearby."""
    if not steps:
        return
    optimiser = torch.optim.LBFGS(
        case.model.parameters(), max_iter=steps, tolerance_grad=1e-12, line_search_fn="strong_wolfe"
    )

    def closure() -> Any:
        optimiser.zero_grad()
        value = case.value()
        value.backward()
        return value

    optimiser.step(closure)
    for _ in range(10):
        slope, hessian = derivatives(case)
        if torch.linalg.eigvalsh(hessian)[0] < _CURVED:
            return
        moved(case.certified(), -torch.linalg.solve(hessian, slope))


def moved(parameters: Sequence[Any], step: Any) -> None:
    """Add a step to parameters."""
    with torch.no_grad():
        for p, part in zip(parameters, step.split([p.numel() for p in parameters]), strict=True):
            p += part.reshape(p.shape)


def derivatives(case: Case) -> tuple[Any, Any]:
    """Gradient and Hessian in the parameters of the certificate."""
    parameters = case.certified()
    slopes = torch.autograd.grad(case.value(), parameters, create_graph=True)
    flat = torch.cat([g.reshape(-1) for g in slopes])
    return flat.detach(), torch.stack([_row(g, parameters) for g in flat])


def _row(slope: Any, parameters: Sequence[Any]) -> Any:
    found = torch.autograd.grad(slope, parameters, retain_graph=True, materialize_grads=True)
    return torch.cat([h.reshape(-1) for h in found])


def disagreements(case: Case, seen: Counter[str]) -> list[str]:
    """What PyTorch contradicts."""
    network = ResidualNetwork(case.model.eval(), unit="unit", last="unit.last", output="head")
    target = case.y if case.loss == "softmax" else case.y.squeeze(1)
    arrays = network.arrays([(case.X, target)])
    found = checker.certify(**arrays, loss=case.loss, ridge=case.ridge)
    verdict = found.verdict.name
    seen[verdict] += 1
    before, rounding = case.value().item(), case.rounding()
    slope, hessian = derivatives(case)
    gradient, least = slope.norm().item(), torch.linalg.eigvalsh(hessian)[0].item()
    wrong = [
        *_apart("F", found.F, before, rounding),
        *_apart("gradient", found.gradient, gradient, rounding),
        *_apart("least eigenvalue", found.least_eigenvalue, least, rounding),
    ]
    if gradient <= _STILL and least >= _CURVED:
        seen["strict minima"] += 1
        wrong += [f"{verdict} at a strict minimum"] if verdict == "NOT_A_MINIMUM" else []
    if found.escape is not None:
        seen["lower points loaded"] += 1
        network.apply(found.escape)
        after = case.value().item()
        wrong += _apart("the lower point", found.escape.F_after, after, rounding)
        wrong += [] if after < before else [f"the lower point has {after}, not below {before}"]
    return wrong


def _apart(name: str, enclosed: Any, value: float, rounding: float) -> list[str]:
    if abs(enclosed.value - value) <= enclosed.radius + rounding:
        return []
    return [f"{name}: certified {enclosed.value!r} ± {enclosed.radius:.1e}, PyTorch {value!r}"]


def main(models: int) -> int:
    """Print the counts; 1 where something disagrees."""
    seen: Counter[str] = Counter()
    wrong = 0
    for seed in range(models):
        for sentence in disagreements(drawn(seed), seen):
            wrong += 1
            print(f"model {seed}: {sentence}", flush=True)
    print(f"{models} models, {wrong} disagreements; {dict(seen)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
