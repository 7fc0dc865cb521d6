"""Float64 with running error bounds: construction, arithmetic, sums."""

from __future__ import annotations

from mutations.mutation import Mutation

BATCH = "checker/arithmetic/bounded.py"


def _batch(name: str, old: str, new: str, equivalent: str = "") -> Mutation:
    return Mutation(name, BATCH, old, new, equivalent)


MUTATIONS = (
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
        "total: half of gamma",
        "error = gamma(length) * np.abs(self.value).sum(axis=axes)",
        "error = gamma(length) / 2 * np.abs(self.value).sum(axis=axes)",
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
)
