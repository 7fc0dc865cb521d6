"""Tactics of Coq by which the numbers of one case decide what is asserted of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, fmpq

from checker.arithmetic.ball import working_precision
from checker.arithmetic.inequality import Inequality
from checker.arithmetic.recorded import Node
from checker.explain.gallina import DEFINED, Terms, number, ordered
from checker.explain.rational import Rational

MAX_LEMMA = """\
Lemma max_by_abs : forall x y : R, Rmax x y = (x + y + Rabs (x - y)) / 2.
Proof.
  intros x y. unfold Rmax, Rabs.
  destruct (Rle_dec x y); destruct (Rcase_abs (x - y)); lra.
Qed."""

# Precisions that are tried, in bits; the tactic gets some more than its like needed here.
_PRECISIONS = (40, 80, 160, 320, 640, 1280, 2560, 5120, 10240)
_SPARE = 20

_FRACTIONS = {"leaf", "const", "add", "mul", "neg", "div"}
_ROOTS = "both sides are equal, and hold roots or functions"


class NoProof(Exception):
    """Why there is none, in a clause."""


def sides_of(relation: Inequality) -> tuple[Node, Node]:
    """Both sides of what is asserted; x and y of an equation x = y."""
    left, right = relation.lhs.terms.item, relation.rhs.terms.item
    return (left, right.operands[0]) if is_equation(relation) else (left, right)


def is_equation(relation: Inequality) -> bool:
    """Whether x = y is meant, which `equality` writes as x >= y + 2 |x - y|."""
    return relation.identity and bool(relation.rhs.terms.item.op == "add")


@dataclass(frozen=True, eq=False)
class Case:
    """What is asserted of one case, and how its numbers decide it.

    Attributes
    ----------
    relations
        Premises, which the case meets, and last the conclusion.
    leaves
        The numbers of the case, by name.
    members
        Tactics which prove that these lie in the sets that are premises, too.
    """

    relations: Sequence[Inequality]
    leaves: Mapping[Node, str]
    members: Sequence[str] = ()

    @cached_property
    def operations(self) -> set[str]:
        """Names of all operations."""
        return {n.op for n in ordered([x for r in self.relations for x in sides_of(r)])}

    @property
    def by_fractions(self) -> bool:
        """Whether fractions alone decide: then nothing is needed beyond Coq's own library."""
        return self.operations <= _FRACTIONS

    def proved(self) -> str:
        """The theorem that not all numbers are as asserted, with its proof.

        Raises
        ------
        NoProof
            Where no tactic is known.
        """
        *premises, conclusion = self.relations
        variables = " ".join(self.leaves.values())
        values = " ".join(number(leaf.value) for leaf in self.leaves)
        used = [DEFINED[x] for x in DEFINED if x in self.operations]
        unfolded = ", ".join(["asserted", *used])
        lemma, tactic = self._violated(conclusion)
        met = [*self.members, *map(self._holds, premises)]
        tactics = "\n  | ".join([tactic, *met])
        return (
            f"Theorem refuted : ~ (forall {variables} : R, asserted {variables}).\nProof.\n"
            f"  intro H. specialize (H {values}).\n  unfold {unfolded} in H. cbv zeta in H.\n"
            f"  refine ({lemma} _ _ _ (H{' _' * len(met)}));\n  [ {tactics} ].\nQed."
        )

    def _violated(self, relation: Inequality) -> tuple[str, str]:
        """A lemma that turns what is true of the sides against the assertion, and its tactic."""
        less = self._is_less(relation)
        if less is None and relation.strict:
            return "Rle_not_gt", f"(apply Req_le; {self._equal(relation)})"
        if less is not None and is_equation(relation):
            return "Rlt_not_eq" if less[0] else "Rgt_not_eq", less[1]
        if less is None or not less[0]:
            raise NoProof("the case does not violate the claim")
        return ("Rle_not_gt", f"(left; {less[1]})") if relation.strict else ("Rlt_not_ge", less[1])

    def _holds(self, relation: Inequality) -> str:
        less = self._is_less(relation)
        if less is None and not relation.strict:
            equal = self._equal(relation)
            return equal if is_equation(relation) else f"(apply Req_ge; {equal})"
        if less is None or less[0] or is_equation(relation):
            raise NoProof("a premise is not met by the numbers of the case")
        return less[1] if relation.strict else f"(left; {less[1]})"

    def _is_less(self, relation: Inequality) -> tuple[bool, str] | None:
        """Whether the left side is less, and a tactic for it; None where they are equal."""
        left, right = sides_of(relation)
        exact = Rational({})
        values = exact.value(left), exact.value(right)
        if values[0] is not None and values[0] == values[1]:
            return None
        for bits in _PRECISIONS:
            less = _less(left, right, bits)
            if less is not None:
                enclose = f"interval with (i_prec {bits + _SPARE})"
                known = "rewrite ?max_by_abs; " if "max" in self.operations else ""
                return less, "lra" if self.by_fractions else f"({known}{enclose})"
        slack = relation.slack.exact.item
        if getattr(slack, "known", False) and slack.ratio == 0:
            raise NoProof(_ROOTS)
        raise NoProof(f"enclosures of {_PRECISIONS[-1]:,} bits do not tell the sides apart")

    def _equal(self, relation: Inequality) -> str:
        """A tactic that computes both sides of rational numbers, roots of squares included."""
        exact = Rational({})
        terms = Terms({leaf: number(leaf.value) for leaf in self.leaves}, DEFINED)
        steps = []
        for node in ordered(sides_of(relation)):
            if node.op in _FRACTIONS:
                terms.text(node)
                continue
            value = exact.value(node)
            if value is None or node.op not in _COMPUTED:
                raise NoProof(_ROOTS)
            steps.append(_computed(node, value, terms))
            terms.know(node, number(value))
        return f"({'; '.join([*steps, 'lra'])})"


