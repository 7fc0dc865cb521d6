"""Samples with losses of their own: the theorems allow another convex function for each sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Labels, Loss

# A domain of labels comes before those that contain it.
_STRICTEST = (Labels.SIGN, Labels.POSITIVE, Labels.UNIT, Labels.NON_NEGATIVE, Labels.REAL)
_WITHIN = {
    Labels.SIGN: {Labels.SIGN, Labels.REAL},
    Labels.POSITIVE: {Labels.POSITIVE, Labels.NON_NEGATIVE, Labels.REAL},
    Labels.UNIT: {Labels.UNIT, Labels.NON_NEGATIVE, Labels.REAL},
    Labels.NON_NEGATIVE: {Labels.NON_NEGATIVE, Labels.REAL},
    Labels.REAL: {Labels.REAL},
}


def accepted_with(labels: Labels, loss: Loss) -> bool:
    """Whether a loss accepts every label of a domain."""
    return loss.labels in _WITHIN[labels]


@dataclass(frozen=True)
class PerSample(Loss):
    """l_i(p; y_i) with one loss for each sample; sample i is row i of the arrays.

    All properties are those of the weakest member. Their label domains have to be nested: then the
    strictest of them is that of all.
    """

    losses: tuple[Loss, ...]
    kind = "per_sample"

    def __post_init__(self) -> None:
        needed = {loss.labels for loss in self.losses}
        strictest = next(labels for labels in _STRICTEST if labels in needed)
        if not needed <= _WITHIN[strictest]:
            raise InputError(
                "the losses of the samples share no domain of labels",
                why=f"they need {' and '.join(sorted(x.value for x in needed))}",
            )
        # Class variables of every other loss; dataclasses compare and save fields only.
        shared: dict[str, Any] = {"labels": strictest}
        for name in ("rational", "bounded_below", "differentiable", "twice_differentiable"):
            shared[name] = all(getattr(loss, name) for loss in self.losses)
        shared["convex"] = all(loss.convex for loss in self.losses)
        for name, value in shared.items():
            object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        return f"{self.kind}({', '.join(loss.name for loss in self.losses)})"

    def value(self, p: Any, y: Any) -> Any:
        return self._row_by_row("value", p, y)

    def slope(self, p: Any, y: Any) -> Any:
        return self._row_by_row("slope", p, y)

    def curvature(self, p: Any, y: Any) -> Any:
        return self._row_by_row("curvature", p, y)

    def _row_by_row(self, part: str, p: Any, y: Any) -> Any:
        """Rows with the same loss together; then everything in its place again."""
        rows: dict[Loss, list[int]] = {}
        for index, loss in enumerate(self.losses):
            rows.setdefault(loss, []).append(index)
        parts = [getattr(loss, part)(p[own], y[own]) for loss, own in rows.items()]
        order = [index for own in rows.values() for index in own]
        return type(p).concatenate(parts, 0)[[order.index(i) for i in range(len(order))]]

    def kept(self, dim: str, indices: Sequence[int]) -> Loss:
        """The losses of some samples only; one for all where they agree."""
        return per_sample([self.losses[i] for i in indices]) if dim == "n" else self

    @property
    def parts(self) -> tuple[Loss, ...]:
        return self.losses

    def check_labels(self, y: FloatArray) -> None:
        if len(y) != len(self.losses):
            raise InputError(f"there are {len(self.losses)} losses for {len(y)} samples")
        super().check_labels(y)

    def simpler(self, candidates: Sequence[Loss]) -> Iterator[Loss]:
        """The same with a simpler loss for one sample; `candidates` with the simplest first."""
        for index, loss in enumerate(self.losses):
            before = candidates.index(loss) if loss in candidates else len(candidates)
            for other in candidates[:before]:
                yield per_sample((*self.losses[:index], other, *self.losses[index + 1 :]))


def per_sample(losses: Sequence[Loss]) -> Loss:
    """A loss for each sample; the loss itself where there is one only."""
    return losses[0] if len(set(losses)) == 1 else PerSample(tuple(losses))
