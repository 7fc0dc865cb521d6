"""Numbers for deep linear residual networks (Zou, Long and Gu 2020): points of the ball, states and
starts, and what lies outside of a theorem. `strategies.deep_linear.states` makes domains of them.
"""

from __future__ import annotations

import numpy as np

from checker.instances.fields import FloatArray
from checker.landscape.deep_linear.network import DeepLinear
from checker.landscape.deep_linear.steps import ZeroStart
from strategies.deep_linear.networks import Fields, LinearShape, boundary_layers, layers, plain

INSIDE = 1 - 2.0**-20


def ball_radius(shape: LinearShape) -> float:
    return 1 / (2 * shape.L)


def inside(shape: LinearShape, rng: np.random.Generator, size: int, wider: float = 1) -> Fields:
    radius = wider * ball_radius(shape) * INSIDE * rng.uniform(0, 1, size)
    return {**shape.data(rng, size), "W": layers(shape, radius, rng, size)}


def aim_at(fields: Fields, root: FloatArray, rng: np.random.Generator) -> None:
    """Choose Φ* so that √E is `root`."""
    fields["Phi"] = np.zeros_like(fields["Phi"])
    at = plain(DeepLinear, fields)
    target = rng.standard_normal(fields["Phi"].shape)
    image = np.einsum("kdb,ndb->knb", target, fields["X"] * np.ones(target.shape[-1]))
    length = np.sqrt((image**2).sum(axis=(0, 1)) / 2)
    fields["Phi"] = at.chain.error.value + target * (root / length)


def state(
    shape: LinearShape, rng: np.random.Generator, size: int, far: float = 1, late: float = 0
) -> Fields:
    """States that meet the invariant ||W_l||_F <= c (√e_0 - √E) and c √e_0 <= 1/(2L), both with any
    room: with b = 1/(2Lc), √E = p b and max ||W_l||_F = q/(2L), p + q < 1.
    """
    fields = shape.data(rng, size)
    p, q = rng.dirichlet([1, 1, 1], size).T[:2] * (1 - 2.0**-10)
    p, q = p * 10.0 ** -rng.uniform(0, late, size), far * q
    fields["W"] = layers(shape, q * ball_radius(shape), rng, size)
    room = 1 + rng.exponential(0.1, size)
    share = np.where(rng.random(size) < 0.5, 1.0, 10.0 ** -rng.uniform(0, 3, size))
    return {**_aimed(shape, fields, p, q, room, rng), "share": share}


def _aimed(
    shape: LinearShape,
    fields: Fields,
    p: FloatArray,
    q: FloatArray,
    room: FloatArray,
    rng: np.random.Generator,
) -> Fields:
    """With Φ* and e_0 of a state, see `state`."""
    b = ball_radius(shape) / plain(DeepLinear, fields).reach.value
    aim_at(fields, p * b, rng)
    root = (p + q) * b * (1 + 2.0**-20) * room
    return {**fields, "e0": np.minimum(root, b * (1 - 2.0**-20)) ** 2}


def shrunk(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """States whose layers all shrink as far as they may, W_l = -q / (2L√m) I, near their end: the
    product is smallest there, and with it the rate.
    """
    fields = shape.data(rng, size)
    q = 1 - 2.0 ** -rng.uniform(2, 16, size)
    p = (1 - q) * rng.uniform(0.1, 0.9, size)
    fields["W"] = boundary_layers(shape, -1.0, rng, size) * (q / np.sqrt(shape.m))
    return {**_aimed(shape, fields, p, q, np.ones(size), rng), "share": np.ones(size)}


def zero(shape: LinearShape, rng: np.random.Generator, size: int, farther: float = 1) -> Fields:
    """W = 0, c √e_0 uniform in (0, 1/(2L)), the step at most the largest allowed."""
    fields = shape.data(rng, size)
    fields["W"] = np.zeros((shape.L, shape.m, shape.m, size))
    b = ball_radius(shape) / plain(DeepLinear, fields).reach.value
    aim_at(fields, farther * rng.uniform(0, 1, size) * b, rng)
    fields["share"] = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0, 1, size))
    return fields


def hasty_zero(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    return {**zero(shape, rng, size), "share": 2.0 ** rng.uniform(0, 8, size)}


def recorded(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """Iterates that gradient descent in floats reached from W = 0, one time per batch."""
    return run(zero(shape, rng, size), rng, size)


def run(fields: Fields, rng: np.random.Generator, size: int) -> Fields:
    """Iterates of gradient descent in floats after up to 40 steps, fewer for deep networks."""
    at = plain(ZeroStart, fields)
    chain = at.chain
    for _ in range(int(rng.integers(1, min(40, 1 + 1000 // at.L)))):
        chain = chain.stepped(at.step)
    ones = np.ones(size)
    W = np.stack([w.value * ones for w in chain.weights()])
    return {**fields, "W": W, "e0": at.chain.excess.value * (1 + 2.0**-30) * ones}


# -- outside of a theorem ----------------------------------------------------------------------


def far_out(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """Layers far outside the ball, where E is less smooth, and e_0 as large as they allow."""
    fields = shape.data(rng, size)
    fields["W"] = layers(shape, 10.0 ** rng.uniform(0, 2, size), rng, size)
    at = plain(DeepLinear, fields)
    longest = np.sqrt((fields["W"] ** 2).sum(axis=(1, 2)).max(axis=0))
    root = np.sqrt(at.chain.excess.value) + longest / at.reach.value
    return {**fields, "e0": (root * (1 + 2.0**-20)) ** 2, "share": np.ones(size)}


def started_nearby(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """Layers near -I, where gradients vanish, and an e_0 that meets the condition."""
    fields = {**shape.data(rng, size), "W": near_minus_one(shape, rng, size)}
    b = ball_radius(shape) / plain(DeepLinear, fields).reach.value
    return {**fields, "e0": (b / 2) ** 2, "share": np.ones(size)}


def far_state(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """Layers near -I, far outside the ball, where the product is nearly 0."""
    fields = {**shape.data(rng, size), "W": near_minus_one(shape, rng, size)}
    e0 = plain(DeepLinear, fields).chain.excess.value
    return {**fields, "e0": e0, "share": np.ones(size)}


def near_minus_one(shape: LinearShape, rng: np.random.Generator, size: int) -> FloatArray:
    near = boundary_layers(shape, -2.0 * shape.L, rng, size)
    moved: FloatArray = near + 0.1 * rng.uniform(0, 1, size) * rng.standard_normal(near.shape)
    return moved


def hasty(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = state(shape, rng, size)
    return {**fields, "share": 2.0 ** rng.uniform(0, 8, size)}


# -- stochastic gradient descent ------------------------------------------------------------------


def stochastic(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = inside(shape, rng, size, 0.9)
    fields["share"] = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0, 1, size))
    return fields


def stochastic_near_minus_one(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    return {**shape.data(rng, size), "W": near_minus_one(shape, rng, size), "share": np.ones(size)}


def stochastic_hasty(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = inside(shape, rng, size, 0.1)
    return {**fields, "share": 2.0 ** rng.uniform(0, 10, size)}


def one_informative(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = stochastic(shape, rng, size)
    fields["X"][1:] = 0.0
    return fields
