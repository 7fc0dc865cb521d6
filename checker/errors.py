"""Errors a user can act on: what happened, why it matters, what to try."""

from __future__ import annotations


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
