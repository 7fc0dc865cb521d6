"""An update of the baseline that was interrupted goes on: what is done is kept, paper by paper.

It lies beside the baseline, which itself is not touched before all is done. What was measured with
other budgets, versions or texts of programs is of another update, and is not used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from checker.claims.claim import Claim
from checker.claims.sources import sources_of, versions
from checker.errors import InputError
from checker.gate.state import State, state_of_json, state_to_json
from checker.report.replay import read_json
from checker.report.saving import write_text


@dataclass(frozen=True)
class Partial:
    """What is kept of an update, and of which.

    Attributes
    ----------
    path
        Where it is kept.
    run
        What the results depend on: seed, budgets, versions, digests of sources.
    """

    path: Path
    run: dict[str, Any]

    @property
    def there(self) -> bool:
        """Whether something is kept, of this update or another."""
        return self.path.is_file()

    def read(self) -> State | None:
        """What is done already; None if that is nothing, or of another update."""
        try:
            content = read_json(self.path) if self.there else {}
            return state_of_json(content["state"]) if content["run"] == self.run else None
        # A file that somebody has changed; nothing is lost but time.
        except (InputError, KeyError, TypeError, ValueError, AttributeError):
            return None

    def write(self, state: State) -> None:
        """Keep what is done; raises InputError where that fails."""
        # The corpus is decided anew, in seconds.
        content = {"run": self.run, "state": state_to_json(replace(state, corpus={}))}
        write_text(self.path, json.dumps(content, sort_keys=True, allow_nan=False) + "\n")

    def remove(self) -> None:
        """The update is over."""
        self.path.unlink(missing_ok=True)


def partial_of(
    baseline: Path, before: State, claims: Sequence[Claim], files: Sequence[str]
) -> Partial:
    """Where an update of this baseline keeps what it has done."""
    run = {
        "asked": {"seed": before.seed, "budget": asdict(before.budget)},
        "claims": sorted(c.id for c in claims),
        "versions": versions(),
        "sources": sources_of(claims, files),
    }
    return Partial(baseline.with_name(f"{baseline.name}.partial"), run)
