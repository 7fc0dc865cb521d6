"""What a monitor costs: the share of a training's time that goes into certificates.

The networks of examples/certify_training.py: digits as 0 to 4 against 5 to 9, as 10 classes, and
breast cancer, full batches. Certificates and steps alternate in one run, so that a busy machine
slows both. Needs the extras torch and sklearn.

    python ci/bench/monitor.py [--steps 400] [--every 50 100 200]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import checker.threads  # isort: skip  # before NumPy

import numpy as np
import torch
from sklearn import datasets

assert checker.threads
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))

from certify_training import SEED, PreActivationUnit, load  # noqa: E402

from checker.certification.monitor import Monitor  # noqa: E402
from checker.certification.pytorch import ResidualNetwork  # noqa: E402

CASES = ("digits", "digits, 10 classes", "breast_cancer")


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--every", type=int, nargs="*", default=[50, 100, 200])
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| network | every | certificates | a certificate, in steps | share of the time |")
    print("|---|---|---|---|---|")
    for case in CASES:
        for every in options.every:
            monitor = trained(case, options.steps, every)
            count, share = len(monitor.records), monitor.overhead
            steps = share / (1 - share) * options.steps / count
            print(f"| {case} | {every} | {count} | {steps:.0f} | {share:.1%} |", flush=True)


def trained(case: str, steps: int, every: int) -> Monitor:
    """The monitor after a training by Adam; certificates after every so many steps."""
    torch.manual_seed(SEED)
    name, _, classes = case.partition(", ")
    X, y = load(name)
    outputs, loss = 1, "logistic"
    if classes:
        outputs, loss = 10, "softmax"
        y = torch.tensor(np.asarray(datasets.load_digits().target))
    model = torch.nn.Sequential()
    model.add_module("unit", PreActivationUnit(X.shape[1]))
    model.add_module("output", torch.nn.Linear(X.shape[1], outputs))
    network = ResidualNetwork(model, "unit", "unit.last", "output", freeze=True)
    monitor = Monitor(None, lambda: network.arrays([(X, y)]), loss, every)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        _objective(model(X), y, loss).backward()
        optimiser.step()
        monitor.step(step)
    assert all(record["verdict"] != "FAILED" for record in monitor.records)
    return monitor


def _objective(predictions: Any, y: Any, loss: str) -> Any:
    if loss == "softmax":
        return torch.nn.functional.cross_entropy(predictions, y)
    return torch.nn.functional.softplus(-y * predictions[:, 0]).mean()


if __name__ == "__main__":
    main()
