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
    from checker.arithmetic.binomial import Trials, rarely
    from checker.arithmetic.functions import (
        amax,
        amin,
        arctan,
        black_box,
        cbrt,
        clip,
        composed,
        concatenate,
        cos,
        cumsum,
        det,
        diag,
        dot,
        e,
        eigenvalues,
        einsum,
        entropy,
        entrywise,
        erf,
        exists_minimum,
        exists_saddle,
        exists_zero,
        exp,
        expectation,
        expm,
        expm1,
        filled,
        frobenius,
        grad,
        hessian,
        hstack,
        integral,
        inverse,
        kl,
        kron,
        lambda_max,
        lambda_min,
        log,
        log1p,
        log_cosh,
        logdet,
        logsumexp,
        matrix_power,
        maximum,
        mean,
        minimum,
        norm,
        nuclear_norm,
        outer,
        pi,
        positive_part,
        power,
        prod,
        program,
        reshape,
        sigmoid,
        sign,
        sin,
        singular_values,
        softmax,
        softplus,
        solve,
        sort,
        spectral_norm,
        sq,
        sqrt,
        sqrtm,
        stack,
        std,
        tanh,
        total,
        trace,
        var,
        vstack,
        where,
        xlogx,
    )
    from checker.arithmetic.inequality import equality, implies
    from checker.certification.certify import certify, certify_head
    from checker.claims.claim import Assumption, Claim, Domain, Paper, Source, claim
    from checker.errors import InputError
    from checker.instances.fields import Dims
    from checker.search.plan import Plan
    from checker.sets import (
        ascending,
        booleans,
        complex_matrices,
        complex_numbers,
        complex_vectors,
        hermitian,
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
    "checker.arithmetic.binomial": "Trials rarely",
    "checker.arithmetic.functions": (
        "amax amin arctan black_box cbrt clip composed concatenate cos cumsum det diag dot e "
        "eigenvalues einsum entropy entrywise erf exists_minimum exists_saddle exists_zero exp "
        "expectation expm expm1 filled frobenius grad hessian hstack integral inverse kl kron "
        "lambda_max lambda_min log log1p log_cosh logdet logsumexp matrix_power maximum mean "
        "minimum norm nuclear_norm outer pi positive_part power prod program reshape sigmoid sign "
        "sin singular_values softmax softplus solve sort "
        "spectral_norm sq sqrt sqrtm stack std tanh total trace var vstack where xlogx"
    ),
    "checker.arithmetic.inequality": "equality implies",
    "checker.certification.certify": "certify certify_head",
    "checker.claims.claim": "Assumption Claim Domain Paper Source claim",
    "checker.errors": "InputError",
    "checker.instances.fields": "Dims",
    "checker.search.plan": "Plan",
    "checker.sets": (
        "ascending booleans complex_matrices complex_numbers complex_vectors hermitian integers "
        "interval matrices nonnegative numbers orthogonal positive psd signs simplex symmetric "
        "unit_vectors vectors"
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
    "Trials",
    "amax",
    "amin",
    "arctan",
    "ascending",
    "black_box",
    "booleans",
    "cbrt",
    "certify",
    "certify_head",
    "claim",
    "clip",
    "complex_matrices",
    "complex_numbers",
    "complex_vectors",
    "composed",
    "concatenate",
    "cos",
    "cumsum",
    "decide",
    "det",
    "diag",
    "dot",
    "e",
    "eigenvalues",
    "einsum",
    "entropy",
    "entrywise",
    "equality",
    "erf",
    "exists_minimum",
    "exists_saddle",
    "exists_zero",
    "exp",
    "expectation",
    "expm",
    "expm1",
    "filled",
    "frobenius",
    "grad",
    "hermitian",
    "hessian",
    "hstack",
    "implies",
    "integers",
    "integral",
    "interval",
    "inverse",
    "kl",
    "kron",
    "lambda_max",
    "lambda_min",
    "log",
    "log1p",
    "log_cosh",
    "logdet",
    "logsumexp",
    "matrices",
    "matrix_power",
    "maximum",
    "mean",
    "minimum",
    "nonnegative",
    "norm",
    "nuclear_norm",
    "numbers",
    "orthogonal",
    "outer",
    "pi",
    "positive",
    "positive_part",
    "power",
    "prod",
    "program",
    "psd",
    "rarely",
    "reshape",
    "sigmoid",
    "sign",
    "signs",
    "simplex",
    "sin",
    "singular_values",
    "softmax",
    "softplus",
    "solve",
    "sort",
    "spectral_norm",
    "sq",
    "sqrt",
    "sqrtm",
    "stack",
    "std",
    "symmetric",
    "tanh",
    "total",
    "trace",
    "unit_vectors",
    "var",
    "vectors",
    "verify",
    "vstack",
    "where",
    "xlogx",
]

keep_former_names()


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import version

    return version("landscape-checker")
