"""The functions that a formula may call, whatever the arithmetic of its arguments."""

from checker.arithmetic.above.derivatives import grad, hessian
from checker.arithmetic.above.integration.functions import expectation, integral
from checker.arithmetic.existence.formulas import exists_minimum, exists_saddle, exists_zero
from checker.arithmetic.function import composed, entrywise
from checker.arithmetic.functions import spelling
from checker.arithmetic.functions.branches import (
    clip,
    maximum,
    minimum,
    positive_part,
    select,
    sign,
    where,
)
from checker.arithmetic.functions.exponentials import exp, expm1, log, log1p, xlogx
from checker.arithmetic.functions.information import entropy, kl, logsumexp, softmax
from checker.arithmetic.functions.knowledge import (
    black_box,
    difference,
    program,
    settled,
    tighter,
    vanishing_with,
)
from checker.arithmetic.functions.matrices import (
    det,
    diag,
    inverse,
    logdet,
    matrix_power,
    solve,
    solve_positive_definite,
    trace,
)
from checker.arithmetic.functions.matrix_functions import expm, sqrtm
from checker.arithmetic.functions.numbers import e, pi
from checker.arithmetic.functions.products import dot, einsum, frobenius, kron, norm, outer, sq
from checker.arithmetic.functions.reductions import (
    amax,
    amin,
    cumsum,
    mean,
    prod,
    row_sums,
    sort,
    std,
    total,
    var,
)
from checker.arithmetic.functions.roots import cbrt, power, sqrt
from checker.arithmetic.functions.shapes import concatenate, filled, hstack, reshape, stack, vstack
from checker.arithmetic.functions.sigmoids import log_cosh, sigmoid, softplus, tanh
from checker.arithmetic.functions.spectra import (
    eigenvalues,
    lambda_max,
    lambda_min,
    nuclear_norm,
    singular_values,
    spectral_norm,
)
from checker.arithmetic.functions.trigonometric import arctan, cos, erf, sin

# NumPy's spelling of them registers itself.
assert spelling

__all__ = [
    "amax",
    "amin",
    "arctan",
    "black_box",
    "cbrt",
    "clip",
    "composed",
    "concatenate",
    "cos",
    "cumsum",
    "det",
    "diag",
    "difference",
    "dot",
    "e",
    "eigenvalues",
    "einsum",
    "entropy",
    "entrywise",
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
    "hessian",
    "hstack",
    "integral",
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
    "matrix_power",
    "maximum",
    "mean",
    "minimum",
    "norm",
    "nuclear_norm",
    "outer",
    "pi",
    "positive_part",
    "power",
    "prod",
    "program",
    "reshape",
    "row_sums",
    "select",
    "settled",
    "sigmoid",
    "sign",
    "sin",
    "singular_values",
    "softmax",
    "softplus",
    "solve",
    "solve_positive_definite",
    "sort",
    "spectral_norm",
    "sq",
    "sqrt",
    "sqrtm",
    "stack",
    "std",
    "tanh",
    "tighter",
    "total",
    "trace",
    "vanishing_with",
    "var",
    "vstack",
    "where",
    "xlogx",
]
