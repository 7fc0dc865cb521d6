"""A claim function that raises: find an instance that makes it raise, reduce it, tell the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from checker.arithmetic.decide import decide_case
from checker.claims.claim import Claim
from checker.errors import FormulaError, InputError
from checker.instances.fields import Batch, dims_of, numbers_of
from checker.search.shrink import reduce_instance

# Cases of a batch tried one by one.
_TRIED = 64


@contextmanager
def explained(claim: Claim, batch: Batch) -> Iterator[None]:
    """Add a note to an exception raised while the claim is evaluated on a batch."""
    try:
        yield
    except (InputError, FormulaError):
        raise
    except Exception as error:
        culprit = _culprit(claim, batch, type(error))
        if culprit is None:
            error.add_note("It is raised on batches only, whose arrays have one more axis.")
        else:
            error.add_note(f"The smallest instance found that makes it raise: {_text(culprit)}")
        raise


def _culprit(claim: Claim, batch: Batch, kind: type[Exception]) -> Any:
    def raises(instance: Any) -> bool:
        if not getattr(instance, "is_valid", lambda: True)():
            return False
        try:
            decide_case(claim, instance, claim.weight)
        except kind:
            return True
        except Exception:
            return False
        return False

    cases = (batch.case(i) for i in range(min(batch.size, _TRIED)))
    first = next((case for case in cases if raises(case)), None)
    return None if first is None else reduce_instance(first, raises)


def _text(instance: Any) -> str:
    dims = dims_of(type(instance))
    names = [*numbers_of(instance)] or [*dims]
    return ", ".join(f"{name}={getattr(instance, name).tolist()!r}" for name in names)
