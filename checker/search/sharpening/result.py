"""The best value of a constant, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from checker.claims.verdict import Witness
from checker.search.sharpening.closed_forms import Form


@dataclass(frozen=True, eq=False)
class Known:
    """A closed form of the best value, at which no violation was found.

    Attributes
    ----------
    form
        The number.
    evaluations
        Candidates of the hunt there.
    attained
        A case with equality there, proved; None where the reducer came upon none.
    """

    form: Form
    evaluations: int
    attained: Witness | None


@dataclass(frozen=True, eq=False)
class Sharpened:
    """The best value of one constant, the others as printed.

    Attributes
    ----------
    name, printed
        The constant and its value in the claim.
    weaker
        +1 if larger values make the claim weaker, -1 if smaller ones do, 0 if neither, as for a
        constant without effect and for that of an identity.
    fails_at
        The weakest value known to fail, proved by `witness`; None if none was found.
    survives_at
        The most demanding value at which the final hunt found no violation; without `fails_at` the
        most demanding that was tried.
    known
        The best value in closed form, where there is a short one between the two.
    evaluations, seconds
        Spent in all; `surviving_evaluations` of them at `survives_at`.
    cut
        Whether it was told to stop: `fails_at` is then a bound, and nothing is known to survive.
    """

    name: str
    printed: Fraction
    weaker: int
    fails_at: Fraction | None
    survives_at: Fraction
    witness: Witness | None
    evaluations: int
    surviving_evaluations: int
    seconds: float
    cut: bool = False
    known: Known | None = None

    @property
    def best(self) -> Fraction | None:
        """The infimum for which the claim survives, from the failing side; None: nothing failed."""
        return self.fails_at

    @property
    def refuted(self) -> bool:
        """Whether the printed value, or a weaker one, is known to fail."""
        return self.fails_at is not None and self.weaker * (self.fails_at - self.printed) >= 0
