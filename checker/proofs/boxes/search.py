"""Branch and bound: a box is divided until enclosures of the formula decide every part.

A part is settled in one of these ways, which the certificate names by a letter:

    o   a premise fails on all of it
    v   the slack's enclosure is not negative
    m   nor is its mean-value form, slack(c) + sum of gradient_i (x_i - c_i) about the midpoint c
    f   the slack falls towards a face, and on that face its enclosure is not negative
    c   the same, and on the face it is convex, and its tangent at a point is not negative there

What is found here is believed only after another program has checked it (`recheck.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from checker.proofs.boxes.intervals import Floats, add, mul, neg, point
from checker.proofs.boxes.jets import Jet, jets
from checker.proofs.boxes.parts import Found, Open, Tree
from checker.proofs.boxes.program import Problem, Relation, exact_value, simple_points

_BATCH = 4096
_CONVEX_BATCH = 16
_CONVERGED = 1e-12

# A slack so close to 0 may be 0 exactly at a point with few digits.
_NEARLY = 1e-9

# Parts that are narrower than this, measured by the whole box, are not divided: there is equality.
_NARROW = 2.0**-36


def bounded(problem: Problem, relation: Relation, deadline: float, most: int) -> Found:
    """Divide until everything is settled, the time is over or there are `most` parts."""
    tree = Tree()
    low, high = (np.array(ends)[:, None] for ends in zip(*problem.box, strict=True))
    narrow = np.maximum(high - low, 1e-300) * _NARROW
    queue: list[tuple[Floats, Floats, list[int]]] = [(low, high, [tree.grown()])]
    left: list[tuple[Floats, Floats]] = []
    while queue:
        low, high, places = queue.pop()
        hopeless = bool(left) or ((high - low) <= narrow).all(axis=0).any()
        if hopeless or time.monotonic() > deadline or len(tree.parts) > most:
            left.append((low, high))
            continue
        work = _Batch(problem, relation, low, high)
        for k, settled in work.settled().items():
            tree.parts[places[k]] = settled
        rest = [k for k in range(len(places)) if tree.parts[places[k]] is None]
        queue += _divided(tree, work, rest, places)
    return Found(tree, _left(problem, relation, left) if left else None)


def _divided(tree: Tree, work: _Batch, rest: Sequence[int], places: Sequence[int]) -> Iterator[Any]:
    """Both halves of the parts that are not settled, in batches."""
    if not rest:
        return
    low, high = work.low[:, rest], work.high[:, rest]
    at = work.widest(rest)
    middle = low / 2 + high / 2
    columns = np.arange(len(rest))
    lower, upper = high.copy(), low.copy()
    lower[at, columns] = middle[at, columns]
    upper[at, columns] = middle[at, columns]
    new = []
    for column, k in enumerate(rest):
        tree.parts[places[k]] = int(at[column])
        tree.halves[places[k]] = tree.grown()
        new += [tree.halves[places[k]], tree.grown()]
    both = np.stack([low, upper], 2).reshape(len(low), -1)
    ends = np.stack([lower, high], 2).reshape(len(low), -1)
    for start in range(0, len(new), _BATCH):
        part = slice(start, start + _BATCH)
        yield both[:, part], ends[:, part], new[part]


def _left(problem: Problem, relation: Relation, left: Sequence[tuple[Floats, Floats]]) -> Open:
    low, high = (np.concatenate([pair[k] for pair in left], axis=1) for k in range(2))
    middle = low / 2 + high / 2
    slack = jets(problem.steps, (middle, middle), 0)[relation.slack].value
    with np.errstate(invalid="ignore"):
        near = np.nan_to_num(slack[0] / 2 + slack[1] / 2, nan=np.inf)
    k = int(np.argmin(near))
    box = tuple((float(a), float(b)) for a, b in zip(low[:, k], high[:, k], strict=True))
    return Open(low.shape[1], tuple(map(float, middle[:, k])), float(near[k]), box)


@dataclass
class _Batch:
    """Parts that are looked at together, (d, parts)."""

    problem: Problem
    relation: Relation
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        found = jets(self.problem.steps, (self.low, self.high), 1)
        self.premises = [found[place] for place, _ in self.relation.premises]
        self.slack: Jet = found[self.relation.slack]
        self.defined = np.all([np.isfinite(x.value).all(axis=0) for x in found], axis=0)
        zero = np.zeros(self.low.shape[1])
        self.first = [self.slack.first.get(k, (zero, zero)) for k in range(len(self.low))]

    def settled(self) -> dict[int, Any]:
        """Part -> how it is settled."""
        found: dict[int, Any] = {}
        middle = self._middle()
        for letter, mask in (
            ("o", self._outside()),
            ("v", self.defined & self._enough(self.slack.value[0])),
            ("m", self.defined & self._enough(middle)),
        ):
            found |= {int(k): letter for k in np.flatnonzero(mask) if int(k) not in found}
        rest = [int(k) for k in np.flatnonzero(self.defined) if int(k) not in found]
        if rest:
            found |= self._on_faces(rest)
        return found

    def _enough(self, low: Floats) -> Any:
        return low > 0 if self.relation.strict else low >= 0

    def _outside(self) -> Any:
        mask = np.zeros(self.low.shape[1], dtype=bool)
        for premise, (_, strict) in zip(self.premises, self.relation.premises, strict=True):
            mask |= premise.value[1] <= 0 if strict else premise.value[1] < 0
        return mask

    def _middle(self) -> Floats:
        """A lower bound by the mean-value form."""
        middle = self.low / 2 + self.high / 2
        bound = self._jets(middle, middle, 0).value
        with np.errstate(all="ignore"):
            for k, slope in enumerate(self.first):
                away = add((self.low[k], self.high[k]), neg(point(middle[k])))
                bound = add(bound, mul(slope, away))
        return np.nan_to_num(bound[0], nan=-np.inf)

    def widest(self, parts: Sequence[int]) -> Any:
        """The coordinate in which the slack varies most, or the widest."""
        width = self.high[:, parts] - self.low[:, parts]
        with np.errstate(all="ignore"):
            steep = [np.maximum(-a[parts], b[parts]) for a, b in self.first]
            varies = np.where(np.isfinite(steep), steep, 1.0) * width
        scale = np.maximum(width.max(axis=0), 1e-300)
        # No coordinate is left undivided for ever.
        return np.argmax(varies + 1e-3 * varies.max(axis=0) * width / scale, axis=0)

    def _jets(self, low: Floats, high: Floats, order: int) -> Jet:
        return jets(self.problem.steps, (low, high), order)[self.relation.slack]

    # -- faces and tangents -----------------------------------------------------------------------

    def _on_faces(self, rest: Sequence[int]) -> dict[int, Any]:
        low, high = self.low[:, rest].copy(), self.high[:, rest].copy()
        rises = np.array([a[rest] >= 0 for a, _ in self.first])
        falls = np.array([b[rest] <= 0 for _, b in self.first]) & ~rises
        low, high = np.where(falls, high, low), np.where(rises, low, high)
        bound = self._jets(low, high, 0).value[0]
        found: dict[int, Any] = {}
        signs = np.where(rises, "<", np.where(falls, ">", " "))
        marks = ["".join(column) for column in signs.T]
        for column, k in enumerate(rest):
            ends = low[:, column], high[:, column]
            if marks[column].strip() and self._passes(bound[column], *ends):
                found[k] = ["f", marks[column]]
        return found | self._by_tangents(rest, found, low, high, rises | falls, marks)

    def _by_tangents(
        self,
        rest: Sequence[int],
        known: Mapping[int, Any],
        low: Floats,
        high: Floats,
        fixed: Any,
        marks: Sequence[str],
    ) -> dict[int, Any]:
        """A few parts, those where the slack is least: each one is looked at alone."""
        middle = low / 2 + high / 2
        found: dict[int, Any] = {}
        for column in np.argsort(self._jets(middle, middle, 0).value[0])[:_CONVEX_BATCH]:
            free = np.flatnonzero(~fixed[:, column]).tolist()
            if rest[column] not in known and free:
                at = self._tangent(low[:, column], high[:, column], free)
                if at is not None:
                    found[rest[column]] = ["c", marks[column], at]
        return found

    def _passes(self, bound: float, low: Floats, high: Floats) -> bool:
        if bound > 0 or (bound == 0 and not self.relation.strict):
            return True
        if self.relation.strict or not np.array_equal(low, high) or bound < -_NEARLY:
            return False
        exact = exact_value(self.problem.steps, self.relation.slack, [Fraction(x) for x in low])
        return exact is None or exact >= 0

    def _tangent(self, low: Floats, high: Floats, free: Sequence[int]) -> list[str] | None:
        """A point at which the tangent of the slack, convex on this face, is not negative."""
        if not _is_convex(self._jets(low[:, None], high[:, None], 2), free):
            return None
        at = self._lowest(low, high, free)
        bound = self._below(at, low, high, free)
        if bound > 0:
            return [str(Fraction(x)) for x in at]
        if bound < -_NEARLY or self.relation.strict:
            return None
        around = [
            (max(a, x - 1e-6), min(b, x + 1e-6)) for a, b, x in zip(low, high, at, strict=True)
        ]
        for guess in simple_points(around):
            exact = exact_value(self.problem.steps, self.relation.slack, guess)
            if exact is None or exact >= 0:
                near = np.array([float(x) for x in guess])
                if self._below(near, low, high, free) >= -_NEARLY * 1e-3:
                    return [str(x) for x in guess]
        return None

    def _below(self, at: Floats, low: Floats, high: Floats, free: Sequence[int]) -> float:
        """The least value of the tangent."""
        jet = self._jets(at[:, None], at[:, None], 1)
        bound = jet.value
        for i in free:
            if i in jet.first:
                away = add((low[i : i + 1], high[i : i + 1]), neg(point(at[i : i + 1])))
                bound = add(bound, mul(jet.first[i], away))
        return float(np.nan_to_num(bound[0][0], nan=-np.inf))

    def _lowest(self, low: Floats, high: Floats, free: Sequence[int]) -> Floats:
        """Where Newton's iteration ends, within the face."""
        at = low / 2 + high / 2
        for _ in range(8):
            jet = self._jets(at[:, None], at[:, None], 2)
            slope = np.array([_near(jet.first.get(i)) for i in free])
            bend = [[_near(jet.second.get((min(i, j), max(i, j)))) for j in free] for i in free]
            try:
                step = np.linalg.solve(np.array(bend), slope)
            except np.linalg.LinAlgError:
                break
            if not np.isfinite(step).all() or not np.abs(step).max() > _CONVERGED:
                break
            at[free] = np.clip(at[free] - step, low[free], high[free])
        return at


def _near(x: Any) -> float:
    return 0.0 if x is None else float(x[0][0] / 2 + x[1][0] / 2)


def _is_convex(jet: Jet, free: Sequence[int]) -> bool:
    """Whether no eigenvalue of the Hessian is negative, by the dominance of its diagonal."""
    for i in free:
        diagonal = jet.second.get((i, i))
        if diagonal is None:
            return False
        rest = 0.0
        for j in free:
            other = jet.second.get((min(i, j), max(i, j))) if j != i else None
            if other is not None:
                rest += max(-float(other[0][0]), float(other[1][0]))
        if not float(diagonal[0][0]) >= rest:
            return False
    return True
