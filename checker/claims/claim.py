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
`checker.arithmetic.functions` offers, and returns what it asserts: `lhs >= rhs`, or several such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, overload

from hypothesis.strategies import SearchStrategy, nothing

from checker.arithmetic.ball import Ball
from checker.arithmetic.binomial import Trials
from checker.arithmetic.decide import positive_rhs
from checker.arithmetic.functions import filled
from checker.arithmetic.inequality import Inequality, all_of, conclusions
from checker.arithmetic.lifting import lifted
from checker.arithmetic.premise import Proved, proved
from checker.claims.checks import check_attributes
from checker.claims.form import Form
from checker.claims.written import by_name, written
from checker.errors import InputError
from checker.instances.corners import large_strata_of, strata_of
from checker.instances.draws import numbers_in
from checker.instances.notebook import shown_by

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
    """A publication that claims are taken from.

    Attributes
    ----------
    notation
        Letter of its statements, in LaTeX -> what it stands for, in words: for those who read a
        report without the paper.

    Examples
    --------
    >>> from checker import Paper
    >>> Paper("author2024", "A. Author", "On a Norm", "2024").theorem(3).label
    'Theorem 3'
    """

    key: str
    authors: str
    title: str
    venue: str
    notation: Mapping[str, str] = field(default_factory=dict, hash=False)

    def theorem(self, number: int) -> Source:
        """Theorem `number` of this paper."""
        return Source(self, f"Theorem {number}", f"theorem{number}")

    def lemma(self, number: int) -> Source:
        """Lemma `number` of this paper."""
        return Source(self, f"Lemma {number}", f"lemma{number}")

    def corollary(self, number: int) -> Source:
        """Corollary `number` of this paper."""
        return Source(self, f"Corollary {number}", f"corollary{number}")

    def part(self, key: str, label: str) -> Source:
        """Any other place: `key` ends the claim's id, `label` is what the paper prints."""
        return Source(self, label, key)


