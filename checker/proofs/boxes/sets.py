"""What a proof takes for the instances of a claim: symbols, and the set of each number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from checker.claims.claim import Assumption, Claim
from checker.claims.form import Form
from checker.errors import InputError
from checker.instances.domains import NumberDomain, number_domain
from checker.instances.fields import single
from checker.proofs.symbols import Symbols

# Least and greatest number, and whether the least is left out.
Ends = tuple[float, float, bool]

# Of a set that is no interval.
_UNBOUNDED: Mapping[str, Ends] = {
    "real": (-math.inf, math.inf, False),
    "positive": (0.0, math.inf, True),
    "nonnegative": (0.0, math.inf, False),
}

# Instances that a premise is tried at.
_TRIED = 30


class NotBounded(Exception):
    """Why a claim cannot be proved on its set, in a sentence."""


def forms_of(claim: Claim) -> tuple[Form, ...]:
    """How the instances of a claim are written in numbers: each is of one of these forms.

    Raises
    ------
    NotBounded
        When nobody has said how.
    """
    if claim.domain.forms:
        return claim.domain.forms
    cls = getattr(claim.formula, "instances", None)
    if cls is None:
        raise NotBounded(
            "only claims on named arguments, def f(x: interval(0, 1)), and on domains with `forms` "
            "are proved without Coq"
        )
    form = Form.of(cls)
    for name in getattr(cls, "__dataclass_fields__", ()):
        if name not in form.numbers:
            raise NotBounded(f"nothing is known of the set of {name}")
    return (form,)


def dimensions(claim: Claim) -> list[str]:
    """The named dimensions of a claim's instances."""
    return sorted({name for form in forms_of(claim) for name in form.dimensions})


def sizes_of(claim: Claim, sizes: Mapping[str, int] | None) -> list[dict[str, int]]:
    """The sizes of the named dimensions at which a claim is to be proved, one after the other.

    Raises
    ------
    InputError
        For a dimension that the claim does not have.
    """
    named = dimensions(claim)
    foreign = [name for name in sizes or {} if name not in named]
    if foreign:
        raise InputError(
            f"{claim.id} has no dimension {foreign[0]}",
            hint=f"It has {', '.join(named)}" if named else "Leave out --size",
        )
    usual = forms_of(claim)[0].sizes if named else (1,)
    alike = [dict.fromkeys(named, k) for k in usual]
    return [{**alike[0], **sizes}] if sizes else alike


def symbols(form: Form, sizes: Mapping[str, int], compact: bool) -> tuple[Any, dict[str, Ends]]:
    """An instance of symbols, and the ends of each.

    Raises
    ------
    NotBounded
        When a number is taken from another set than a proof can have: with `compact`, a bounded
        interval.
    """
    values: dict[str, Symbols] = {}
    ends: dict[str, Ends] = {}
    for name, dims in form.numbers.items():
        limits = _ends_of(name, number_domain(dims.domain), compact)
        values[name] = Symbols.named(name, dims.shape(sizes))
        ends |= {str(x.value): limits for x in values[name].entries.flat}
    return form.symbolic(values), ends


def _ends_of(name: str, domain: NumberDomain | None, compact: bool) -> Ends:
    if domain is None:
        raise NotBounded(f"nothing is known of the set of {name}")
    if domain.ends is not None and not domain.name.startswith("integer"):
        if compact and not all(map(math.isfinite, domain.ends)):
            raise NotBounded(f"{name} lies in {domain.name}, which is not compact")
        return *domain.ends, False
    if compact or domain.name not in _UNBOUNDED:
        kind = "compact interval; a box needs interval(low, high)" if compact else "interval"
        raise NotBounded(f"{name} is taken from {domain.name!r}, which is no {kind}")
    return _UNBOUNDED[domain.name]


def not_always_met(
    claim: Claim, form: Form, sizes: Mapping[str, int], premises: Sequence[Assumption]
) -> list[Assumption]:
    """Which premises that are no formulas the instances of a form do not have by their making.

    A proof without them says more, but only of instances that there are.

    Raises
    ------
    NotBounded
        When no instance tried meets one.
    """
    rng = np.random.default_rng(0)
    tried = [single(_drawn(form, sizes, rng), "").instances for _ in range(_TRIED)]
    met = {a: [bool(np.all(a.holds(at))) for at in tried] for a in premises}
    never = [a.name for a, answers in met.items() if not any(answers)]
    if never:
        raise NotBounded(f"{claim.id} assumes {never[0]}, which {form.words} do not meet")
    return [a for a, answers in met.items() if not all(answers)]


def _drawn(form: Form, sizes: Mapping[str, int], rng: np.random.Generator) -> Any:
    numbers: list[float] = []
    for dims in form.numbers.values():
        domain, shape = number_domain(dims.domain), dims.shape(sizes)
        drawn = rng.standard_normal((*shape, 1))
        numbers += list((drawn if domain is None else domain.into(drawn)).ravel())
    return form.instance(sizes, numbers)
