"""Decided cases per second, per claim, at (n, d, m) = (5, 3, 3), generation included, one core.

Three ways in one run: elementwise Hypothesis with autograd and a tolerance (the usual practice),
plain float64 batches of the same formula (no guarantee), and decided batches (every case proved).

    python ci/bench/throughput.py [--seconds 3] [--batch 2048]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import checker.threads  # isort: skip  # before NumPy

import autograd
import autograd.numpy as anp
import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from checker.arithmetic.decide import decide_batch
from checker.arithmetic.plain import Plain
from checker.claims.claim import Claim
from checker.instances.fields import Batch, map_arrays
from checker.landscape.losses.catalogue import LOSSES
from properties.shamir2018 import theorems as shamir2018
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.structures import Structure

N, D, M = 5, 3, 3
CLAIMS = {
    "Lemma 1": shamir2018.gradient_direction,
    "Theorem 1": shamir2018.gradient_bound,
    "Theorem 2": shamir2018.curvature_bound,
}
ROUNDS = 5

assert checker.threads


def structure(at_w_zero: bool) -> Structure:
    stratum = (W_ZERO if at_w_zero else NONZERO_W)[0]
    return Structure(N, D, M, LOSSES["logistic"], "free", stratum, 0.5, False, False, at_w_zero)


def rate(work: Callable[[], int], seconds: float) -> float:
    """Median over rounds of cases per second."""
    rates = []
    for _ in range(ROUNDS):
        start, cases = time.perf_counter(), 0
        while time.perf_counter() - start < seconds / ROUNDS:
            cases += work()
        rates.append(cases / (time.perf_counter() - start))
    return statistics.median(rates)


def batches(claim: Claim, size: int, decide: bool) -> Callable[[], int]:
    made, rng = structure(claim.domain is not shamir2018.points()), np.random.default_rng(0)

    def work() -> int:
        batch: Batch = made.batch(rng, size)
        if decide:
            result = decide_batch(claim, batch, claim.weight)
            assert (result.held.sum() + len(result.escalated)) == size
        else:
            with np.errstate(all="ignore"):
                inequality = claim(map_arrays(batch.instances, Plain))
                np.count_nonzero(inequality.lhs.value >= inequality.rhs.value)
        return size

    return work


def objective(v: Any, X: Any, y: Any, Z: Any) -> Any:
    w, V = v[:D], anp.reshape(v[D:], (D, M))
    return anp.mean(anp.logaddexp(0.0, -y * ((X + Z @ V.T) @ w)))


def naive(name: str, X: Any, y: Any, Z: Any, w: Any, V: Any, w_star: Any) -> bool:
    """The check as most people would write it: autograd, NumPy and a tolerance."""
    v = np.concatenate([w, V.ravel()])
    g = autograd.grad(objective)(v, X, y, Z)
    gap = objective(v, X, y, Z) - np.mean(np.logaddexp(0.0, -y * (X @ w_star)))
    size, spectral = np.linalg.norm(g), np.linalg.norm(V, 2)
    if name == "Lemma 1":
        G = np.concatenate([w - w_star, np.outer(w, w_star @ V).ravel() / (w @ w)])
        return bool(G @ g >= gap - 1e-9)
    if name == "Theorem 1":
        root = np.sqrt(2 * w @ w + w_star @ w_star * (2 + spectral**2 / (w @ w)))
        return bool(size >= gap / root - 1e-9)
    H = autograd.hessian(objective)(v, X, y, Z)
    lam = abs(np.linalg.eigvalsh(H)[0])
    curved = np.sqrt(lam * np.linalg.norm(H[:D, :D], 2) + lam**2)
    return bool(np.linalg.norm(w_star) * (size + spectral * curved) >= gap - 1e-9)


def elementwise(name: str) -> Callable[[], int]:
    def numbers(*shape: int) -> st.SearchStrategy[Any]:
        return arrays(np.float64, shape, elements=st.floats(-10, 10), fill=st.nothing())

    counter = iter(range(10**9))

    def work() -> int:
        cases = 0

        @seed(next(counter))
        @settings(
            max_examples=100,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(numbers(N, D), numbers(N), numbers(N, M), numbers(D), numbers(D, M), numbers(D))
        def body(X: Any, y: Any, Z: Any, w: Any, V: Any, w_star: Any) -> None:
            nonlocal cases
            cases += 1
            w = np.zeros(D) if name == "Theorem 2" else w
            if name == "Theorem 2" or w.any():
                with np.errstate(all="ignore"):
                    naive(name, X, np.sign(y) + (y == 0), Z, w, V, w_star)

        body()
        return cases

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="per figure")
    parser.add_argument("--batch", type=int, default=2048)
    options = parser.parse_args()
    print(f"cases/s on one core, (n, d, m) = ({N}, {D}, {M}), logistic loss, median of {ROUNDS}")
    print(
        f"{'claim':10} {'Hypothesis+autograd':>20} {'plain float64':>14} {'decided':>10}"
        f" {'decided/plain':>14} {'decided/Hypothesis':>19}"
    )
    for name, claim in CLAIMS.items():
        old = rate(elementwise(name), options.seconds)
        plain = rate(batches(claim, options.batch, decide=False), options.seconds)
        decided = rate(batches(claim, options.batch, decide=True), options.seconds)
        print(
            f"{name:10} {old:20,.0f} {plain:14,.0f} {decided:10,.0f}"
            f" {decided / plain:14.2f} {decided / old:19,.0f}"
        )


if __name__ == "__main__":
    main()
