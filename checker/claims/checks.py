"""What the attributes of a claim have to be, said in one sentence where the claim is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from hypothesis.strategies import SearchStrategy

from checker.errors import InputError

if TYPE_CHECKING:
    from checker.claims.claim import Claim, Domain

# Files are named by ids, with something behind, and no file system takes more than 255 bytes.
_LONGEST_ID = 200


def check_attributes(claim: Claim) -> None:
    """Raise InputError unless every attribute of a claim is what it has to be."""
    from checker.claims.claim import Assumption, Domain, Source

    require_id(claim.id)
    name = f"claim {claim.id}"
    for text in ("title", "statement", "kind", "why", "wording"):
        require_text(name, text, getattr(claim, text))
    require_type(name, "source", claim.source, Source | None, "a Source")
    _require_kind(name, claim)
    _require_wording(name, claim)
    _require_signature(name, claim.formula, claim.constants)
    require_type(name, "given", claim.domain, Domain, "a Hypothesis strategy or a Domain")
    _require_strategies(name, claim.domain)
    _require_all(name, "assuming", claim.assuming, Assumption, "an Assumption")
    _require_all(name, "equality_strata", claim.equality_strata, str, "the name of a stratum")
    _require_all(name, "oracles", claim.oracles, Callable, "a function")
    _require_functions(name, claim)


def require_type(claim: str, name: str, value: Any, kind: Any, wanted: str) -> None:
    """Raise InputError unless an attribute is of some type."""
    if not isinstance(value, kind):
        raise InputError(f"{claim}: {name} is {shown(value)}, not {wanted}")


def _require_all(claim: str, name: str, values: Any, kind: Any, wanted: str) -> None:
    """Raise InputError unless an attribute is a collection of things of some type."""
    # A text is a collection of texts.
    if isinstance(values, str) or not isinstance(values, Collection):
        raise InputError(f"{claim}: {name} is {shown(values)}, not a list")
    for value in values:
        require_type(claim, f"one of {name}", value, kind, wanted)


def require_text(claim: str, name: str, value: Any) -> None:
    """Raise InputError unless an attribute is text that can be written to a file."""
    require_type(claim, name, value, str, "text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{claim}: {name} is {shown(value)}, half of a surrogate pair in it",
            why="No file can hold that",
        ) from error


def require_id(value: Any) -> None:
    """Raise InputError unless this can name a claim, and the files about it."""
    require_text("a claim", "its id", value)
    if not value or not value.isprintable():
        raise InputError(f"a claim has the id {shown(value)}", hint="Give it letters that print")
    if len(value.encode()) > _LONGEST_ID:
        raise InputError(
            f"the id {shown(value)} has {len(value.encode())} bytes, more than {_LONGEST_ID}",
            why="Files are named by it",
            hint="Give the claim a shorter one: @claim(id=...)",
        )


def _require_functions(name: str, claim: Claim) -> None:
    """Raise InputError unless each function can be called with what it is given."""
    takes: list[tuple[str, Any, int]] = [
        ("nearly_equal", claim.nearly_equal, 1),
        ("weight", claim.weight, 2),
        ("census", claim.census, 1),
        *(("one of oracles", oracle, 2) for oracle in claim.oracles),
    ]
    for premise in claim.assuming:
        require_text(name, "the name of an assumption", premise.name)
        require_text(name, f"the statement of {premise.name}", premise.statement)
        parts = (
            ("", premise.holds, 1),
            (".repair", premise.repair, 2),
            (".proof", premise.proof, 1),
        )
        takes += [(f"assumption {premise.name}{part}", given, n) for part, given, n in parts]
    for what, function, count in takes:
        if function is None and what.endswith(("census", ".repair", ".proof")):
            continue
        require_type(name, what, function, Callable, "a function")
        _require_call(f"{name}: {what}", function, (None,) * count, {})


def _require_call(
    what: str, function: Any, positional: tuple[None, ...], named: Mapping[str, Any]
) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        # Of something built in, which says nothing of its parameters.
        return
    try:
        signature.bind(*positional, **named)
    except TypeError as error:
        told = f", and {', '.join(named)} by name" if named else ""
        raise InputError(
            f"{what} takes {signature}: {error}",
            why=f"It is called with {len(positional)} by position{told}",
        ) from error


def _require_kind(name: str, claim: Claim) -> None:
    from checker.claims.claim import KINDS

    if claim.kind not in KINDS:
        raise InputError(
            f"{name}: unknown kind {shown(claim.kind)}", hint=f"kinds: {', '.join(KINDS)}"
        )
    if claim.of is not None:
        require_text(name, "of", claim.of)
    if claim.of == claim.id or (claim.must_be_refuted and not claim.of):
        raise InputError(
            f"{name} is a false neighbour of {'itself' if claim.of else 'no claim'}",
            why="It shows that the search finds what is false near the claim that it distorts",
            hint="Name that claim with `of`",
        )


def _require_strategies(name: str, domain: Domain) -> None:
    require_type(name, "given", domain.instances, SearchStrategy, "a Hypothesis strategy")
    require_type(name, "the strata", domain.strata, Mapping, "a dictionary")
    for stratum, strategy in domain.strata.items():
        require_text(name, "the name of a stratum", stratum)
        require_type(name, f"stratum {stratum}", strategy, SearchStrategy, "a Hypothesis strategy")


def _require_wording(name: str, claim: Claim) -> None:
    from checker.claims.claim import WORDINGS

    if claim.wording not in WORDINGS:
        raise InputError(
            f"{name}: unknown wording {shown(claim.wording)}"
            if claim.wording
            else f"{name} has a source and does not say whose words it is in",
            hint=f"wordings: {', '.join(WORDINGS)}",
        )
    if claim.wording != "ours" and claim.source is None:
        raise InputError(
            f"{name}: {claim.wording}, but where?",
            hint="Name the source, or leave the wording out",
        )


def _require_signature(claim: str, formula: Any, constants: Any) -> None:
    """Raise InputError unless the formula takes an instance and the constants, by their names."""
    from checker.claims.claim import Claim

    if isinstance(formula, Claim):
        raise InputError(f"{formula.id} is a claim already", hint="Decorate a function, once")
    require_type(claim, "its formula", formula, Callable, "a function")
    require_type(claim, "constants", constants, Mapping, "a dictionary")
    for name in constants:
        require_text(claim, "the name of a constant", name)
    _require_call(f"{claim}: its formula", formula, (None,), constants)


def shown(value: Any) -> str:
    """A value in a message: short, and in letters that print."""
    text = ascii(value) if isinstance(value, str) else f"{value!r}"
    return text if len(text) <= 60 else f"{text[:57]}..."
