"""Mutation of the error bounds: drop each term of each bound; some test must fail every time.

    python ci/mutate_bounds.py [--only TEXT] [--list]

Each mutation is planted in a copy of the tree. Exit status 1: a mutation survived, or its source
text no longer occurs exactly once (the list below is stale).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BATCH = "checker/arithmetic/bounded.py"
BALL = "checker/arithmetic/ball.py"
EXACT = "checker/arithmetic/exact.py"
DECIDE = "checker/arithmetic/decide.py"
CONSTANTS = "checker/arithmetic/constants.py"
CERTIFICATION = "checker/certification"

# Fast first: most mutations fall within seconds.
TESTS = [
    "tests/arithmetic/test_bounds_sharp.py",
    "tests/arithmetic/test_bounds_sharp_field.py",
    "tests/arithmetic/test_bounds_sharp_functions.py",
    "tests/arithmetic/test_bounds_sharp_matrices.py",
    "tests/arithmetic/test_bounds_sharp_escapes.py",
    "tests/arithmetic/test_bounded.py",
    "tests/arithmetic/test_decide.py",
    "tests/arithmetic/test_exact.py",
    "tests/arithmetic/test_ball.py",
]

CERTIFICATION_TESTS = ["tests/certify"]


@dataclass(frozen=True)
class Mutation:
    """`old` becomes `new` in `file`; `equivalent` says why no test can tell, if none can."""

    name: str
    file: str
    old: str
    new: str
    equivalent: str = ""


def _batch(name: str, old: str, new: str, equivalent: str = "") -> Mutation:
    return Mutation(name, BATCH, old, new, equivalent)


def _certify(name: str, module: str, old: str, new: str, equivalent: str = "") -> Mutation:
    return Mutation(f"certify, {name}", f"{CERTIFICATION}/{module}.py", old, new, equivalent)


MUTATIONS = [
    _batch(
        "constant: rounding",
        "return cls(rounded, np.abs(rounded) * UNIT_ROUNDOFF + UNDERFLOW)",
        "return cls(rounded, np.abs(rounded) * 0)",
    ),
    _batch("lower: no bound", "np.nextafter(self.value - self._bound, -np.inf)", "self.value"),
    _batch("upper: no bound", "np.nextafter(self.value + self._bound, np.inf)", "self.value"),
    _batch(
        "lower: no nextafter",
        "np.nextafter(self.value - self._bound, -np.inf)",
        "self.value - self._bound",
    ),
    _batch(
        "upper: no nextafter",
        "np.nextafter(self.value + self._bound, np.inf)",
        "self.value + self._bound",
    ),
    _batch("bound: no inflation", "return self.error * BOUND_INFLATION", "return self.error * 1.0"),
    _batch(
        "sum: rounding",
        "error = np.abs(value)\n        error *= UNIT_ROUNDOFF\n        for term",
        "error = np.abs(value)\n        error *= 0.0\n        for term",
    ),
    _batch(
        "sum: inherited", "                error += term\n", "                error += 0 * term\n"
    ),
    _batch(
        "product: rounding",
        "error *= UNIT_ROUNDOFF\n        if self.error is not None and",
        "error *= 0.0\n        if self.error is not None and",
    ),
    _batch(
        "product: left inherited, both",
        "error += self.error * (np.abs(b) + other.error)",
        "error += self.error * other.error",
    ),
    _batch(
        "product: cross term",
        "error += self.error * (np.abs(b) + other.error)",
        "error += self.error * np.abs(b)",
    ),
    _batch(
        "product: left inherited, alone",
        "            error += self.error * np.abs(b)\n",
        "            error += 0 * self.error\n",
    ),
    _batch(
        "product: right inherited",
        "            error += np.abs(a) * other.error\n",
        "            error += 0 * other.error\n",
    ),
    _batch(
        "product: underflow",
        "        error += UNDERFLOW\n        return self._made(value, error, 8",
        "        return self._made(value, error, 8",
    ),
    _batch(
        "quotient: rounding",
        "error = size * UNIT_ROUNDOFF + UNDERFLOW",
        "error = size * 0 + UNDERFLOW",
    ),
    _batch(
        "quotient: underflow",
        "error = size * UNIT_ROUNDOFF + UNDERFLOW",
        "error = size * UNIT_ROUNDOFF",
    ),
    _batch("quotient: least denominator", "least = least - other._bound", "least = least * 1.0"),
    _batch(
        "quotient: denominator may vanish",
        "np.where(least > 0, least * (1 - 2 * UNIT_ROUNDOFF), 0.0)",
        "np.abs(least)",
    ),
    _batch(
        "quotient: through the denominator",
        "through = (size + UNDERFLOW) * other.error + UNDERFLOW",
        "through = UNDERFLOW * other.error",
    ),
    _batch(
        "quotient: middle underflow",
        "through = (size + UNDERFLOW) * other.error + UNDERFLOW",
        "through = (size + UNDERFLOW) * other.error",
    ),
    _batch(
        "quotient: numerator",
        "inherited = through if inherited is None else inherited + through",
        "inherited = through",
    ),
    _batch(
        "quotient: inherited",
        "            error += inherited / least\n",
        "            error += 0 * inherited\n",
    ),
    _batch(
        "inner product: gamma",
        "weight = rounding * right + UNDERFLOW",
        "weight = 0 * right + UNDERFLOW",
    ),
    _batch(
        "inner product: gamma of half the length",
        "        rounding = gamma(length)\n",
        "        rounding = gamma(1) / 2\n",
    ),
    _batch(
        "inner product: right inherited",
        "            weight += other.error\n",
        "            weight += 0 * other.error\n",
    ),
    _batch(
        "inner product: cross term",
        "                right += other.error\n",
        "                right += 0 * other.error\n",
    ),
    _batch(
        "inner product: left inherited",
        "            error += contract(self.error, right)\n",
        "            error += 0 * contract(self.error, right)\n",
    ),
    _batch(
        "inner product: overflow and underflow",
        "error += (np.abs(value) + length) * UNDERFLOW",
        "error += 0 * length",
    ),
    _batch(
        "total: gamma",
        "error = gamma(length) * np.abs(self.value).sum(axis=axes)",
        "error = 0 * np.abs(self.value).sum(axis=axes)",
    ),
    _batch(
        "total: inherited",
        "            error += self.error.sum(axis=axes)\n",
        "            error += 0 * self.error.sum(axis=axes)\n",
    ),
    _batch(
        "abs: inherited",
        "return type(self)(np.abs(self.value), self.error, self.rounds)",
        "return type(self)(np.abs(self.value), None, self.rounds)",
    ),
    _batch(
        "maximum: inherited",
        "error = np.maximum(self._error_or_zero, other._error_or_zero)",
        "error = np.minimum(self._error_or_zero, other._error_or_zero)",
    ),
    _batch(
        "settled: roundings", "self._bound + UNDERFLOW, 2", "self._error_or_zero + UNDERFLOW, 2"
    ),
    _batch("settled: underflow", "self._bound + UNDERFLOW, 2", "self._bound, 2"),
    _batch(
        "sqrt: rounding", "np.sqrt(bound)) + UNIT_ROUNDOFF * root", "np.sqrt(bound)) + 0 * root"
    ),
    _batch(
        "sqrt: inherited",
        "error = np.fmin(bound / root, np.sqrt(bound))",
        "error = np.fmin(0 * root, np.sqrt(bound))",
    ),
    _batch(
        "sqrt: halved",
        "error = np.fmin(bound / root, np.sqrt(bound))",
        "error = 0.5 * np.fmin(bound / root, np.sqrt(bound))",
    ),
    _batch("sqrt: negative arguments", "np.where(self.value < -bound, np.nan, start)", "start"),
    _batch(
        "exp: rounding and inherited",
        "return self._made(value, (value + UNDERFLOW) * self._growth() + UNDERFLOW, 64)",
        "return self._made(value, 0 * value + UNDERFLOW, 64)",
    ),
    _batch(
        "exp: underflow",
        "return self._made(value, (value + UNDERFLOW) * self._growth() + UNDERFLOW, 64)",
        "return self._made(value, value * self._growth(), 64)",
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
    _batch(
        "log: inherited",
        "error = self._bound / np.where(least > 0, least, 0.0)",
        "error = 0 * self._bound",
    ),
    _batch(
        "log: least argument",
        "error = self._bound / np.where(least > 0, least, 0.0)",
        "error = self._bound / self.value",
    ),
    _batch(
        "log: elementary error",
        "error += ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW",
        "error += UNDERFLOW",
    ),
    _batch(
        "tanh: elementary error",
        "return self._lipschitz(value, ELEMENTARY_ERROR)",
        "return self._lipschitz(value, 0.0)",
    ),
    _batch(
        "sigmoid: growth",
        "relative = 2 * self._growth() + 4 * UNIT_ROUNDOFF",
        "relative = 4 * UNIT_ROUNDOFF",
    ),
    _batch("softplus: elementary error", "2 * ELEMENTARY_ERROR + 2 * UNIT_ROUNDOFF)", "0.0)"),
    _batch(
        "log_cosh: elementary error",
        "return self._lipschitz(value, 16 * ELEMENTARY_ERROR)",
        "return self._lipschitz(value, 0.0)",
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
    Mutation(
        "decide: value in place of lower bound",
        DECIDE,
        "held=_over(slack.lower, batch) >= 0",
        "held=_over(slack.value, batch) >= 0",
    ),
    Mutation(
        "decide: NaN passes",
        DECIDE,
        "held=_over(slack.lower, batch) >= 0",
        "held=~(_over(slack.upper, batch) < 0)",
    ),
    Mutation(
        "decide: non-finite slack",
        DECIDE,
        "    if not slack.is_finite():\n        return Decision.OUT_OF_RANGE, None\n",
        "",
    ),
    Mutation(
        "decide: overlapping is violated", DECIDE, "    if slack < 0:\n", "    if not slack >= 0:\n"
    ),
    Mutation(
        "ball: shift not added to the radii",
        BALL,
        "value.real + arb(0, 1) * (size * step)",
        "value.real",
    ),
    Mutation(
        "ball: negative root",
        BALL,
        'arb("nan") if x < 0 else x.nonnegative_part().sqrt()',
        "abs(x).sqrt()",
    ),
    Mutation("ball: larger takes the first", BALL, "    return x.max(y)\n", "    return x\n"),
    Mutation(
        "ball: zero where merely close",
        BALL,
        "            if entry.is_zero():\n",
        "            if not entry != 0:\n",
    ),
    Mutation(
        "exact: unknown plus anything",
        EXACT,
        "            return UNKNOWN\n        if not self.ratio",
        "            return self if self.known else other\n        if not self.ratio",
    ),
    Mutation(
        "exact: sum of unlike roots",
        EXACT,
        "        if factor is None:\n            return UNKNOWN\n",
        "        if factor is None:\n            return self\n",
    ),
    Mutation(
        "exact: root not checked",
        EXACT,
        "if above**2 == top and below**2 == bottom else None",
        "if bottom else None",
    ),
    Mutation(
        "exact: signs ignored",
        EXACT,
        "    return x.sign * (int(left > right) - int(left < right))",
        "    return int(left > right) - int(left < right)",
    ),
    _certify(
        "product: rounding",
        "normed",
        "rounding = gamma(inner) * self.frobenius * other.frobenius",
        "rounding = 0.0",
    ),
    _certify(
        "product: inherited from the right",
        "normed",
        "inherited = self.spectral * other.radius +",
        "inherited =",
    ),
    _certify(
        "product: inherited from the left",
        "normed",
        "self.radius * (other.spectral + other.radius)",
        "0.0",
    ),
    _certify(
        "sum: rounding",
        "normed",
        "upward(self.radius + other.radius + rounding)",
        "upward(self.radius + other.radius)",
    ),
    _certify(
        "sum: inherited",
        "normed",
        "upward(self.radius + other.radius + rounding)",
        "upward(self.radius + rounding)",
    ),
    _certify(
        "scaled: rounding",
        "normed",
        "upward(self.radius * abs(factor) + rounding)",
        "upward(self.radius * abs(factor))",
    ),
    _certify(
        "scaled: inherited",
        "normed",
        "upward(self.radius * abs(factor) + rounding)",
        "upward(rounding)",
    ),
    _certify(
        "symmetric: what moved",
        "normed",
        "upward(self.radius + moved.frobenius * (1 + UNIT_ROUNDOFF))",
        "self.radius",
    ),
    _certify(
        "floor: residual",
        "normed",
        "Normed(residual).frobenius * (1 + 2 * UNIT_ROUNDOFF) + product",
        "product",
    ),
    _certify(
        "floor: rounding of the product",
        "normed",
        "product = gamma(order) * Normed(R).frobenius ** 2 +",
        "product =",
    ),
    _certify(
        "floor: rounding of the shift",
        "normed",
        "+ product + moving",
        "+ product",
        equivalent="it is at most 1/N of the bound of the product, which is never attained",
    ),
    _certify("floor: radius", "normed", "upward(deviation + matrix.radius)", "upward(deviation)"),
    _certify("Rayleigh: rounding and radius", "normed", "quotient + slop", "quotient"),
    _certify(
        "Rayleigh: radius", "normed", "* matrix.frobenius + matrix.radius", "* matrix.frobenius"
    ),
    _certify(
        "second moments: rounding",
        "moments",
        "roundings * self._size + self._inherited",
        "self._inherited",
    ),
    _certify(
        "second moments: inherited",
        "moments",
        "roundings * self._size + self._inherited",
        "roundings * self._size",
    ),
    _certify(
        "row sums of squares: rounding",
        "moments",
        "gamma(2 * columns) * value + columns * UNDERFLOW",
        "0 * value",
        equivalent="the rounding of row norms is second order in the radius of G and in Theorem 3",
    ),
    _certify(
        "reduced Hessian: inherited",
        "curvature",
        "upward(A.radius + cross.radius + pure.radius)",
        "0.0",
    ),
    _certify(
        "reduced Hessian: not positive semidefinite",
        "curvature",
        "np.nextafter(-mu + min(below, 0.0), -np.inf)",
        "-mu",
    ),
    _certify(
        "closed form: alpha from above",
        "curvature",
        "exact(np.array(alpha[0]))",
        "exact(np.array(2 * alpha[1]))",
    ),
    _certify(
        "curvature on the data: no bound",
        "survey",
        'quotient(lowest, means["curvature"], w, at.b).upper[0]',
        'quotient(lowest, means["curvature"], w, at.b).value[0]',
    ),
    _certify(
        "interval: half",
        "bounds",
        "error = np.maximum(np.abs(above - middle)",
        "error = 0.5 * np.maximum(np.abs(above - middle)",
    ),
    _certify(
        "Enclosed: no radius",
        "certificate",
        "float(np.broadcast_to(x.radius, x.value.shape)[0])",
        "0.0",
    ),
    _certify(
        "verdict: value in place of lower bound",
        "certificate",
        "if gap.lower > 0:",
        "if gap.value > 0:",
    ),
    _certify(
        "verdict: value in place of upper bound",
        "certificate",
        "if gap.upper <= 0:",
        "if gap.value <= 0:",
    ),
    _certify(
        "lower point: values in place of bounds",
        "survey",
        "after.upper[0] < at.F.lower[0]",
        "after.value[0] < at.F.value[0] + 1",
    ),
    _certify(
        "transposed product: last rounding",
        "precise",
        "UNIT_ROUNDOFF * np.abs(value) + second_order",
        "second_order",
    ),
    _certify(
        "transposed product: second order",
        "precise",
        "UNIT_ROUNDOFF * np.abs(value) + second_order",
        "UNIT_ROUNDOFF * np.abs(value)",
    ),
    _certify("ball: overlapping is no worse", "ball", "if gap <= 0 else", "if not gap > 0 else"),
]


def main() -> int:
    """Plant every mutation; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="mutations whose name has TEXT")
    parser.add_argument("--list", action="store_true", help="names only")
    options = parser.parse_args()
    chosen = [m for m in MUTATIONS if options.only in m.name]
    if options.list:
        print("\n".join(m.name for m in chosen))
        return 0
    outcomes = [_outcome(m) for m in chosen]
    caught = sum(outcomes)
    print(f"\ncaught {caught} of {len(chosen)}")
    return 0 if caught == len(chosen) else 1


