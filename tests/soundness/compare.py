"""The product's decisions against the reference's signs, case by case, and what was met."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.decide import CaseResult, Decision, decide_batch, lift_batch
from checker.claims.claim import Claim
from checker.instances.fields import Batch, unchecked
from checker.landscape.residual_unit.one_output import Point
from properties.shamir2018 import theorems as shamir2018
from soundness.instances import Source
from soundness.reference import Reference

# A dense Hessian of order d (1 + m) is decided up to here, unless a caller has less time.
MAX_ORDER = 12

ARRAYS = ("X", "y", "Z", "w", "V", "w_star", "weights")


@dataclass(frozen=True, eq=False)
class Question:
    """A formula for the product and the same statement for the reference.

    `reverse` asks for rhs >= lhs: violated wherever the theorem holds with room to spare, so that
    every stratum and loss meets violations, and upper bounds as well as lower ones decide.
    """

    name: str
    claim: Claim
    reference: str
    constants: Mapping[str, Any] = field(default_factory=dict)
    reverse: bool = False

    @property
    def true(self) -> bool:
        """Whether the literature says that it always holds."""
        return not self.constants and not self.reverse

    @property
    def formula(self) -> Callable[[Any], Any]:
        changed = self.claim.with_constants(**self.constants)
        return (lambda at: _reversed(changed(at))) if self.reverse else changed

    def sign(self, reference: Reference, *, far: bool = False) -> int | None:
        """The true sign of lhs - rhs; `far` looks for it at a much higher precision."""
        sought = reference.far_sign if far else reference.sign
        sign = sought(self.reference, **self.constants)
        return -sign if self.reverse and sign is not None else sign

    def says_something(self, reference: Reference) -> int | None:
        """The sign of the claim's weight."""
        first_part = self.reference == "theorem2_eigenvalue"
        return reference.coupling_sign() if first_part else reference.gap_sign()


def _reversed(inequality: Any) -> Any:
    return inequality.rhs >= inequality.lhs


def _questions(*claims: tuple[str, Claim]) -> list[Question]:
    true = [Question(name, claim, name) for name, claim in claims]
    return [*true, *(Question(f"{q.name}, reversed", q.claim, q.name, reverse=True) for q in true)]


QUESTIONS = {
    False: (
        *_questions(
            ("lemma1", shamir2018.gradient_direction),
            ("theorem1", shamir2018.gradient_bound),
            ("theorem1_sharp", shamir2018.sharp_gradient_bound),
        ),
        *(
            Question(f"theorem1, a = {label}", shamir2018.gradient_bound, "theorem1", {"a": a})
            for label, a in (("1.9", Fraction(19, 10)), ("2 - 1e-6", 2 - Fraction(1, 10**6)))
        ),
    ),
    True: (
        *_questions(
            ("theorem2_eigenvalue", shamir2018.least_eigenvalue),
            ("theorem2", shamir2018.curvature_bound),
            ("theorem2_sharp", shamir2018.sharp_curvature_bound),
        ),
        *(
            Question(f"theorem2, {c} = 0.9", shamir2018.curvature_bound, "theorem2", {c: nine})
            for c, nine in (("c1", Fraction(9, 10)), ("c2", Fraction(9, 10)))
        ),
    ),
}

ALLOWED = {
    Decision.HOLDS: (0, 1),
    Decision.EQUAL: (0,),
    Decision.VIOLATED: (-1,),
    Decision.TIGHT: (-1, 0, 1, None),
    Decision.OUT_OF_RANGE: (-1, 0, 1, None),
}


@dataclass
class Tally:
    """What was decided: counts per stratum and kind, and every disagreement in words.

    `counts` has keys (stratum, what); a case is one question about one point.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    questions: Counter[tuple[str, str]] = field(default_factory=Counter)
    least: dict[str, float] = field(default_factory=dict)
    greatest: dict[str, float] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Merge another tally into this one."""
        self.counts.update(other.counts)
        self.pairs.update(other.pairs)
        self.questions.update(other.questions)
        for name, value in other.least.items():
            self.least[name] = min(value, self.least.get(name, np.inf))
        for name, value in other.greatest.items():
            self.greatest[name] = max(value, self.greatest.get(name, 0.0))
        self.disagreements += other.disagreements
        self.unconfirmed += other.unconfirmed

    def total(self, what: str) -> int:
        """A count over all strata."""
        return sum(n for (_, kind), n in self.counts.items() if kind == what)

    def record_sizes(self, source: str, batch: Batch) -> None:
        """The least and greatest magnitude of a number other than 0."""
        arrays = (getattr(batch.instances, name) for name in ARRAYS)
        sizes = [np.abs(a[a != 0]) for a in arrays if a is not None]
        everything = np.concatenate(sizes)
        self.least[source] = min(float(everything.min()), self.least.get(source, np.inf))
        self.greatest[source] = max(float(everything.max()), self.greatest.get(source, 0.0))


