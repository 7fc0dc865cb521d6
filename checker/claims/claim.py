"""Claims: theorems as data, with the inequality that they assert.

    @claim(
        source=SHAMIR_2018.theorem(1),
        wording="printed",
        statement=r"\\|\\nabla F_\\theta(w,V)\\| \\ge ...",
        given=points(),
        assuming=[nonzero_w, convex_loss],
        constants={"a": 2},
        kind="tight",
    )
    def gradient_bound(at, a):
        return norm(at.grad) >= (at.F - at.F_lin) / sqrt(a * sq(at.w) + ...)

The function is evaluated in every arithmetic; it may use `+ - * /`, `@`, integer powers and what
`checker.arithmetic.functions` offers, and returns `lhs >= rhs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from hypothesis.strategies import SearchStrategy

from checker.arithmetic.decide import positive_rhs
from checker.arithmetic.inequality import Inequality
from checker.binomial import Trials
from checker.errors import InputError

KINDS = {
    "tight": "equality is attained, so no constant can be improved",
    "bound": "true, not claimed to be tight",
    "must-be-refuted": "a false neighbour: the search has to find a counterexample",
    "neighbour": "a neighbour of a claim whose truth is left to the audit",
}

WORDINGS = {
    "printed": "wording and formula stand in the source's text",
    "reconstructed": "recalled, or rebuilt from summaries: the source's text was not at hand",
    "ours": "derived in this project, or by the author of the claim",
}


@dataclass(frozen=True)
class Paper:
    """A publication that claims are taken from."""

    key: str
    authors: str
    title: str
    venue: str

    def theorem(self, number: int) -> Source:
        """Theorem `number` of this paper."""
        return Source(self, f"Theorem {number}", f"theorem{number}")

    def lemma(self, number: int) -> Source:
        """Lemma `number` of this paper."""
        return Source(self, f"Lemma {number}", f"lemma{number}")

    def corollary(self, number: int) -> Source:
        """Corollary `number` of this paper."""
        return Source(self, f"Corollary {number}", f"corollary{number}")


@dataclass(frozen=True)
class Source:
    """Where a claim stands: a paper, the printed label, and the last part of the claim's id."""

    paper: Paper
    label: str
    key: str

    def part(self, suffix: str, note: str) -> Source:
        """A part or a sharper form of this statement, as `theorem2` -> `theorem2_eigenvalue`."""
        return Source(self.paper, f"{self.label}, {note}", f"{self.key}_{suffix}")


@dataclass(frozen=True, eq=False)
class Assumption:
    """A premise of a claim, tested on float64 instances and batches alike.

    `holds` gets an instance whose arrays may have one more axis, the batch, and returns a bool or
    one bool per case. A `definitional` premise only says which objects the statement speaks of, as
    w = 0 for F_θ(0, V); dropping it would change what the formula means, so no audit does.

    A premise that ties numbers together, such as a local minimum, has a `repair`: from a changed
    instance and the one before to one that may meet it again, or None. The reducer needs it. Its
    `proof` says in a sentence how an instance meets it, for the report.
    """

    name: str
    statement: str
    holds: Callable[[Any], Any]
    definitional: bool = False
    repair: Callable[[Any, Any], Any] | None = None
    proof: Callable[[Any], str] | None = None


@dataclass(frozen=True, eq=False)
class Domain:
    """The objects a claim speaks of.

    Attributes
    ----------
    instances
        Hypothesis strategy for single instances that shrink to something readable.
    strata
        Name of each stratum -> strategy for structures; `structure.batch(rng, size)` gives a
        `Batch` of cases. Without strata, single instances are drawn.
    on_data
        Makes the domain over a given `Sample` (for `--data` and the shipped data sets), or None.
    cases
        How many cases a campaign plans for by default; None leaves it to the campaign.
    without
        Name of an assumption -> the domain to search when that assumption is dropped. Without an
        entry the domain itself is searched, which may yield cases outside the assumption.
    told
        Strata built from knowledge of where equality is attained. The guided search, the audit
        and `sharpen` leave them out: they are to find equality by themselves.
    found
        Whether each case is the end of a search of its own. The guided search would move it to
        where nothing was found, so such claims are attacked by further searches alone.
    """

    instances: SearchStrategy[Any]
    strata: Mapping[str, SearchStrategy[Any]] = field(default_factory=dict)
    on_data: Callable[[Any], Domain] | None = None
    cases: int | None = None
    without: Mapping[str, Callable[[], Domain]] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    found: bool = False

    def dropping(self, assumption: str) -> Domain:
        """What is searched when this assumption is dropped: the same object every time."""
        if assumption not in self._widened:
            wider = self.without.get(assumption)
            self._widened[assumption] = wider() if wider else self
        return self._widened[assumption]

    @cached_property
    def _widened(self) -> dict[str, Domain]:
        return {}


# (instance, random direction's generator) -> [(quantity, one computation, another)], as balls.
Oracle = Callable[[Any, Any], Sequence[tuple[str, Any, Any]]]


