"""The JSON schemas of the files that commands write: docs/schemas, from the records in the code.

python ci/schemas.py        writes them
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from checker.census.record import CensusFile
from checker.certification.output.saved import OneOutputFile, SeveralOutputsFile
from checker.report.records import AuditFile, EvidenceFile, SharpenedFile

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"

FILES: dict[str, Any] = {
    "evidence": EvidenceFile,
    "audit": AuditFile,
    "sharpen": SharpenedFile,
    "certificate": OneOutputFile,
    "certificate_several_outputs": SeveralOutputsFile,
    "census": CensusFile,
}


def schemas() -> dict[str, str]:
    """File name -> schema, as text."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        f"{name}.schema.json": _text({**dialect, **msgspec.json.schema(kind)})
        for name, kind in FILES.items()
    }


def _text(schema: Any) -> str:
    return json.dumps(_ordered(schema), indent=1) + "\n"


def _ordered(schema: Any) -> Any:
    """With alternatives in one order: versions of msgspec have several."""
    if isinstance(schema, dict):
        return {name: _ordered(value) for name, value in schema.items()}
    if not isinstance(schema, list):
        return schema
    parts = [_ordered(part) for part in schema]
    return sorted(parts, key=json.dumps) if all(isinstance(p, dict) for p in parts) else parts


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
