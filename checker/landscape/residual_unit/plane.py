"""The objective on a plane through a point, for a picture: what descends, and what it is compared
with.

The plane contains the point (w, V), the comparator (w*, 0), where F is F_lin(w*), and, where these
leave a choice, the gradient; with several outputs W for w. Values are float64: a picture decides
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from checker.arithmetic.plain import Plain
from checker.instances.fields import FloatArray, map_arrays, with_fields
from checker.instances.plane import Plane

if TYPE_CHECKING:
    from checker.landscape.residual_unit.unit import UnitPoint

# Points of the grid along each axis, and room around the two marked points, relative to their
# distance.
GRID = 33
_MARGIN = 0.6

_LEGEND = (
    "Shaded: F is at most the linear level F_lin({w}*). The arrow is -∇F. Drawn from float64 "
    "values; the decision does not rest on them."
)


def plane_of(point: UnitPoint) -> Plane | None:
    """The plane of a point; None if F is not finite there."""
    with np.errstate(all="ignore"):
        scalar = point.V.size == point.output.size == 1
        drawn = _scalar_plane(point) if scalar else _gradient_plane(point)
    return drawn if np.isfinite(drawn.values).all() and np.isfinite(drawn.level) else None


def _scalar_plane(point: UnitPoint) -> Plane:
    """For K = d = m = 1 there is only one plane, with w and V as its coordinates."""
    origin, axes, w = np.zeros(2), np.eye(2), point.letters.output
    return _plane(point, origin, axes, (w, "V"), f"F as a function of {w} and V")


def _gradient_plane(point: UnitPoint) -> Plane:
    here, w = _parameters(point), point.letters.output
    down, across = _orthonormal([-_gradient(point), _comparator(point) - here, *np.eye(len(here))])
    labels = ("along -∇F", f"across, towards ({w}*, 0)")
    if not _gradient(point).any():
        labels = (f"towards ({w}*, 0)", "across")
    ends = f"({w}, V) and ({w}*, 0)"
    caption = f"F on the plane through {ends} along the gradient, ({w}, V) at the origin"
    return _plane(point, here, np.array([down, across]), labels, caption)


def _plane(
    point: UnitPoint, origin: FloatArray, axes: FloatArray, labels: tuple[str, str], caption: str
) -> Plane:
    w = point.letters.output
    marked = {f"({w}, V)": _parameters(point), f"({w}*, 0)": _comparator(point)}
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
        f"{caption}. {_LEGEND.format(w=w)}",
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


def _parameters(point: UnitPoint) -> FloatArray:
    return np.concatenate([point.output.ravel(), point.V.ravel()])


def _comparator(point: UnitPoint) -> FloatArray:
    return np.concatenate([point.comparator.ravel(), np.zeros(point.V.size)])


def _plain(point: UnitPoint) -> Any:
    return map_arrays(point, Plain.constant)


def _gradient(point: UnitPoint) -> FloatArray:
    return np.concatenate([part.value[..., 0].ravel() for part in _plain(point).grad])


def _objective(point: UnitPoint, parameters: FloatArray) -> FloatArray:
    """F at many parameters, (B, Kd + dm) -> (B,)."""
    size = point.output.size
    W, V = parameters[:, :size].T, parameters[:, size:].T
    moved = {
        point.letters.output: Plain(W.reshape(*point.output.shape, -1)),
        "V": Plain(V.reshape(*point.V.shape, -1)),
    }
    values = with_fields(_plain(point), **moved).F.value
    return np.broadcast_to(values, len(parameters)).astype(np.float64)
