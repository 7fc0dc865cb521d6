"""Certificates at initialisation, in mid-training and at the end; a bad saddle that is escaped.

Trains pre-activation residual units on the digits (0 to 4 against 5 to 9) and on breast cancer with
full batches. Needs the extras torch, sklearn and plots; the data come with scikit-learn.

    python examples/certify_training.py [--out DIR]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn import datasets

import checker
from checker.certification.certificate import Certificate, Enclosed, Findings
from checker.certification.monitor import Monitor
from checker.certification.pytorch import ResidualNetwork

STEPS, EVERY, WIDTH, SEED = 200, 20, 32, 0


class PreActivationUnit(torch.nn.Module):
    """x + V relu(norm(A relu(norm(x)))), the residual unit of He et al. (2016)."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.inner = torch.nn.Sequential(
            torch.nn.BatchNorm1d(d), torch.nn.ReLU(), torch.nn.Linear(d, WIDTH),
            torch.nn.BatchNorm1d(WIDTH), torch.nn.ReLU(),
        )  # fmt: skip
        self.last = torch.nn.Linear(WIDTH, d)

    def forward(self, x: Any) -> Any:
        """The sum of the input and its residual."""
        return x + self.last(self.inner(x))


def load(name: str) -> tuple[Any, Any]:
    """Standardised inputs and labels -1 or 1, as tensors."""
    data = datasets.load_digits() if name == "digits" else datasets.load_breast_cancer()
    spread = data.data.std(axis=0)
    X = (data.data - data.data.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    y = np.where(data.target >= (5 if name == "digits" else 1), 1.0, -1.0)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def train(name: str, folder: Path) -> Monitor:
    """Full-batch Adam; certificates go to a file of JSON lines."""
    torch.manual_seed(SEED)
    X, y = load(name)
    model = torch.nn.Sequential()
    model.add_module("unit", PreActivationUnit(X.shape[1]))
    model.add_module("output", torch.nn.Linear(X.shape[1], 1))
    network = ResidualNetwork(model, "unit", "unit.last", "output", freeze=True)
    path = folder / f"{name}.jsonl"
    path.unlink(missing_ok=True)
    monitor = Monitor(path, lambda: network.arrays([(X, y)]), "logistic", EVERY)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(STEPS + 1):
        found = monitor.step(step)
        if found is not None and step in (0, STEPS // 2, STEPS):
            report(f"{name}, step {step}", found)
        optimiser.zero_grad()
        torch.nn.functional.softplus(-y * model(X)[:, 0]).mean().backward()
        optimiser.step()
    print(f"{name}: certificates took {monitor.overhead:.0%} of the time\n")
    return monitor


def report(title: str, found: Findings) -> None:
    """A few lines of a certificate."""
    assert isinstance(found, Certificate)
    bound = found.best.bounds["Theorem 1"]
    print(f"{title}: {found.sentence}")
    print(f"  F = {found.F}, F_lin(w*) = {found.best.F_lin}")
    print(f"  gradient {found.gradient}, least eigenvalue {found.least_eigenvalue}")
    says = f"<= {bound}" if isinstance(bound, Enclosed) else f"does not apply: {bound}"
    print(f"  gap {found.best.gap}, Theorem 1: {says}")


def plot(monitors: dict[str, Monitor], path: Path) -> None:
    """The gap and the sharp bound on it during training; only decades that hold numbers."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, (name, monitor) in zip(figure.subplots(1, 2), monitors.items(), strict=True):
        steps = [record["step"] for record in monitor.records]
        axes.plot(steps, [r["gap_upper"] for r in monitor.records], label="F - F_lin(w*)")
        bounds = [r["bound_upper"] for r in monitor.records]
        axes.plot(steps, bounds, label="least bound of the theorems")
        lowest = min(r["gap_lower"] for r in monitor.records)
        if lowest > 0:
            axes.set_yscale("log")
        else:
            axes.axhline(0.0, color="grey", linewidth=0.8)
            axes.set_yscale("symlog", linthresh=0.1)
            axes.set_ylim(bottom=1.5 * lowest)
        axes.set(title=name, xlabel="step")
        axes.legend()
    figure.savefig(path, dpi=150)


def saddle(d: int = 50, eps: float = 0.01) -> None:
    """Example 1 of the paper in d dimensions: critical, worse than linear, and nearly flat."""
    rng = np.random.default_rng(SEED)
    X = rng.standard_normal((200, d))
    found = checker.certify(X, eps * X, X[:, 0], np.zeros(d), -np.eye(d) / eps, "squared")
    report(f"Example 1, d = {d}", found)


def main() -> None:
    """Train, certify, plot."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default="certified", metavar="DIR")
    folder = Path(parser.parse_args().out)
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    start = time.perf_counter()
    monitors = {name: train(name, folder) for name in ("digits", "breast_cancer")}
    plot(monitors, folder / "training.png")
    saddle()
    print(f"\n{time.perf_counter() - start:.0f} s; records and a plot are in {folder}")


if __name__ == "__main__":
    main()
