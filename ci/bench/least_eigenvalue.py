"""λ_min of `certify` against Lanczos on PyTorch's Hessian-vector products, on the same model.

    pip install hessian-eigenthings
    python ci/bench/least_eigenvalue.py

The library knows the model only: each of its products costs passes over the data. A Ritz value of
Lanczos is above λ_min, in exact arithmetic; it is compared with the proved enclosure.
"""

from __future__ import annotations

import time
from typing import Any

import checker.threads  # isort: skip  # before NumPy

import torch
from hessian_eigenthings import HessianOperator, lanczos, match_names

from checker.certification.certify import certify
from checker.certification.pytorch import ResidualNetwork

assert checker.threads

SIZES = ((2_000, 20, 20), (2_000, 50, 50), (5_000, 100, 100), (5_000, 200, 200))
STEPS = (20, 50)


class Unit(torch.nn.Module):
    """x + V tanh(U x)."""

    def __init__(self, d: int, m: int) -> None:
        super().__init__()
        self.first = torch.nn.Linear(d, m)
        self.last = torch.nn.Linear(m, d, bias=False)

    def forward(self, x: Any) -> Any:
        """The unit's output."""
        return x + self.last(torch.tanh(self.first(x)))


def main() -> None:
    """One row per size and number of Lanczos steps, as a Markdown table."""
    torch.set_num_threads(1)
    print("| n | d | m | enclosure of λ_min | certify, s | steps | Ritz - λ_min | Lanczos, s |")
    print("|---|---|---|---|---|---|---|---|")
    for size in SIZES:
        _compare(*size)


def _compare(n: int, d: int, m: int) -> None:
    torch.manual_seed(0)
    layers = {"unit": Unit(d, m), "head": torch.nn.Linear(d, 1, bias=False)}
    model = torch.nn.Sequential()
    for name, layer in layers.items():
        model.add_module(name, layer)
    model = model.double().eval()
    inputs = torch.randn(n, d, dtype=torch.float64)
    labels = torch.sign(inputs[:, 0] + 0.5 * torch.randn(n, dtype=torch.float64))
    network = ResidualNetwork(model, unit="unit", last="unit.last", output="head")
    start = time.perf_counter()
    found = certify(**network.arrays([(inputs, labels)]), loss="logistic").least_eigenvalue
    took = time.perf_counter() - start
    for steps in STEPS:
        value, seconds = _lanczos(model, inputs, labels, steps)
        above = value - found.value
        print(
            f"| {n:,} | {d} | {m} | {found} | {took:.2f} | {steps} | {above:.2e} | {seconds:.2f} |",
            flush=True,
        )


def _lanczos(model: Any, inputs: Any, labels: Any, steps: int) -> tuple[float, float]:
    """The least Ritz value of the Hessian in (w, V), and seconds."""

    def loss(net: Any, batch: Any) -> Any:
        margins = batch[1] * net(batch[0])[:, 0]
        return torch.nn.functional.softplus(-margins).mean()

    start = time.perf_counter()
    names = match_names("head.weight", "unit.last.weight")
    operator = HessianOperator(model, [(inputs, labels)], loss, param_filter=names)
    found = lanczos(operator, k=1, max_iter=steps, which="SA", seed=0, reorthogonalize=True)
    return float(found.eigenvalues[0]), time.perf_counter() - start


if __name__ == "__main__":
    main()
