"""One evaluation of a claim on an instance, with a name for every quantity that has one.

Names come from where the reader finds them: fields of the instance, its cached properties, and the
local variables of the formula.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from checker.arithmetic.above.complex import Complex
from checker.arithmetic.ball import working_precision
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.inequality import Inequality
from checker.arithmetic.lifting import lifted
from checker.arithmetic.premise import Proved
from checker.arithmetic.recorded import Node, Recorded
from checker.claims.claim import Claim
from checker.explain.refuting import is_equation
from checker.instances.domains import parameters_of
from checker.instances.fields import numbers_of

# Instances with more numbers are not recorded: nobody checks them by hand.
MAX_NUMBERS = 400


@dataclass(frozen=True, eq=False)
class Recording:
    """A claim's inequality on one instance, with named quantities.

    Attributes
    ----------
    lhs, rhs
        Both sides.
    fields
        Name -> the numbers of the instance.
    quantities
        Name -> what was computed, by the name that the claim's author gave it.
    bits
        Precision of the balls.
    asserted
        The inequality, or equation, with the premises under which it is asserted.
    premises
        Name -> what it says, for the assumptions that are written as formulas.
    """

    lhs: Recorded
    rhs: Recorded
    fields: dict[str, Recorded]
    quantities: dict[str, Recorded]
    bits: int
    asserted: Inequality
    premises: dict[str, Inequality]

    @property
    def sides(self) -> tuple[Recorded, Recorded]:
        """Both sides as written; of an equation x and y, asserted as x >= y + 2 |x - y|."""
        if self.is_equation:
            return self.lhs, self.rhs.origins[0]
        return self.lhs, self.rhs

    @property
    def is_equation(self) -> bool:
        """Whether x = y is meant."""
        return is_equation(self.asserted)

    @property
    def names(self) -> dict[Node, str]:
        """Expression -> name, for fields and quantities."""
        named = {**self.fields, **self.quantities}
        return {value.node: name for name, value in named.items()}


def record(claim: Claim, instance: Any) -> Recording | None:
    """The claim evaluated at the first precision that tells its sides apart; None if too large."""
    if sum(a.size for a in numbers_of(instance).values()) > MAX_NUMBERS:
        return None
    for bits in BALL_PRECISIONS:
        with working_precision(bits):
            recording = _evaluated(claim, instance, bits)
            slack = recording.lhs.ball.item - recording.rhs.ball.item
            if slack.is_finite() and (slack > 0 or slack < 0 or slack.is_zero()):
                break
    return recording


def _evaluated(claim: Claim, instance: Any, bits: int) -> Recording:
    leaves = {name: Recorded.leaf(numbers) for name, numbers in numbers_of(instance).items()}
    meant = parameters_of(type(instance))
    at = lifted(instance, Recorded.constant, leaves)
    # What a formula calls p may be computed from counts; these have names of their own.
    fields = {
        f"{name}_{meant[name].given_by}" if name in meant else name: leaf
        for name, leaf in leaves.items()
    }
    found: dict[str, Any] = {}
    with _local_variables(found):
        inequality: Inequality = claim(at)
    quantities = dict(part for name in meant for part in _parts(name, getattr(at, name)))
    quantities |= _quantities(at, found, fields)
    premises = {
        a.name: a.holds.inequality(at) for a in claim.assuming if isinstance(a.holds, Proved)
    }
    sides = inequality.lhs, inequality.rhs
    return Recording(*sides, fields, quantities, bits, inequality, premises)


def _quantities(at: Any, found: dict[str, Any], fields: dict[str, Recorded]) -> dict[str, Recorded]:
    named: dict[str, Recorded] = {}
    taken = {value.node for value in fields.values()}
    for name, value in (*_properties(at), *_of_locals(at, found)):
        new = value.node not in taken and not value.node.atomic
        if new and name not in named and name not in fields:
            named[name] = value
            taken.add(value.node)
    return named


def _properties(instance: Any, prefix: str = "") -> Iterator[tuple[str, Recorded]]:
    """What an instance's cached properties have computed; blocks of tuples one by one."""
    fields = {f.name for f in dataclasses.fields(instance)}
    for name, value in list(vars(instance).items()):
        if name not in fields:
            yield from _parts(prefix + name.lstrip("_"), value)


def _parts(name: str, value: Any) -> Iterator[tuple[str, Recorded]]:
    if isinstance(value, Recorded):
        yield name, value
    elif isinstance(value, Complex):
        for part in ("real", "imag"):
            yield from _parts(f"{name}.{part}", getattr(value, part))
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            yield from _parts(f"{name}[{i}]", part)


def _of_locals(at: Any, found: dict[str, Any]) -> Iterator[tuple[str, Recorded]]:
    """Local variables of the formula, and the properties of instances among them."""
    for name, value in found.items():
        if isinstance(value, type(at)):
            # Else an attribute of another point, such as one without its skip connection.
            yield from () if value is at else _properties(value, f"{name}.")
        else:
            yield from _parts(name, value)


@contextmanager
def _local_variables(found: dict[str, Any]) -> Iterator[None]:
    """Collect the local variables of the functions of a claim as they return.

    Only a name that means one thing helps: the outermost function, which returns last, wins.
    """
    before = sys.getprofile()
    sys.setprofile(_watch(found))
    try:
        yield
    finally:
        sys.setprofile(before)


def _watch(found: dict[str, Any]) -> Callable[[Any, str, Any], None]:
    def watch(frame: Any, event: str, _: Any) -> None:
        if event == "return" and not _of_others(frame) and not _anonymous(frame):
            found.update(frame.f_locals)

    return watch


def _of_others(frame: Any) -> bool:
    """Whether a function is the checker's own or a library's: its names mean nothing here."""
    module = str(frame.f_globals.get("__name__")).partition(".")[0]
    return module in ("checker", "numpy", "flint") or module in sys.stdlib_module_names


def _anonymous(frame: Any) -> bool:
    """Generator expressions and lambdas have names that are never seen again."""
    return str(frame.f_code.co_name).startswith("<")


def reachable(recording: Recording) -> list[Node]:
    """All expressions that the sides consist of, operands before results."""
    order: dict[Node, None] = {}
    pending = [(recording.rhs.node, False), (recording.lhs.node, False)]
    while pending:
        node, ready = pending.pop()
        if ready:
            order[node] = None
        elif node not in order:
            pending.append((node, True))
            pending += [(x, False) for x in reversed(node.operands)]
    return list(order)


def decimal_digits(bits: int) -> int:
    """Decimal digits that a precision in bits is worth."""
    return int(bits * math.log10(2))
