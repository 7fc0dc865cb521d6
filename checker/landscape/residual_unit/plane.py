"""The objective on a plane through a point, for a picture: what descends, and what it is compared
with.

The plane contains the point (w, V), the comparator (w*, 0), where F is F_lin(w*), and, where these
leave a choice, the gradient. Values are float64: a picture decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from checker.arithmetic.plain import Plain
from checker.instances.fields import FloatArray, map_arrays, with_fields
from checker.instances.plane import Plane

if TYPE_CHECKING:
    from checker.landscape.residual_unit.one_output import Point

# Points of the grid along each axis, and room around the two marked points, relative to their
# distance.
GRID = 33
_MARGIN = 0.6

_LEGEND = (
    "Shaded: F is at most the linear level F_lin(w*). The arrow is -∇F. Drawn from float64 values; "
    "the decision does not rest on them."
)


def plane_of(point: Point) -> Plane | None:
    """The plane of a point; None if F is not finite there."""
    with np.errstate(all="ignore"):
        drawn = _scalar_plane(point) if point.V.size == 1 else _gradient_plane(point)
    return drawn if np.isfinite(drawn.values).all() and np.isfinite(drawn.level) else None


def _scalar_plane(point: Point) -> Plane:
    """For d = m = 1 there is only one plane, with w and V as its coordinates."""
    origin, axes = np.zeros(2), np.eye(2)
    caption = "F as a function of w and V"
    return _plane(point, origin, axes, ("w", "V"), caption)


def _gradient_plane(point: Point) -> Plane:
    here = _parameters(point)
    down, across = _orthonormal([-_gradient(point), _comparator(point) - here, *np.eye(len(here))])
    labels = ("along -∇F", "across, towards (w*, 0)")
    if not _gradient(point).any():
        labels = ("towards (w*, 0)", "across")
    caption = "F on the plane through (w, V) and (w*, 0) along the gradient, (w, V) at the origin"
    return _plane(point, here, np.array([down, across]), labels, caption)


def _plane(
    point: Point, origin: FloatArray, axes: FloatArray, labels: tuple[str, str], caption: str
) -> Plane:
    marked = {"(w, V)": _parameters(point), "(w*, 0)": _comparator(point)}
    marks = {name: axes @ (place - origin) for name, place in marked.items()}
    x, y = _extents(np.array(list(marks.values())))
    grid = np.stack(np.meshgrid(x, y), axis=-1) @ axes + origin
    slope = axes @ -_gradient(point)
    return Plane(
        x,
        y,
        _objective(point, grid.reshape(-1, len(origin))).reshape(len(y), len(x)),
        float(_plain(point).F_lin.value[0]),
        {name: (float(place[0]), float(place[1])) for name, place in marks.items()},
        (float(slope[0]), float(slope[1])),
        labels,
        f"{caption}. {_LEGEND}",
    )


def _extents(marked: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Grids around all marked points, as wide as high where one direction tells nothing."""
    low, high = marked.min(axis=0), marked.max(axis=0)
    spread = high - low
    # Marks that coincide leave the scale to their distance from the origin.
    widest = spread.max() or np.abs(marked).max() or 1.0
    spread = np.where(spread > widest / 100, spread, widest)
    middle, half = (low + high) / 2, spread * (0.5 + _MARGIN)
    x, y = np.linspace(middle - half, middle + half, GRID, axis=1)
    return x, y


def _orthonormal(vectors: Iterable[FloatArray]) -> list[FloatArray]:
    """Two orthonormal vectors, from the first of these that are independent."""
    found: list[FloatArray] = []
    for vector in vectors:
        scale = float(np.abs(vector).max())
        rest = vector / scale if 0 < scale < np.inf else np.zeros_like(vector)
        size = float(np.linalg.norm(rest))
        for known in found:
            rest = rest - (rest @ known) * known
        # Below, rounding would choose the direction.
        if np.linalg.norm(rest) > 1e-6 * size:
            found.append(rest / np.linalg.norm(rest))
        if len(found) == 2:
            break
    return found


def _parameters(point: Point) -> FloatArray:
    return np.concatenate([point.w, point.V.ravel()])


def _comparator(point: Point) -> FloatArray:
    return np.concatenate([point.w_star, np.zeros(point.V.size)])


def _plain(point: Point) -> Any:
    return map_arrays(point, Plain.constant)


def _gradient(point: Point) -> FloatArray:
    in_w, in_V = _plain(point).grad
    return np.concatenate([in_w.value[..., 0], in_V.value[..., 0].ravel()])


def _objective(point: Point, parameters: FloatArray) -> FloatArray:
    """F at many parameters, (B, d + dm) -> (B,)."""
    d, m = point.V.shape
    w, V = parameters[:, :d].T, parameters[:, d:].T.reshape(d, m, -1)
    values = with_fields(_plain(point), w=Plain(w), V=Plain(V)).F.value
    return np.broadcast_to(values, len(parameters)).astype(np.float64)
