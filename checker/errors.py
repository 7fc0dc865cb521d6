"""Errors a user can act on: what happened, why it matters, what to try."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self


class InputError(ValueError):
    """Bad input from the user: reported in one message, exit status 2, never a traceback.

    Parameters
    ----------
    what
        What is wrong, with the offending value.
    why
        Why the checker cannot go on with it.
    hint
        What to try next.

    Examples
    --------
    >>> from checker import InputError
    >>> print(InputError("x is -1", why="It has to be positive", hint="Pass a positive number"))
    x is -1. It has to be positive. Pass a positive number.
    """

    def __init__(self, what: str, *, why: str = "", hint: str = "") -> None:
        self.what, self.why, self.hint = what, why, hint
        super().__init__(" ".join(_sentence(part) for part in (what, why, hint) if part))


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


class FormulaError(TypeError):
    """A formula that no arithmetic can follow, whatever the instance: the message of `InputError`,
    for the line of the user's file that raised it.
    """

    def __init__(self, what: str, why: str = "", hint: str = "") -> None:
        self.what, self.why, self.hint = what, why, hint
        super().__init__(what, why, hint)

    def __str__(self) -> str:
        return " ".join(_sentence(part) for part in self.args if part)


class Interruption(BaseException):
    """What ends work from outside; no `Exception`, so that nobody takes it for a fault."""


class Caught:
    """A block that runs users' code: what it raises is kept as `error`, save interruptions.

    SystemExit, pytest.skip and the like are no `Exception`. Let through, they would end a run with
    an exit status that means something else.
    """

    error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if error is None or isinstance(error, KeyboardInterrupt | Interruption):
            return False
        self.error = error
        return True


@dataclass(frozen=True)
class Fault:
    """Why a claim could not be computed.

    Attributes
    ----------
    error
        The message for the user.
    trace
        The traceback of a fault that is not the user's; empty for one that is.
    """

    error: InputError
    trace: str = ""

    def __str__(self) -> str:
        return str(self.error)

    @property
    def exception(self) -> Exception:
        """What to raise where nothing is worth keeping: an `InputError` if it is the user's."""
        return RuntimeError(f"{self}\n\n{self.trace}") if self.trace else self.error
