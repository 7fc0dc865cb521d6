"""What the suite decides: every stratum with every loss, and families of its own.

The families go where strata do not: numbers of 1e-300, 1e150 and 5e-324, saturated exponentials,
exact equality at all scales, and equality missed by one unit in the last place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.losses.catalogue import LOSSES, PseudoHuber
from checker.landscape.residual_unit.one_output import Point
from strategies.losses import EVERY
from strategies.networks import KINDS
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.strata.stratum import Shape, Stratum
from strategies.residual_unit.structures import Structure

Fields = dict[str, FloatArray]
Rng = np.random.Generator
Make = Callable[[Rng, int, Loss], Fields]


@dataclass(frozen=True)
class Source:
    """One way to draw a batch: a stratum or a family, with one loss, at w = 0 or not."""

    name: str
    loss: Loss
    at_w_zero: bool
    draw: Callable[[Rng, int], Batch]

    @property
    def label(self) -> str:
        """Name and side, for tables."""
        return f"{self.name} (w = 0)" if self.at_w_zero else self.name


# -- strata -----------------------------------------------------------------------------------


def from_strata(at_w_zero: bool, loss: Loss) -> Iterator[Source]:
    """Every stratum that takes this loss."""
    for stratum in W_ZERO if at_w_zero else NONZERO_W:
        if stratum.loss in (None, loss.kind):
            yield Source(stratum.name, loss, at_w_zero, _drawing(stratum, loss, at_w_zero))


def _drawing(stratum: Stratum, loss: Loss, at_w_zero: bool) -> Callable[[Rng, int], Batch]:
    def draw(rng: Rng, size: int) -> Batch:
        """Half of the structures are small, so that a dense Hessian is decided there."""
        n, d, m, _ = stratum.shape(Shape(*rng.integers(1, rng.choice([4, 7]), 3).tolist()))
        network = "free" if stratum.loss else str(rng.choice(KINDS))
        bias, weighted = d > 1 and rng.random() < 0.5, bool(rng.random() < 0.5)
        spread = float(rng.choice([0.0, 0.5, 1.5]))
        return Structure(n, d, m, loss, network, stratum, spread, bias, weighted, at_w_zero).batch(
            rng, size
        )

    return draw


# -- extreme numbers --------------------------------------------------------------------------


def _gaussian(rng: Rng, size: int, loss: Loss) -> Fields:
    n, d, m = rng.integers(1, 4, 3)
    shapes = {"X": (n, d), "Z": (n, m), "w": (d,), "V": (d, m), "w_star": (d,)}
    fields = {name: rng.standard_normal((*shape, size)) for name, shape in shapes.items()}
    return {**fields, "y": loss.labels.draw(rng, (n, size))}


def _scaled(fields: Fields, rng: Rng, loss: Loss, low: float, high: float) -> Fields:
    """Every array times its own power of ten; labels where any real number is one."""
    for name, values in fields.items():
        if name != "y" or loss.labels is Labels.REAL:
            values *= 10.0 ** rng.uniform(low, high, values.shape[-1])
    return fields


def _tiny(rng: Rng, size: int, loss: Loss) -> Fields:
    return _scaled(_gaussian(rng, size, loss), rng, loss, -300, -160)


def _huge(rng: Rng, size: int, loss: Loss) -> Fields:
    return _scaled(_gaussian(rng, size, loss), rng, loss, 100, 150)


def _one_extreme(rng: Rng, size: int, loss: Loss) -> Fields:
    fields = _gaussian(rng, size, loss)
    name = str(rng.choice(["X", "Z", "w", "V", "w_star"]))
    fields[name] *= 10.0 ** (rng.choice([-1, 1], size) * rng.uniform(100, 150, size))
    return fields


def _subnormal(rng: Rng, size: int, loss: Loss) -> Fields:
    """Multiples of 5e-324 up to nine, in about half of the arrays."""
    fields = _gaussian(rng, size, loss)
    for name in ("X", "Z", "w", "V", "w_star"):
        small = rng.integers(-9, 10, fields[name].shape) * 5e-324
        fields[name] = np.where(rng.random(size) < 0.5, small, fields[name])
    return fields


def _saturated(rng: Rng, size: int, loss: Loss) -> Fields:
    """Predictions between a hundred and a million."""
    fields, factor = _gaussian(rng, size, loss), 10.0 ** rng.uniform(2, 6, size)
    return {**fields, "w": fields["w"] * factor, "w_star": fields["w_star"] * factor}


def _cancelling(rng: Rng, size: int, loss: Loss) -> Fields:
    """Predictions of order 1 that are differences of numbers 1e4 to 1e12 times as large, and a
    comparator so near that Lemma 1 is decided by what the cancellation leaves."""
    fields, n = _gaussian(rng, size, loss), 2
    large = rng.standard_normal((n, size)) * 10.0 ** rng.uniform(4, 12, size)
    fields["X"] = np.stack([large, rng.standard_normal((n, size)) - large], axis=1)
    w = np.broadcast_to(rng.standard_normal(size), (2, size)).copy()
    w_star = w * (1.0 + 10.0 ** rng.uniform(-12, -4, size))
    zeros = {"Z": np.zeros((n, 1, size)), "V": np.zeros((2, 1, size))}
    y = loss.labels.draw(rng, (n, size))
    return {**fields, **zeros, "w": w, "w_star": w_star, "y": y}


def _almost_equal_predictions(rng: Rng, size: int, loss: Loss) -> Fields:
    """w* = w and V between 1e-20 and 1e-150: the predictions agree to many more digits than 53."""
    fields = _gaussian(rng, size, loss)
    V = fields["V"] * 10.0 ** rng.uniform(-150, -20, size)
    return {**fields, "V": V, "w_star": fields["w"].copy()}


def _opposite_pairs(rng: Rng, size: int, loss: Loss) -> Fields:
    """Each sample twice, with labels whose slopes at p = 0 cancel where the loss has such."""
    fields = _gaussian(rng, size, loss)
    y = fields["y"]
    other = 1.0 - y if loss.labels is Labels.UNIT else -y
    if loss.labels in (Labels.NON_NEGATIVE, Labels.POSITIVE):
        y = other = np.ones_like(y)
    doubled = {name: np.concatenate([fields[name]] * 2) for name in ("X", "Z")}
    return {**fields, **doubled, "y": np.concatenate([y, other])}


# -- equality ---------------------------------------------------------------------------------


def _integers(rng: Rng, *shape: int) -> FloatArray:
    """Small integers, none of them all zero along the first axis."""
    drawn = rng.integers(-4, 5, shape).astype(float)
    drawn[0, ~drawn.any(axis=0)] = 1.0
    return drawn


def _sizes(rng: Rng) -> tuple[int, int]:
    d, m = rng.integers(1, 4, 2)
    return int(d), int(m)


def _power_of_two(rng: Rng, size: int, limit: int) -> FloatArray:
    return np.ldexp(1.0, rng.integers(-limit, limit + 1, size))


def _theorem1(rng: Rng, size: int, loss: Loss) -> Fields:
    """w* = -w, V = w qᵀ, x = (2 + |q|²) w, f = -q, l = y p with y > 0; w and y at any scale."""
    d, m = _sizes(rng)
    w, q = _integers(rng, d, size), _integers(rng, m, size) * _power_of_two(rng, size, 8)
    w *= _power_of_two(rng, size, 500)
    x = w * (2.0 + (q**2).sum(axis=0))
    y = _power_of_two(rng, size, 500)[None]
    return {"X": x[None], "y": y, "Z": -q[None], "w": w, "V": w[:, None] * q, "w_star": -w}


def _theorem1_sharp(rng: Rng, size: int, loss: Loss) -> Fields:
    """Any w, V, w* with f = VᵀW*, x = ||w||² (w - w*) - V f, l = y p."""
    d, m = _sizes(rng)
    w, w_star = _integers(rng, d, size), _integers(rng, d, size) * _power_of_two(rng, size, 4)
    V = _integers(rng, d, m, size) * _power_of_two(rng, size, 4)
    f = np.einsum("dmb,db->mb", V, w_star)
    x = (w**2).sum(axis=0) * (w - w_star) - np.einsum("dmb,mb->db", V, f)
    y = _power_of_two(rng, size, 300)[None]
    return {"X": x[None], "y": y, "Z": f[None], "w": w, "V": V, "w_star": w_star}


def _theorem2(rng: Rng, size: int, loss: Loss) -> Fields:
    """V = w* qᵀ, f = VᵀW*, x = -s w* - V f, l = y p."""
    d, m = _sizes(rng)
    w_star = _integers(rng, d, size) * _power_of_two(rng, size, 40)
    q = _integers(rng, m, size) * _power_of_two(rng, size, 8)
    return _downhill(rng, w_star, w_star[:, None] * q, size)


def _theorem2_sharp(rng: Rng, size: int, loss: Loss) -> Fields:
    """Any V and w*, f = VᵀW*, x = -s w* - V f, l = y p."""
    d, m = _sizes(rng)
    return _downhill(rng, _integers(rng, d, size), _integers(rng, d, m, size), size)


def _downhill(rng: Rng, w_star: FloatArray, V: FloatArray, size: int) -> Fields:
    f = np.einsum("dmb,db->mb", V, w_star)
    x = -rng.integers(0, 4, size) * w_star - np.einsum("dmb,mb->db", V, f)
    y = _power_of_two(rng, size, 300)[None]
    w = np.zeros_like(w_star)
    return {"X": x[None], "y": y, "Z": f[None], "w": w, "V": V, "w_star": w_star}


def _equal_predictions(rng: Rng, size: int, loss: Loss) -> Fields:
    """w* = w and Vᵀw = 0 with V != 0, in integers: both predictions are the same number."""
    n, m = rng.integers(1, 4, 2)
    w = _integers(rng, 2, size)
    V = np.stack([-w[1], w[0]])[:, None] * rng.integers(-4, 5, (m, size)).astype(float)
    X, Z = _integers(rng, n, 2, size), _integers(rng, n, m, size)
    y = loss.labels.draw(rng, (n, size))
    return {"X": X, "y": y, "Z": Z, "w": w, "V": V, "w_star": w.copy()}


def _no_data(rng: Rng, size: int, loss: Loss) -> Fields:
    fields = _gaussian(rng, size, loss)
    return {**fields, "X": np.zeros_like(fields["X"]), "Z": np.zeros_like(fields["Z"])}


def _off_by_an_ulp(make: Make) -> Make:
    """One entry of every case moved to a neighbouring float."""

    def moved(rng: Rng, size: int, loss: Loss) -> Fields:
        fields = make(rng, size, loss)
        for case in range(size):
            name = str(rng.choice([k for k in fields if fields[k][..., case].any()]))
            values = fields[name]
            index = rng.choice(np.argwhere(values[..., case]))
            where = (*index, case)
            values[where] = np.nextafter(values[where], rng.choice([-np.inf, np.inf]))
        return fields

    return moved


def _far_label(make: Make) -> Make:
    """Equality data with a label far below: there a convex loss is almost affine."""

    def moved(rng: Rng, size: int, loss: Loss) -> Fields:
        w_scale = 2.0 ** rng.integers(-6, 1, size)
        fields = make(rng, size, loss)
        largest = np.abs(fields["w_star"]).max(axis=0)
        fields["w_star"] = fields["w_star"] / 2.0 ** np.ceil(np.log2(largest)) * w_scale
        fields["y"] = -(10.0 ** rng.uniform(1, 15, size))[None]
        return fields

    return moved


# -- the table of families --------------------------------------------------------------------

_AFFINE = (LOSSES["affine"],)
_ALMOST_AFFINE = (LOSSES["squared"], LOSSES["log_cosh"], LOSSES["pseudo_huber"], PseudoHuber(0.5))

# (name, at w = 0, losses, how to draw)
FAMILIES: tuple[tuple[str, bool, tuple[Loss, ...], Make], ...] = (
    *(
        (name, at_w_zero, EVERY, make)
        for at_w_zero in (False, True)
        for name, make in (
            ("all tiny", _tiny),
            ("all huge", _huge),
            ("one array extreme", _one_extreme),
            ("subnormal", _subnormal),
            ("no data", _no_data),
        )
    ),
    ("saturated far", False, EVERY, _saturated),
    ("equal predictions", False, EVERY, _equal_predictions),
    ("almost equal predictions", False, EVERY, _almost_equal_predictions),
    ("cancelling predictions", False, EVERY, _cancelling),
    ("opposite pairs", True, EVERY, _opposite_pairs),
    *(
        (name + suffix, at_w_zero, _AFFINE, change(make))
        for suffix, change in ((" equality", lambda make: make), (" off by an ulp", _off_by_an_ulp))
        for name, at_w_zero, make in (
            ("theorem 1", False, _theorem1),
            ("theorem 1 sharp", False, _theorem1_sharp),
            ("theorem 2", True, _theorem2),
            ("theorem 2 sharp", True, _theorem2_sharp),
        )
    ),
    ("equal predictions off by an ulp", False, EVERY, _off_by_an_ulp(_equal_predictions)),
    ("theorem 1, far label", False, _ALMOST_AFFINE, _far_label(_theorem1)),
    ("theorem 2, far label", True, _ALMOST_AFFINE, _far_label(_theorem2)),
)


def from_families() -> Iterator[Source]:
    """Every family with every loss that it takes."""
    for name, at_w_zero, losses, make in FAMILIES:
        for loss in losses:
            yield Source(name, loss, at_w_zero, _batching(name, make, loss, at_w_zero))


def _batching(name: str, make: Make, loss: Loss, at_w_zero: bool) -> Callable[[Rng, int], Batch]:
    def draw(rng: Rng, size: int) -> Batch:
        fields = make(rng, size, loss)
        if at_w_zero:
            fields["w"] = np.zeros_like(fields["w"])
        else:
            fields["w"][0, ~fields["w"].any(axis=0)] = 5e-324
        point = unchecked(Point, **fields, loss=loss, weights=None)
        return Batch(point, size, name)

    return draw


def all_sources() -> list[Source]:
    """Every stratum and family with every loss."""
    strata = [s for zero in (False, True) for loss in EVERY for s in from_strata(zero, loss)]
    return [*strata, *from_families()]
