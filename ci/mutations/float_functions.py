"""Float64 with running error bounds: functions and eigenvalues."""

from __future__ import annotations

from mutations.mutation import Mutation

BATCH = "checker/arithmetic/bounded.py"
CONSTANTS = "checker/arithmetic/constants.py"


FUNCTIONS = "checker/arithmetic/functions"
EXPONENTIALS, ROOTS = f"{FUNCTIONS}/exponentials.py", f"{FUNCTIONS}/roots.py"
SIGMOIDS = f"{FUNCTIONS}/sigmoids.py"


def _batch(name: str, old: str, new: str, equivalent: str = "") -> Mutation:
    return Mutation(name, BATCH, old, new, equivalent)


MUTATIONS = (
    Mutation(
        "sqrt: rounding",
        ROOTS,
        "np.sqrt(bound)) + UNIT_ROUNDOFF * root",
        "np.sqrt(bound)) + 0 * root",
    ),
    Mutation(
        "sqrt: inherited",
        ROOTS,
        "error = np.fmin(bound / root, np.sqrt(bound))",
        "error = np.fmin(0 * root, np.sqrt(bound))",
    ),
    Mutation(
        "sqrt: halved",
        ROOTS,
        "error = np.fmin(bound / root, np.sqrt(bound))",
        "error = 0.5 * np.fmin(bound / root, np.sqrt(bound))",
    ),
    Mutation(
        "sqrt: negative arguments", ROOTS, "np.where(x.value < -bound, np.nan, start)", "start"
    ),
    Mutation(
        "exp: rounding and inherited",
        EXPONENTIALS,
        "return x._made(value, (value + UNDERFLOW) * x._growth() + UNDERFLOW, 64)",
        "return x._made(value, 0 * value + UNDERFLOW, 64)",
    ),
    Mutation(
        "exp: underflow",
        EXPONENTIALS,
        "return x._made(value, (value + UNDERFLOW) * x._growth() + UNDERFLOW, 64)",
        "return x._made(value, value * x._growth(), 64)",
    ),
    _batch(
        "growth: elementary error alone",
        "np.full_like(self.value, ELEMENTARY_ERROR)",
        "np.zeros_like(self.value)",
    ),
    _batch(
        "growth: elementary error",
        "return np.expm1(self._bound) + ELEMENTARY_ERROR",
        "return np.expm1(self._bound)",
    ),
    _batch(
        "growth: inherited",
        "return np.expm1(self._bound) + ELEMENTARY_ERROR",
        "return 0 * self._bound + ELEMENTARY_ERROR",
    ),
    Mutation(
        "log: inherited",
        EXPONENTIALS,
        "error = x._bound / np.where(least > 0, least, 0.0)",
        "error = 0 * x._bound",
    ),
    Mutation(
        "log: least argument",
        EXPONENTIALS,
        "error = x._bound / np.where(least > 0, least, 0.0)",
        "error = x._bound / x.value",
    ),
    Mutation(
        "log: elementary error",
        EXPONENTIALS,
        "error += ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW",
        "error += UNDERFLOW",
    ),
    Mutation(
        "tanh: elementary error",
        SIGMOIDS,
        "return x._lipschitz(value, ELEMENTARY_ERROR)",
        "return x._lipschitz(value, 0.0)",
    ),
    Mutation(
        "sigmoid: growth",
        SIGMOIDS,
        "relative = 2 * x._growth() + 4 * UNIT_ROUNDOFF",
        "relative = 4 * UNIT_ROUNDOFF",
    ),
    Mutation(
        "softplus: elementary error", SIGMOIDS, "2 * ELEMENTARY_ERROR + 2 * UNIT_ROUNDOFF)", "0.0)"
    ),
    Mutation(
        "log_cosh: elementary error",
        SIGMOIDS,
        "return x._lipschitz(value, 16 * ELEMENTARY_ERROR)",
        "return x._lipschitz(value, 0.0)",
    ),
    _batch(
        "lipschitz: relative",
        "error = np.abs(value) * relative + UNDERFLOW",
        "error = np.abs(value) * 0 + UNDERFLOW",
    ),
    _batch(
        "lipschitz: underflow",
        "error = np.abs(value) * relative + UNDERFLOW",
        "error = np.abs(value) * relative",
    ),
    _batch(
        "lipschitz: inherited",
        "            error += self._bound\n        return self._made(value, error, 64)",
        "            error += 0 * self._bound\n        return self._made(value, error, 64)",
    ),
    _batch(
        "eigenvalues: defect",
        "_stretched(defect, size) * BOUND_INFLATION",
        "0 * _stretched(defect, size)",
    ),
    _batch(
        "eigenvalues: Gershgorin radius",
        "radius = transformed._row_sums(keep_diagonal=False) * BOUND_INFLATION + bound",
        "radius = 0 * bound + bound",
    ),
    _batch(
        "eigenvalues: bound on the diagonal",
        "radius = transformed._row_sums(keep_diagonal=False) * BOUND_INFLATION + bound",
        "radius = transformed._row_sums(keep_diagonal=False) * BOUND_INFLATION",
    ),
    _batch(
        "eigenvalues: bound in row sums",
        "sizes = np.abs(self.value) + self._bound",
        "sizes = np.abs(self.value)",
    ),
    _batch(
        "eigenvalues: least from above",
        "(diagonal + bound).min(axis=0))",
        "(diagonal - radius).min(axis=0))",
    ),
    _batch(
        "eigenvalues: greatest from below",
        "_between((diagonal - bound).max(axis=0)",
        "_between((diagonal + radius).max(axis=0)",
    ),
    _batch("between: radius", "np.maximum(high - middle, middle - low) + slop", "slop"),
    _batch(
        "between: slop",
        "np.maximum(high - middle, middle - low) + slop",
        "np.maximum(high - middle, middle - low)",
    ),
    _batch(
        "narrower: takes the wider",
        "take = (first <= second) | ~np.isfinite(second)",
        "take = (first > second) | ~np.isfinite(second)",
    ),
    _batch("concatenate: errors", "None if exact else np.concatenate(errors, axis)", "None"),
    Mutation("elementary: half an ulp", CONSTANTS, "ELEMENTARY_ULPS = 4", "ELEMENTARY_ULPS = 0.05"),
    Mutation("underflow: none", CONSTANTS, "UNDERFLOW = 2.0**-1022", "UNDERFLOW = 0.0"),
)
