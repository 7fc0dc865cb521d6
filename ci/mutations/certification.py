"""`checker certify`: norms, moments, the reduced Hessian, the verdict."""

from __future__ import annotations

from mutations.mutation import Mutation


def _certify(name: str, module: str, old: str, new: str, equivalent: str = "") -> Mutation:
    return Mutation(name, f"checker/certification/{module}.py", old, new, equivalent)


MUTATIONS = (
    _certify(
        "product: rounding",
        "matrices/normed",
        "rounding = gamma(inner) * self.frobenius * other.frobenius",
        "rounding = 0.0",
    ),
    _certify(
        "product: inherited from the right",
        "matrices/normed",
        "inherited = self.spectral * other.radius +",
        "inherited =",
    ),
    _certify(
        "product: inherited from the left",
        "matrices/normed",
        "self.radius * (other.spectral + other.radius)",
        "0.0",
    ),
    _certify(
        "sum: rounding",
        "matrices/normed",
        "upward(self.radius + other.radius + rounding)",
        "upward(self.radius + other.radius)",
    ),
    _certify(
        "sum: inherited",
        "matrices/normed",
        "upward(self.radius + other.radius + rounding)",
        "upward(self.radius + rounding)",
    ),
    _certify(
        "scaled: rounding",
        "matrices/normed",
        "upward(self.radius * abs(factor) + rounding)",
        "upward(self.radius * abs(factor))",
    ),
    _certify(
        "scaled: inherited",
        "matrices/normed",
        "upward(self.radius * abs(factor) + rounding)",
        "upward(rounding)",
    ),
    _certify(
        "symmetric: what moved",
        "matrices/normed",
        "upward(self.radius + moved.frobenius * (1 + UNIT_ROUNDOFF))",
        "self.radius",
    ),
    _certify(
        "floor: residual",
        "matrices/normed",
        "Normed(residual).frobenius * (1 + 2 * UNIT_ROUNDOFF) + product",
        "product",
    ),
    _certify(
        "floor: rounding of the product",
        "matrices/normed",
        "product = gamma(order) * Normed(R).frobenius ** 2 +",
        "product =",
    ),
    _certify(
        "floor: rounding of the shift",
        "matrices/normed",
        "+ product + moving",
        "+ product",
        equivalent="it is at most 1/N of the bound of the product, which is never attained",
    ),
    _certify(
        "floor: radius", "matrices/normed", "upward(deviation + matrix.radius)", "upward(deviation)"
    ),
    _certify("Rayleigh: rounding and radius", "matrices/normed", "quotient + slop", "quotient"),
    _certify(
        "Rayleigh: radius",
        "matrices/normed",
        "* matrix.frobenius + matrix.radius",
        "* matrix.frobenius",
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
        "one/curvature",
        "upward(A.radius + cross.radius + pure.radius)",
        "0.0",
    ),
    _certify(
        "reduced Hessian: not positive semidefinite",
        "matrices/reduced",
        "np.nextafter(-mu + min(below, 0.0), -np.inf)",
        "-mu",
    ),
    _certify(
        "closed form: alpha from above",
        "one/curvature",
        "exact(np.array(alpha))",
        "exact(np.array(2 * alpha))",
    ),
    _certify(
        "curvature on the data: no bound",
        "survey",
        'quotient(lowest, means["curvature"], net.moving, at.b).upper[0]',
        'quotient(lowest, means["curvature"], net.moving, at.b).value[0]',
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
        "after.upper[0] < F.lower[0]",
        "after.value[0] < F.value[0] + 1",
    ),
    _certify(
        "transposed product: last rounding",
        "matrices/precise",
        "UNIT_ROUNDOFF * np.abs(value) + second_order",
        "second_order",
    ),
    _certify(
        "transposed product: second order",
        "matrices/precise",
        "UNIT_ROUNDOFF * np.abs(value) + second_order",
        "UNIT_ROUNDOFF * np.abs(value)",
    ),
    _certify("ball: overlapping is no worse", "ball", "if gap <= 0 else", "if not gap > 0 else"),
    # -- the reduced Hessian --
    _certify(
        "Schur form: beta from its value",
        "one/curvature",
        "beta = float(self.beta.upper[0])\n        weight",
        "beta = float(self.beta.value[0])\n        weight",
    ),
    _certify(
        "Schur form: error of the projector",
        "one/curvature",
        "off = weight * (2 * (d + 8) * UNIT_ROUNDOFF + d * 2.0**-1000) + UNIT_ROUNDOFF * (",
        "off = UNIT_ROUNDOFF * (",
    ),
    _certify(
        "Schur form: no error at all",
        "one/curvature",
        "Normed(change, upward(4 * off))",
        "Normed(change)",
    ),
    _certify(
        "factor: its error",
        "one/curvature",
        "upward(scaled.radius + off * (matrix.spectral + matrix.radius))",
        "scaled.radius",
    ),
    _certify(
        "factor: its error times that of the matrix",
        "one/curvature",
        "off * (matrix.spectral + matrix.radius)",
        "off * matrix.spectral",
    ),
    _certify(
        "factor: error of the matrix",
        "one/curvature",
        "upward(scaled.radius + off * (matrix.spectral + matrix.radius))",
        "upward(off * (matrix.spectral + matrix.radius))",
    ),
    _certify(
        "coupling: bounds of entries",
        "one/curvature",
        "Normed(matrix.radius[..., 0]).frobenius",
        "0.0",
    ),
    _certify(
        "trivial floor: beta from its value",
        "one/curvature",
        "trivial = -float(hessian.beta.upper[0])",
        "trivial = -float(hessian.beta.value[0])",
    ),
    # -- moments, bounds, duality --
    _certify(
        "moments: division by n",
        "moments",
        "upward(float(radius.upper[0]) + rounding)",
        "float(radius.value[0])",
        equivalent="γ_(k+B+4) counts two roundings more than the sums have: one is the division",
    ),
    _certify(
        "Theorem 1: the part of ||V||",
        "bounds",
        "sq(w_star) * (2 + sq(f.V_norm / size))",
        "sq(w_star) * 2",
    ),
    _certify(
        "Theorem 3: far from 0",
        "bounds",
        "value = maximum(far, near)",
        "value = minimum(far, near)",
    ),
    _certify(
        "interval: no slop",
        "bounds",
        "error + slop, np.inf)",
        "error, np.inf)",
        equivalent="differences round relatively, which the inflation of a bound pays for, too",
    ),
    _certify(
        "largest: value in place of upper bound",
        "bounds",
        "max(float(x.upper[0]) for x in values) * (1 + 2.0**-40)",
        "max(float(x.value[0]) for x in values)",
    ),
    _certify(
        "output bias: its row of V counts",
        "network",
        "part[..., self.moved :] = 0.0",
        "pass",
    ),
    _certify(
        "output bias: t meets it",
        "one/curvature",
        "self.mask * delta - self.unit",
        "delta - self.unit",
    ),
    _certify(
        "Theorem 2: the bias is no comparator",
        "bounds",
        "norm(exact(f.net.w) - w_star) if f.net.w.any() else norm(w_star)",
        "norm(w_star)",
    ),
    _certify(
        "weight decay: not in the Hessian",
        "survey",
        "facts.least + net.ridge if net.ridge else facts.least",
        "facts.least",
    ),
    _certify(
        "weight decay: denies minima",
        "certificate",
        "return not self.ridge",
        "return True",
    ),
    _certify(
        "duality: the radius of the ball",
        "survey",
        "dot(slope, exact(u)) + reach * steepness",
        "dot(slope, exact(u))",
    ),
    # -- several outputs --
    _certify(
        "several outputs: the coupling",
        "several/curvature",
        "_at_outputs(N, mixed.T, m).T + _coupling(R, B)",
        "_at_outputs(N, mixed.T, m).T",
    ),
    _certify(
        "several outputs: the flat part",
        "several/curvature",
        "part -= self._square.value / mu",
        "pass",
    ),
    _certify(
        "several outputs: error of the flat part",
        "several/curvature",
        "off += self._square.radius / mu + rounded",
        "off += rounded",
    ),
    _certify(
        "several outputs: the basis is orthonormal",
        "several/curvature",
        "change[inside, inside] *= 1 - self.defect",
        "pass",
    ),
    _certify(
        "several outputs: trivial floor from a value",
        "several/curvature",
        "trivial = -float(B_norm.upper[0])",
        "trivial = -float(B_norm.value[0])",
    ),
    _certify(
        "several outputs: products inherit nothing",
        "several/curvature",
        "inherited = factor.spectral * A.radius + factor.radius * (A.spectral + A.radius)",
        "inherited = 0.0",
    ),
    _certify(
        "several outputs: the coupling inherits nothing",
        "several/curvature",
        "upward(2 * (inherited + rounding))",
        "upward(2 * rounding)",
    ),
    _certify(
        "several outputs: reduced Hessian inherits nothing",
        "several/curvature",
        "upward(hidden.radius + cross.radius + pure.radius)",
        "0.0",
    ),
    _certify(
        "several outputs: second moments round",
        "several/gram",
        "self._size + total(Bounded(sizes) * squares[part])",
        "self._size",
    ),
    _certify(
        "several outputs: second moments inherit",
        "several/gram",
        "self._inherited + total(Bounded(radii) * squares[part])",
        "self._inherited",
    ),
    _certify(
        "several outputs: curvature on the data: no bound",
        "several/survey",
        "float(quotient.upper[0])",
        "float(quotient.value[0])",
    ),
    _certify(
        "nuclear norm: Frobenius",
        "several/bounds",
        "upper = frobenius(P) * frobenius(Q) + rest",
        "upper = frobenius(matrix)",
    ),
    _certify(
        "nuclear norm: what is left",
        "several/bounds",
        "upper = frobenius(P) * frobenius(Q) + rest",
        "upper = frobenius(P) * frobenius(Q)",
    ),
    _certify(
        "Theorem 2: without a kernel",
        "several/bounds",
        "return self.rank < self.net.moved",
        "return self.rank <= self.net.moved",
    ),
)
