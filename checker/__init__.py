"""Find out whether a mathematical claim about a loss landscape is true, how tight it is, and what
the smallest counterexample is when it is not.

    from checker import claim, norm, vectors

    @claim
    def triangle(u: vectors("k"), v: vectors("k")):
        return norm(u) + norm(v) >= norm(u + v)

Then `checker verify mine.py`, or `checker.verify(triangle)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from checker._former import keep_former_names

if TYPE_CHECKING:
    from checker.arithmetic.functions import (
        dot,
        exp,
        frobenius,
        lambda_max,
        lambda_min,
        log,
        log_cosh,
        maximum,
        minimum,
        norm,
        outer,
        positive_part,
        sigmoid,
        softplus,
        spectral_norm,
        sq,
        sqrt,
        tanh,
        total,
    )
    from checker.arithmetic.inequality import equality, implies
    from checker.certification.certify import certify
    from checker.claims.claim import Assumption, Claim, Domain, Paper, Source, claim
    from checker.errors import InputError
    from checker.instances.fields import Dims
    from checker.search.plan import Plan
    from checker.sets import (
        ascending,
        booleans,
        integers,
        interval,
        matrices,
        nonnegative,
        numbers,
        orthogonal,
        positive,
        psd,
        signs,
        simplex,
        symmetric,
        unit_vectors,
        vectors,
    )
    from checker.use import decide, verify

# Public name -> where it lives. Loaded when asked for: `checker --help` does not wait for NumPy.
_HOMES = {
    "checker.arithmetic.functions": (
        "dot exp frobenius lambda_max lambda_min log log_cosh maximum minimum norm outer "
        "positive_part sigmoid softplus spectral_norm sq sqrt tanh total"
    ),
    "checker.arithmetic.inequality": "equality implies",
    "checker.certification.certify": "certify",
    "checker.claims.claim": "Assumption Claim Domain Paper Source claim",
    "checker.errors": "InputError",
    "checker.instances.fields": "Dims",
    "checker.search.plan": "Plan",
    "checker.sets": (
        "ascending booleans integers interval matrices nonnegative numbers orthogonal positive psd "
        "signs simplex symmetric unit_vectors vectors"
    ),
    "checker.use": "decide verify",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Assumption",
    "Claim",
    "Dims",
    "Domain",
    "InputError",
    "Paper",
    "Plan",
    "Source",
    "ascending",
    "booleans",
    "certify",
    "claim",
    "decide",
    "dot",
    "equality",
    "exp",
    "frobenius",
    "implies",
    "integers",
    "interval",
    "lambda_max",
    "lambda_min",
    "log",
    "log_cosh",
    "matrices",
    "maximum",
    "minimum",
    "nonnegative",
    "norm",
    "numbers",
    "orthogonal",
    "outer",
    "positive",
    "positive_part",
    "psd",
    "sigmoid",
    "signs",
    "simplex",
    "softplus",
    "spectral_norm",
    "sq",
    "sqrt",
    "symmetric",
    "tanh",
    "total",
    "unit_vectors",
    "vectors",
    "verify",
]

keep_former_names()


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