# -- roots of squares, absolute values, maxima ----------------------------------------------------

_COMPUTED = {
    "sqrt": "replace {inside} with ({value} * {value}) by lra; apply sqrt_square; lra",
    "abs": "unfold Rabs; destruct Rcase_abs; lra",
    "max": "unfold Rmax; destruct Rle_dec; lra",
}


def _computed(node: Node, value: Fraction, terms: Terms) -> str:
    """Replace one of known numbers by its value."""
    inside, shown = terms.text(node.operands[0]), number(value)
    proof = _COMPUTED[node.op].format(inside=inside, value=shown)
    return f"replace {terms.text(node)} with {shown} by (symmetry; {proof})"


# -- enclosures -----------------------------------------------------------------------------------


def _less(left: Node, right: Node, bits: int) -> bool | None:
    """Whether one side is less, as Coq's tactic will find; None where this does not tell."""
    with working_precision(bits):
        known: dict[Node, Any] = {}
        for node in ordered([left, right]):
            known[node] = _enclosed(node, [known[x] for x in node.operands])
        if known[left] < known[right]:
            return True
        return False if known[left] > known[right] else None


def _enclosed(node: Node, operands: Sequence[Any]) -> Any:
    if node.atomic:
        return arb(fmpq(node.value.numerator, node.value.denominator))
    if node.op in ("lambda_min", "lambda_max"):
        raise NoProof("an eigenvalue of a matrix of order 3 or more has no closed form")
    if node.op not in _ENCLOSURES:
        raise NoProof(f"Coq has no term for {node.op}")
    return _ENCLOSURES[node.op](*operands)


def _root(x: Any) -> Any:
    """Of 0 as well, where an enclosure reaches below it."""
    return arb(0).union(x.upper().sqrt()) if x.contains(0) else x.sqrt()


# As in the definitions that the file gives, which may need more bits than better formulas.
_ENCLOSURES: Mapping[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "abs": abs,
    "max": lambda x, y: x.max(y),
    "sqrt": _root,
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: (1 + x.exp()).log(),
    "tanh": lambda x: 1 - 2 / ((2 * x).exp() + 1),
    "log_cosh": lambda x: ((x.exp() + (-x).exp()) / 2).log(),
}