def compare(
    source: Source, rng: np.random.Generator, size: int, max_order: int = MAX_ORDER
) -> Tally:
    """Draw `size` points and check every decision on them."""
    batch = source.draw(rng, size)
    tally = Tally()
    tally.pairs[source.label, source.loss.name] += batch.size
    tally.counts[source.label, "points"] += batch.size
    tally.record_sizes(source.label, batch)
    references = [Reference(case(batch, i)) for i in range(batch.size)]
    with np.errstate(all="ignore"):
        lifted = lift_batch(batch)
    for question in QUESTIONS[source.at_w_zero]:
        if question.reference != "theorem2_eigenvalue" or _order(batch) <= max_order:
            _ask(question, batch, lifted, references, source, tally)
    return tally


def _order(batch: Batch) -> int:
    d, m = batch.instances.V.shape[:2]
    return int(d * (1 + m))


def case(batch: Batch, index: int) -> Point:
    """Case `index` of a batch, cut out here: how the product does it is under test as well."""
    given = {name: getattr(batch.instances, name) for name in ARRAYS}
    cut = {
        name: None if a is None else a[..., index if a.shape[-1] > 1 else 0].copy()
        for name, a in given.items()
    }
    return unchecked(Point, **cut, loss=batch.instances.loss)


def _ask(
    question: Question,
    batch: Batch,
    lifted: Any,
    references: list[Reference],
    source: Source,
    tally: Tally,
) -> None:
    decided = decide_batch(question.formula, batch, question.claim.weight, lifted)
    for index, reference in enumerate(references):
        result, sign = decided.result(index), question.sign(reference)
        if sign is None and result.guarantee == "exact" and result.decision is not Decision.EQUAL:
            sign = question.sign(reference, far=True)
        trouble = _trouble(question, result, sign, reference)
        _count(tally, source.label, question.name, result, sign)
        if trouble is not None:
            where = tally.unconfirmed if trouble == "unconfirmed" else tally.disagreements
            where.append(_in_words(trouble, question, source, result, sign, case(batch, index)))


def _trouble(
    question: Question, result: CaseResult, sign: int | None, reference: Reference
) -> str | None:
    if question.true and sign == -1:
        return "the reference refutes the theorem"
    if result.guarantee == "float-bound" and result.decision is not Decision.HOLDS:
        return "floats prove only that a case holds"
    if not question.reverse and result.nontrivial and question.says_something(reference) != 1:
        return "called non-trivial, which the reference does not confirm"
    if sign in ALLOWED[result.decision]:
        return None
    if sign is None and result.guarantee == "exact":
        # Proved in closed form, where exponentials of any numbers are letters. The reference has
        # balls alone, and knows only how near 0 it is.
        return None
    if sign is None and result.decision is not Decision.VIOLATED:
        return "unconfirmed"
    return "opposite decisions"


def _count(tally: Tally, source: str, name: str, result: CaseResult, sign: int | None) -> None:
    rung = result.guarantee.partition("(")[0]
    undecided = result.decision in (Decision.TIGHT, Decision.OUT_OF_RANGE)
    kinds = ["cases", result.decision.name, "undecided" if undecided else rung]
    kinds += ["no sign"] * (sign is None)
    tally.counts.update((source, kind) for kind in kinds)
    tally.questions[name, result.decision.name] += 1


def _in_words(
    trouble: str, question: Question, source: Source, result: CaseResult, sign: Any, point: Point
) -> str:
    """Everything needed to repeat the case by hand."""
    values = {f.name: getattr(point, f.name) for f in dataclasses.fields(point)}
    numbers = ", ".join(
        f"{k}={v.tolist() if isinstance(v, np.ndarray) else v!r}" for k, v in values.items()
    )
    return (
        f"{trouble}: {question.name} in {source.label!r}, {source.loss.name}: product "
        f"{result.decision.name} by {result.guarantee}, true sign {sign}; {numbers}"
    )
