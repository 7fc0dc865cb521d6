"""A function on a plane: what a picture of an instance shows."""

from __future__ import annotations

from dataclasses import dataclass

from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class Plane:
    """A function on a plane with marked points: what a picture of an instance shows.

    Any dataclass of instances may have a method `plane()` that returns one, or None.

    Attributes
    ----------
    x, y
        Coordinates of the grid, (k,) and (l,).
    values
        The function there, (l, k).
    level
        The value whose contour is emphasised.
    marks
        Names of points and their coordinates; the arrow starts at the first.
    descent
        Where the function falls fastest, as a direction in the plane; zero where it has no slope.
    labels
        Of both axes.
    caption
        What is shown, in a sentence or two.
    """

    x: FloatArray
    y: FloatArray
    values: FloatArray
    level: float
    marks: dict[str, tuple[float, float]]
    descent: tuple[float, float]
    labels: tuple[str, str]
    caption: str