def _outcome(mutation: Mutation) -> bool:
    started = time.monotonic()
    by = _planted(mutation)
    verdict = f"caught by {by}" if by else "SURVIVED"
    if not by and mutation.equivalent:
        verdict = f"equivalent: {mutation.equivalent}"
    print(f"{mutation.name:42} {time.monotonic() - started:5.1f} s  {verdict}", flush=True)
    return bool(by or mutation.equivalent)


def _planted(mutation: Mutation) -> str:
    """The first test that fails with the mutation in place, or an empty string."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in ("checker", "properties", "strategies", "tests", "pyproject.toml"):
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, tree / name)
        path = tree / mutation.file
        text = path.read_text()
        if text.count(mutation.old) != 1:
            raise SystemExit(
                f"stale: {mutation.name}: source occurs {text.count(mutation.old)} times"
            )
        path.write_text(text.replace(mutation.old, mutation.new))
        own = mutation.file.startswith(CERTIFICATION)
        return _failing_test(tree, CERTIFICATION_TESTS if own else TESTS)


def _failing_test(tree: Path, tests: list[str]) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [*command, *(t for t in tests if (tree / t).exists())],
        cwd=tree, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode == 0:
        return ""
    failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0].split("::", 1)[-1] if failed else f"status {run.returncode}"


if __name__ == "__main__":
    raise SystemExit(main())