@dataclass(frozen=True, eq=False)
class Claim:
    """A claim: who said it, in which words, under which assumptions, and its inequality.

    Attributes
    ----------
    id
        `paper.statement`, as in `shamir2018.theorem1`.
    title
        A few words.
    source
        Where the claim stands, or what it is derived from; None for a claim of one's own.
    wording
        One of `WORDINGS`: whose words and formula these are. A claim with a source has to say so.
    statement
        The assertion in LaTeX.
    formula
        (instance in some arithmetic, constants...) -> `Inequality`.
    domain
        What instances are drawn from.
    assuming
        Premises; a case outside them never counts.
    constants
        Named constants of the formula, as printed.
    kind
        One of `KINDS`.
    equality_strata
        Strata in which equality is attained, so that TIGHT cases are expected there.
    nearly_equal
        (instance) -> whether the case is known to lie beyond any precision from equality.
    weight
        (instance, inequality) -> a number that is positive where the bound says something.
    census
        (instance) -> the kind of a found point, counted in the evidence.
    oracles
        Pairs of independent computations that must agree, see `Oracle`.
    of
        For a false neighbour: the id of the claim it distorts.
    why
        For a false neighbour: why it is false.
    trials
        For a claim about probabilities: (instance) -> its independent runs. The right-hand side
        then lies between the number f of runs that failed and f + 1/4, and all experiments that
        structures drew are tested together, too (`checker/pooled.py`).
    """

    id: str
    title: str
    source: Source | None
    statement: str
    formula: Callable[..., Inequality]
    domain: Domain
    assuming: tuple[Assumption, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "bound"
    equality_strata: frozenset[str] = frozenset()
    nearly_equal: Callable[[Any], bool] = lambda _: False
    weight: Callable[[Any, Inequality], Any] = positive_rhs
    census: Callable[[Any], str] | None = None
    oracles: tuple[Oracle, ...] = ()
    of: str | None = None
    why: str = ""
    wording: str = ""
    trials: Callable[[Any], Trials] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(
                f"claim {self.id}: unknown kind {self.kind!r}", hint=f"kinds: {', '.join(KINDS)}"
            )
        if not self.wording and self.source is None:
            object.__setattr__(self, "wording", "ours")
        self._require_wording()
        if self.trials is not None and not self.domain.strata:
            raise InputError(
                f"claim {self.id} has trials, but its domain has no strata",
                why="examples of a Hypothesis strategy are not independent experiments",
                hint="Give the domain a stratum of structures whose `batch(rng, size)` draws them",
            )

    def _require_wording(self) -> None:
        if self.wording not in WORDINGS:
            raise InputError(
                f"claim {self.id}: unknown wording {self.wording!r}"
                if self.wording
                else f"claim {self.id} has a source and does not say whose words it is in",
                hint=f"wordings: {', '.join(WORDINGS)}",
            )
        if self.wording != "ours" and self.source is None:
            raise InputError(
                f"claim {self.id}: {self.wording}, but where?",
                hint="Name the source, or leave the wording out",
            )

    def __call__(self, at: Any) -> Inequality:
        """The inequality at an instance given in some arithmetic."""
        inequality = self.formula(at, **self.constants)
        if not isinstance(inequality, Inequality):
            raise InputError(
                f"claim {self.id} returned {type(inequality).__name__} instead of an inequality",
                why="the checker decides lhs >= rhs with bounds on both sides",
                hint="return `lhs >= rhs` built from the instance's fields and the functions of "
                "checker.arithmetic.functions, not a bool",
            )
        return inequality

    @property
    def must_be_refuted(self) -> bool:
        """Whether this is a false neighbour, kept to prove that the search has teeth."""
        return self.kind == "must-be-refuted"

    def expects_tie(self, instance: Any, stratum: str) -> bool:
        """Whether a TIGHT case is no surprise here."""
        return stratum in self.equality_strata or self.nearly_equal(instance)

    def with_constants(self, **constants: Any) -> Claim:
        """The same claim with other constants."""
        return replace(self, constants={**self.constants, **constants})


def claim(
    *,
    given: Domain | SearchStrategy[Any],
    statement: str = "",
    title: str = "",
    id: str | None = None,
    source: Source | None = None,
    assuming: Sequence[Assumption] = (),
    constants: Mapping[str, Any] | None = None,
    kind: str = "bound",
    **further: Any,
) -> Callable[[Callable[..., Inequality]], Claim]:
    """Turn a function that returns `lhs >= rhs` into a `Claim`.

    Parameters are the attributes of `Claim`; `given` may be a bare Hypothesis strategy over any
    dataclass of arrays. Without `source` the id is `module.function`.
    """

    def decorate(formula: Callable[..., Inequality]) -> Claim:
        # A callable object has the name of its class.
        name = getattr(formula, "__name__", type(formula).__name__)
        own = f"{source.paper.key}.{source.key}" if source else f"{_module(formula)}.{name}"
        return Claim(
            id=id or own,
            title=title or name.replace("_", " "),
            source=source,
            statement=statement,
            formula=formula,
            domain=given if isinstance(given, Domain) else Domain(given),
            assuming=tuple(assuming),
            constants=dict(constants or {}),
            kind=kind,
            **further,
        )

    return decorate


def _module(formula: Callable[..., Any]) -> str:
    return formula.__module__.rpartition(".")[2]
