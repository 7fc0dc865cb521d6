"""The section of a report on what is proved beside the search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from checker.errors import InputError
from checker.proofs.fresh import Known
from checker.report.html.rendering import rendered
from checker.report.run import Extra

# Written by `checker verify` with its evidence: what counted when it ran.
PROVED_FILE = "proved.json"
SCHEMA = 1


def proved_to_json(known: Sequence[Known]) -> dict[str, Any]:
    """{"schema", "proved": [{"claim", "label", "stale", "by"}]}."""
    entries = [
        {"claim": k.claim, "label": k.label, "stale": k.stale, "by": k.by} for k in known
    ]  # fmt: skip
    return {"schema": SCHEMA, "proved": entries}


def proved_section(content: Any, path: Path) -> Markup:
    """The section; raises InputError for what is not of `proved_to_json`."""
    entries = content.get("proved") if isinstance(content, dict) else None
    if not isinstance(entries, list) or content.get("schema") != SCHEMA:
        raise InputError(f"{path} is not what `checker verify` writes of proofs")
    return rendered("proofs/proved.html.jinja", rows=[_row(entry, path) for entry in entries])


def proved_labels(content: Any, path: Path) -> dict[str, str]:
    """Claim -> how it is proved, from the same file; without proofs that do not count any more."""
    proved_section(content, path)
    return {e["claim"]: e["label"] for e in content["proved"] if e["label"] and not e["stale"]}


def _row(entry: Any, path: Path) -> tuple[str, str, str]:
    known = entry if isinstance(entry, dict) else {}
    claim, label, stale, by = (known.get(k) for k in ("claim", "label", "stale", "by"))
    if not all(isinstance(x, str) for x in (claim, label, stale, by)):
        raise InputError(f"{path} is not what `checker verify` writes of proofs")
    return str(claim), str(label or f"not any more: {stale}"), str(by)


PROOFS = Extra(PROVED_FILE, proved_section)
