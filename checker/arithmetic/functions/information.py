"""Entropy, divergence, log-sum-exp and softmax."""

from __future__ import annotations

from typing import Any

from checker.arithmetic.function import composed
from checker.arithmetic.functions.branches import select
from checker.arithmetic.functions.exponentials import exp, log, xlogx
from checker.arithmetic.functions.reductions import amax


@composed("entropy")
def entropy(p: Any) -> Any:
    """-Σ p_i log p_i, where 0 log 0 = 0."""
    return -xlogx(p).total()


@composed("kl")
def kl(p: Any, q: Any) -> Any:
    """Σ p_i log(p_i / q_i), the divergence of p from q; terms with p_i = 0 are 0."""
    return _terms(p, q).total()


def _terms(p: Any, q: Any) -> Any:
    """p log(p/q), exactly 0 where p is 0, whatever q, and where p = q."""
    ratio = select(p, p / select(p, q, q, 1), 1, 1)
    return select(p, p * log(ratio), log(p), 0)


@composed("logsumexp")
def logsumexp(x: Any) -> Any:
    """log Σ exp(x_i) without overflow."""
    greatest = amax(x)
    return greatest + log(exp(x - greatest).total())


@composed("softmax")
def softmax(x: Any) -> Any:
    """exp(x_i) / Σ_j exp(x_j) without overflow."""
    powers = exp(x - amax(x))
    return powers / powers.total()
