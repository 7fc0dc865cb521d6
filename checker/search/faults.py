"""A claim that cannot be computed: its fault, kept apart from the results of the other claims."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from checker.arithmetic.decide import decide_case
from checker.claims.claim import Claim
from checker.claims.files import NOTES, fault_in_files, files_of, placed, said
from checker.errors import Caught, Fault, FormulaError, InputError
from checker.instances.fields import Batch, dims_of, is_valid, numbers_of
from checker.search.reduction.shrink import reduce_instance

# Cases of a batch tried one by one.
_TRIED = 64


class Faulty(Protocol):
    """A result that may be a fault instead."""

    fault: Fault | None


@contextmanager
def apart(claims: Sequence[Claim], results: Mapping[str, Faulty]) -> Iterator[None]:
    """What users' code raises in this block becomes the fault of these claims; the others go on."""
    with Caught() as caught:
        yield
    if caught.error is not None:
        for claim in claims:
            result = results[claim.id]
            result.fault = result.fault or fault_of(caught.error, claim)


def fault_of(error: BaseException, claim: Claim) -> Fault:
    """What an exception means: a sentence about the user's file, or a traceback of ours."""
    if isinstance(error, InputError):
        return Fault(placed(error, claim))
    known = fault_in_files(error, files_of(claim))
    if known is not None:
        return Fault(known)
    if isinstance(error, FormulaError):
        said_of = InputError(f"claim {claim.id}: {error.what}", why=error.why, hint=error.hint)
        return Fault(placed(said_of, claim))
    text = f"internal error at {claim.id}: {said(error)}"
    return Fault(InputError(text), "".join(traceback.format_exception(error)))


@contextmanager
def explained(claim: Claim, batch: Batch) -> Iterator[None]:
    """Add a note to an exception raised while the claim is evaluated on a batch."""
    try:
        yield
    except (InputError, FormulaError):
        raise
    except Exception as error:
        with Caught() as caught:
            culprit = _culprit(claim, batch, type(error))
        if caught.error is not None or culprit is None:
            error.add_note(f"{NOTES[1]}whose arrays have one more axis.")
        else:
            error.add_note(f"{NOTES[0]}{_text(culprit)}")
        raise


def _culprit(claim: Claim, batch: Batch, kind: type[Exception]) -> Any:
    def raises(instance: Any) -> bool:
        if not is_valid(instance):
            return False
        with Caught() as caught:
            decide_case(claim, instance, claim.weight)
        return isinstance(caught.error, kind)

    cases = (batch.case(i) for i in range(min(batch.size, _TRIED)))
    first = next((case for case in cases if raises(case)), None)
    return None if first is None else reduce_instance(first, raises)


def _text(instance: Any) -> str:
    dims = dims_of(type(instance))
    names = [*numbers_of(instance)] or [*dims]
    return ", ".join(f"{name}={getattr(instance, name).tolist()!r}" for name in names)