@dataclass(frozen=True)
class Source:
    """Where a claim stands: a paper, the printed label, and the last part of the claim's id.

    Examples
    --------
    >>> from checker import Paper, Source
    >>> Source(Paper("author2024", "A. Author", "On a Norm", "2024"), "Lemma 2", "lemma2").label
    'Lemma 2'
    """

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

    Before a violation counts, `holds` is asked again in numbers that do not round; one that cannot
    be, since it takes roots or rounds by itself, leaves the violation unproved. Unless it is
    `decided`: its yes is a proof, as with a margin for all roundings, with enclosures, or of bytes.

    Examples
    --------
    >>> from checker import Assumption, claim, sq, vectors
    >>> nonzero = Assumption("nonzero_u", r"u \\ne 0", lambda at: (at.u != 0).any(axis=0))
    >>> @claim(assuming=[nonzero])
    ... def at_least(u: vectors("k")):
    ...     return sq(u) > 0
    >>> [a.name for a in at_least.assuming]
    ['nonzero_u']
    """

    name: str
    statement: str
    holds: Callable[[Any], Any]
    definitional: bool = False
    repair: Callable[[Any, Any], Any] | None = None
    proof: Callable[[Any], str] | None = None
    decided: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.holds, Proved):
            object.__setattr__(self, "decided", True)


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
    shipped
        Name -> maker of the samples over which every run searches, too, where there is `on_data`.
    derived
        Whether the strata are corners of a class, some of which the premises may rule out, and
        not a list of what has to be visited.
    corners
        Further strata, derived from the class of the instances: visited once the others have been,
        so that these see the same cases with and without.
    left_out
        Corners of the class that are not visited -> why.
    tried
        Numbers that Hypothesis tries now and then where it draws single instances.
    forms
        Its instances written in free numbers: each is of one of these forms, so that what is proved
        of all is proved of the domain. Without any, nothing is proved but by Coq.
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

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from hypothesis import strategies as st
    >>> from checker import Domain
    >>> @dataclass(frozen=True)
    ... class Number:
    ...     x: np.ndarray
    >>> Domain(st.builds(Number, st.floats(0, 1).map(np.array))).found
    False
    """

    instances: SearchStrategy[Any]
    strata: Mapping[str, SearchStrategy[Any]] = field(default_factory=dict)
    on_data: Callable[[Any], Domain] | None = None
    cases: int | None = None
    without: Mapping[str, Callable[[], Domain]] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    found: bool = False
    shipped: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    derived: bool = False
    corners: Mapping[str, SearchStrategy[Any]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    tried: tuple[float, ...] = ()
    forms: tuple[Form, ...] = ()

    @classmethod
    def of(cls, instances: type, **others: SearchStrategy[Any]) -> Domain:
        """The domain of all instances of a class, derived from its annotations.

        Parameters
        ----------
        instances
            A dataclass whose arrays are annotated with `Dims`.
        others
            Strategies for its other fields, by name.

        Examples
        --------
        >>> from typing import Annotated
        >>> from checker.instances.fields import Dims, FloatArray
        >>> @dataclass(frozen=True, eq=False)
        ... class Pair:
        ...     p: Annotated[FloatArray, Dims("k", domain="simplex")]
        ...     q: Annotated[FloatArray, Dims("k", domain="simplex")]
        >>> sorted(Domain.of(Pair).strata)[:3]
        ['gaussian', 'k = 1', 'mixed scales']
        """
        return cls(nothing(), strata_of(instances, others), derived=True)

    def dropping(self, assumption: str) -> Domain:
        """What is searched when this assumption is dropped: the same object every time."""
        if assumption not in self._widened:
            wider = self.without.get(assumption)
            self._widened[assumption] = wider() if wider else self
        return self._widened[assumption]

    @cached_property
    def at_corners(self) -> Domain | None:
        """The domain of the further strata; None without any."""
        if not self.corners:
            return None
        return Domain(nothing(), self.corners, derived=True, found=self.found)

    @property
    def moves(self) -> bool:
        """Whether a search may move the numbers of its instances.

        Only a bare strategy knows what it draws, whatever the annotations allow.
        """
        return bool(self.strata)

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
    conclusion
        Which of several conclusions is meant; None for all of them.
    of
        For a false neighbour: the id of the claim it distorts.
    why
        For a false neighbour: why it is false.
    trials
        For a claim about probabilities: (instance) -> its independent runs. The right-hand side
        then lies between the number f of runs that failed and f + 1/4, and all experiments that
        structures drew are tested together, too (`checker/claims/pooled.py`).

    Examples
    --------
    >>> from checker import claim, norm, vectors
    >>> @claim(id="paper.triangle", title="triangle inequality")
    ... def triangle(u: vectors("k"), v: vectors("k")):
    ...     return norm(u) + norm(v) >= norm(u + v)
    >>> type(triangle).__name__, triangle.id
    ('Claim', 'paper.triangle')
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
    conclusion: int | None = None
    trials: Callable[[Any], Trials] | None = None

    def __post_init__(self) -> None:
        if self.wording == "" and self.source is None:
            object.__setattr__(self, "wording", "ours")
        check_attributes(self)
        if self.trials is not None and not self.domain.strata:
            raise InputError(
                f"claim {self.id} has trials, but its domain has no strata",
                why="examples of a Hypothesis strategy are not independent experiments",
                hint="Give the domain a stratum of structures whose `batch(rng, size)` draws them",
            )

    def __repr__(self) -> str:
        return f"<claim {self.id}>"

    def _repr_html_(self) -> str:
        return shown_by("checker.report.html.notebook", "claim_html", self)

    def __call__(self, at: Any) -> Inequality:
        """What is asserted of an instance given in some arithmetic, as one inequality."""
        parts = self.conclusions(at)
        if self.conclusion is None:
            return all_of(parts)
        return parts[self.conclusion]

    def conclusions(self, at: Any) -> list[Inequality]:
        """What is asserted of an instance, one by one.

        Raises
        ------
        FormulaError
            When the formula returns anything but inequalities.
        """
        return conclusions(self.formula(at, **self.constants))

    def single(self, conclusion: int) -> Claim:
        """The claim that asserts one of the conclusions alone."""
        return replace(self, id=f"{self.id} [{conclusion + 1}]", conclusion=conclusion)

    def parts_at(self, instance: Any) -> list[Claim]:
        """The claims of its single conclusions, as an instance shows them; itself if it has one."""
        if self.source is not None or self.conclusion is not None or self._asserts_one:
            return [self]
        returned = self.formula(lifted(instance, Ball.constant), **self.constants)
        if isinstance(returned, Inequality):
            self._asserts_one.append(True)
            return [self]
        count = len(conclusions(returned))
        return [self] if count == 1 else [self.single(k) for k in range(count)]

    @cached_property
    def _asserts_one(self) -> list[bool]:
        """Not empty once the formula has returned a single assertion: it is asked no more."""
        return []

    @property
    def must_be_refuted(self) -> bool:
        """Whether this is a false neighbour, kept to prove that the search has teeth."""
        return self.kind == "must-be-refuted"

    def expects_tie(self, instance: Any, stratum: str) -> bool:
        """Whether a TIGHT case is no surprise here."""
        if self.kind == "tight" and self.source is None:
            return True
        return stratum in self.equality_strata or self.nearly_equal(instance)

    def with_constants(self, /, **constants: Any) -> Claim:
        """The same claim with other constants."""
        return replace(self, constants={**self.constants, **constants})


def everywhere(_at: Any, inequality: Inequality) -> Any:
    """For claims of one's own: every case says something."""
    return filled(inequality.rhs, 1.0)


@overload
def claim(function: Callable[..., Any], /) -> Claim: ...


@overload
def claim(
    *,
    given: Domain | SearchStrategy[Any] | type | None = None,
    statement: str = "",
    title: str = "",
    id: str | None = None,
    source: Source | None = None,
    assuming: Sequence[Assumption | Callable[..., Any]] = (),
    constants: Mapping[str, Any] | None = None,
    kind: str = "bound",
    **further: Any,
) -> Callable[[Callable[..., Any]], Claim]: ...


def claim(
    function: Callable[..., Any] | None = None,
    *,
    given: Domain | SearchStrategy[Any] | type | None = None,
    statement: str = "",
    title: str = "",
    id: str | None = None,
    source: Source | None = None,
    assuming: Sequence[Assumption | Callable[..., Any]] = (),
    constants: Mapping[str, Any] | None = None,
    kind: str = "bound",
    **further: Any,
) -> Any:
    """Turn a function that returns what is asserted into a `Claim`.

    Either of a function of named arguments, whose annotations are their sets and whose other
    defaults are its constants:

        @claim
        def cauchy_schwarz(u: vectors("k"), v: vectors("k"), c=1):
            return c * norm(u) * norm(v) >= dot(u, v)

    or, with `given`, of one instance `at`. `given` is a `Domain`, a dataclass whose arrays are
    annotated, or a bare Hypothesis strategy over any dataclass of arrays. Other parameters are the
    attributes of `Claim`; premises may be written as functions like the claim itself. Without
    `source` the id is `module.function`, and every case counts as one in which the claim says
    something, unless `weight` says otherwise; of a published bound cases count where its right-hand
    side is positive.

    Examples
    --------
    >>> from checker import claim, dot, norm, vectors, verify
    >>> @claim
    ... def cauchy_schwarz(u: vectors("k"), v: vectors("k"), c=1):
    ...     return c * norm(u) * norm(v) >= dot(u, v)
    >>> cauchy_schwarz.constants
    {'c': 1}
    """

    def decorate(formula: Callable[..., Any]) -> Claim:
        # A callable object has the name of its class.
        name = getattr(formula, "__name__", type(formula).__name__)
        own = f"{source.paper.key}.{source.key}" if source else f"{_module(formula)}.{name}"
        named = written(formula) if given is None and callable(formula) else None
        spoken: Any = given if named is None else _all_of(named.instances, named.others)
        if isinstance(spoken, type):
            spoken = _all_of(spoken, {})
        values = dict(constants or {}) if isinstance(constants, dict | None) else constants
        premises: Any = assuming
        if isinstance(assuming, list | tuple):
            fields = () if named is None else (*named.sets, *named.others)
            premises = tuple(premise(p, k, fields) for k, p in enumerate(assuming, 1))
        return Claim(
            id=id or own,
            title=title or name.replace("_", " "),
            source=source,
            statement=statement,
            formula=formula if named is None else named,
            domain=_drawn(spoken, formula, assuming),
            assuming=premises,
            constants=values if named is None else {**named.constants, **(values or {})},
            kind=kind,
            **{"weight": positive_rhs if source else everywhere, **further},
        )

    return decorate if function is None else decorate(function)


def premise(given: Any, number: int, fields: Sequence[str] = ()) -> Any:
    """An assumption; a function that returns inequalities becomes one that is decided."""
    if isinstance(given, Assumption) or not callable(given):
        return given
    name = getattr(given, "__name__", "")
    name = f"premise_{number}" if name in ("", "<lambda>") else name
    test = by_name(given, fields)
    return Assumption(
        name, name.replace("_", " "), proved(lambda at: all_of(conclusions(test(at))))
    )


def _all_of(instances: type, others: Mapping[str, SearchStrategy[Any]]) -> Domain:
    """All instances of a class, in small and large sizes: nobody has said which matter."""
    domain = Domain.of(instances, **others)
    return replace(domain, strata={**domain.strata, **large_strata_of(instances, others)})


def _drawn(spoken: Any, formula: Any, premises: Any) -> Any:
    """A bare strategy as a domain, which is the claim's own; everything else as it is."""
    if not isinstance(spoken, SearchStrategy):
        return spoken
    given = premises if isinstance(premises, list | tuple) else ()
    tests = (p.holds if isinstance(p, Assumption) else p for p in given)
    return Domain(spoken, tried=numbers_in(formula, *tests))


def _module(formula: Callable[..., Any]) -> str:
    return str(getattr(formula, "__module__", "")).rpartition(".")[2]
