"""Points of a residual unit in free numbers: what a proof takes for all of them at once.

A loss enters by l(p), l'(p), l''(p) and l(t) at the predictions p of the network and t of the
comparator. `checker.landscape.losses.seen` shows which four numbers a convex loss can have there:
l''(p) = κ², l(t) = l(p) + l'(p)(t - p) + ρ²(t - p)²/2 with ρ != 0 where κ != 0. So κ is a multiple
of ρ here, and there is nothing to be watched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from checker.claims.form import Form
from checker.instances.fields import Dims
from checker.landscape.losses.seen import Seen, SeenPoint

_REAL = {
    "X": Dims("n", "d"),
    "y": Dims("n"),
    "Z": Dims("n", "m"),
    "w": Dims("d"),
    "V": Dims("d", "m"),
    "w_star": Dims("d"),
    "slopes": Dims("n"),
    "root_rise": Dims("n"),
    "curvature_ratio": Dims("n"),
}
_WEIGHTS = {"weights": Dims("n", domain="nonnegative")}


def _fields(given: Mapping[str, Any], at_w_zero: bool) -> dict[str, Any]:
    fields = {"weights": None, **given, "loss": Seen()}
    fields["root_curvature"] = fields.pop("curvature_ratio") * given["root_rise"]
    if at_w_zero:
        fields["w"] = _zeros(given["w_star"])
    return fields


def _zeros(like: Any) -> Any:
    zeros = np.zeros(like.shape)
    return zeros if isinstance(like, np.ndarray) else type(like).constant(zeros)


def forms(at_w_zero: bool = False) -> tuple[Form, ...]:
    """All points, whatever their convex losses: with weights 1/n, asked for first, and with any."""
    place = "points with w = 0" if at_w_zero else "points"
    numbers = {name: dims for name, dims in _REAL.items() if not (at_w_zero and name == "w")}
    made: Callable[[Mapping[str, Any]], dict[str, Any]] = partial(_fields, at_w_zero=at_w_zero)
    words = f"{place}, any convex losses"
    return (
        Form(SeenPoint, numbers, made, f"{words}, weights 1/n", sizes=(1,)),
        Form(SeenPoint, numbers | _WEIGHTS, made, f"{words}, any weights", sizes=(1,)),
    )
