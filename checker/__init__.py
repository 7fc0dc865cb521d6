"""Find out whether a mathematical claim about a loss landscape is true, how tight it is, and what
the smallest counterexample is when it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker._former import keep_former_names

if TYPE_CHECKING:
    from checker.certification.certify import certify

__all__ = ["certify"]

keep_former_names()


def __getattr__(name: str) -> Any:
    # When needed: `checker --help` should not wait for NumPy.
    if name == "certify":
        from checker.certification.certify import certify

        return certify
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
