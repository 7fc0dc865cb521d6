"""Sets that numbers are taken from, said in Coq, with a tactic for the numbers of a case."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from checker.arithmetic.recorded import Node
from checker.explain.gallina import number
from checker.instances.domains import NumberDomain


@dataclass(frozen=True)
class Member:
    """A proposition about the numbers, and its proof for those of the case."""

    text: str
    proof: str


def members(
    domain: NumberDomain | None, entries: Any, names: Mapping[Node, str]
) -> Iterator[Member]:
    """What the set of a field demands of its entries, which are leaves with names.

    Of parameters (counts of a simplex, factors) it is what is demanded of these.
    """
    if domain is None:
        return
    if domain.name in ("sorted", "symmetric"):
        yield from _tied(domain.name, entries, names)
        return
    for leaf in entries.flat:
        yield from _alone(domain, names[leaf], leaf.value)
    if domain.name == "simplex":
        yield Member(f"{' + '.join(names[leaf] for leaf in entries.flat)} > 0", "lra")


def _alone(domain: NumberDomain, x: str, value: Fraction) -> Iterator[Member]:
    if domain.name == "positive":
        yield Member(f"{x} > 0", "lra")
    elif domain.name in ("nonnegative", "simplex"):
        yield Member(f"{x} >= 0", "lra")
    elif domain.name == "sign":
        yield Member(f"({x} = 1 \\/ {x} = - 1)", f"({'left' if value > 0 else 'right'}; lra)")
    elif domain.name == "boolean":
        yield Member(f"({x} = 0 \\/ {x} = 1)", f"({'right' if value > 0 else 'left'}; lra)")
    elif domain.name.startswith("integer"):
        yield Member(f"(exists k : Z, {x} = IZR k)", f"(exists ({int(value)})%Z; lra)")
    low, high = domain.ends or (-math.inf, math.inf)
    if math.isfinite(low):
        yield Member(f"{number(Fraction(low))} <= {x}", "lra")
    if math.isfinite(high):
        yield Member(f"{x} <= {number(Fraction(high))}", "lra")


def _tied(name: str, entries: Any, names: Mapping[Node, str]) -> Iterator[Member]:
    if name == "sorted":
        for x, y in pairwise(entries):
            yield Member(f"{names[x]} <= {names[y]}", "lra")
        return
    for i, j in zip(*np.triu_indices(len(entries), 1), strict=True):
        yield Member(f"{names[entries[i, j]]} = {names[entries[j, i]]}", "lra")
