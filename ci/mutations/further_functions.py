"""Float64 with running error bounds: functions of one number, of arrays, and branches."""

from __future__ import annotations

from mutations.mutation import Mutation

FUNCTIONS = "checker/arithmetic/functions"
EXPONENTIALS, ROOTS = f"{FUNCTIONS}/exponentials.py", f"{FUNCTIONS}/roots.py"
WAVES, BRANCHES = f"{FUNCTIONS}/trigonometric.py", f"{FUNCTIONS}/branches.py"
REDUCTIONS, MATRICES = f"{FUNCTIONS}/reductions.py", f"{FUNCTIONS}/matrices.py"
SPECTRA, DERIVATIVES = f"{FUNCTIONS}/spectra.py", "checker/arithmetic/above/derivatives.py"

MUTATIONS = (
    Mutation(
        "expm1: inherited",
        EXPONENTIALS,
        "error += (1.0 + np.abs(value)) * (1.0 + ELEMENTARY_ERROR) * np.expm1(x._bound)",
        "error += x._bound",
    ),
    Mutation(
        "log1p: inherited",
        EXPONENTIALS,
        "error += x._bound / np.where(least > 0, least, 0.0) + UNDERFLOW",
        "error += x._bound / (1.0 + x.value)",
    ),
    Mutation(
        "xlogx: beyond its turn",
        EXPONENTIALS,
        "np.where(high <= _TURN, at_high, np.maximum(_DEPTH, at_high))",
        "at_high",
    ),
    Mutation(
        "xlogx: ball beyond its turn",
        EXPONENTIALS,
        "return end.union(arb(0)).union(-1 / arb(1).exp())",
        "return end.union(arb(0))",
    ),
    Mutation(
        "cbrt: inherited around 0",
        ROOTS,
        "near = np.cbrt(4.0 * x._bound)",
        "near = np.cbrt(x._bound)",
    ),
    Mutation(
        "cbrt: inherited away from 0",
        ROOTS,
        "far = x._bound / (2.5 * least * least - UNDERFLOW)",
        "far = x._bound / (5.0 * least * least)",
    ),
    Mutation(
        "cbrt: elementary error",
        ROOTS,
        "error = ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW",
        "error = 0.0 * np.abs(value) + UNDERFLOW",
    ),
    Mutation(
        "sin and cos: elementary error",
        WAVES,
        "error = ELEMENTARY_ERROR * least + UNDERFLOW",
        "error = 0.0 * least + UNDERFLOW",
    ),
    Mutation(
        "sin and cos: inherited",
        WAVES,
        "        error = error + x._bound\n    return x._made(value, error, 32)",
        "        error = error + 0.5 * x._bound\n    return x._made(value, error, 32)",
    ),
    Mutation(
        "erf: inherited", WAVES, "error = error + 1.13 * x._bound", "error = error + x._bound"
    ),
    Mutation(
        "erf: rounding",
        WAVES,
        "relative = 2 * (UNIT_ROUNDOFF * (4 * count + 16 + doubled) + ELEMENTARY_ERROR) + 4 * last",
        "relative = 0.0",
    ),
    Mutation(
        "select: between the branches",
        BRANCHES,
        "return middle, np.maximum(high - middle, middle - low) + slop",
        "return middle, slop",
    ),
    Mutation(
        "extremes: inherited",
        REDUCTIONS,
        "error = np.where(inside, np.maximum(high - value, value - low), np.inf)",
        "error = np.where(inside, high - value, np.inf)",
    ),
    Mutation(
        "sort: inherited",
        REDUCTIONS,
        "error = np.where(known, np.maximum(high - value, value - low), np.inf)",
        "error = np.where(known, high - value, np.inf)",
    ),
    Mutation(
        "sort: balls that overlap",
        REDUCTIONS,
        "    if all(x <= y for x, y in pairwise(found)):\n        return found\n",
        "    return found\n",
    ),
    Mutation(
        "inverse: residual",
        MATRICES,
        "factor = np.where(r < 1.0, r / np.where(r < 1.0, 1.0 - r, 1.0), np.inf)",
        "factor = np.where(r < 1.0, 0.0 * r, np.inf)",
    ),
    Mutation(
        "inverse: bound of the residual",
        MATRICES,
        "(np.abs(residual.value) + residual._bound)",
        "np.abs(residual.value)",
    ),
    Mutation(
        "inverse: matrices without one",
        MATRICES,
        "factor = np.where(r < 1.0, r / np.where(r < 1.0, 1.0 - r, 1.0), np.inf)",
        "factor = r",
    ),
    Mutation(
        "all eigenvalues: off the diagonal",
        SPECTRA,
        "radius = M._row_sums(keep_diagonal=False).max(axis=0) + _diagonal(M._bound).max(axis=0)",
        "radius = _diagonal(M._bound).max(axis=0)",
    ),
    Mutation(
        "all eigenvalues: defect",
        SPECTRA,
        "_stretched(defect, size) * BOUND_INFLATION",
        "0 * _stretched(defect, size)",
    ),
    Mutation(
        "all eigenvalues: symmetry",
        SPECTRA,
        "matrix = matrix._symmetric_part()",
        "pass",
    ),
    Mutation(
        "derivatives: ties of values",
        DERIVATIVES,
        "for part in (values, full) if moved is not None else ():",
        "for part in (full,) if moved is not None else ():",
    ),
    Mutation(
        "derivatives: ties of slopes",
        DERIVATIVES,
        "for part in (values, full) if moved is not None else ():",
        "for part in (values,) if moved is not None else ():",
    ),
)
