"""Names of modules before they moved into their rooms: they still import, and load when needed."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

# Former name -> where its contents are now. These are what users of the API import.
FORMER = {
    "checker.claim": "checker.claims.claim",
    "checker.verdict": "checker.claims.verdict",
    "checker.registry": "checker.claims.files",
    "checker.verify": "checker.search.verify",
    "checker.arithmetic.instances": "checker.instances.fields",
}


class _Former(ModuleType):
    """Stands for a module that has moved.

    It is no attribute of its package: `checker.claim` and `checker.verify` stay free for what
    these words mean.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(FORMER[self.__name__]), name)


def keep_former_names() -> None:
    """Let `from checker.claim import claim` and the like go on to work."""
    for name in FORMER:
        sys.modules.setdefault(name, _Former(name, f"Moved to {FORMER[name]}."))
