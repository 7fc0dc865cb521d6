"""The notebook of examples/: every cell runs, and the claim takes its path: refuted, corrected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "examples" / "first_claim.ipynb"


def executed(notebook: Any, folder: Path) -> list[str]:
    """What the cells show, as text."""
    metadata = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=metadata).execute()
    return [_text(output) for cell in notebook.cells for output in cell.get("outputs", [])]


def _text(output: Any) -> str:
    return str(output.get("text", "") or output.get("data", {}).get("text/plain", ""))


def test_it_runs_and_is_kept_without_outputs(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    said = executed(notebook, tmp_path)
    shown = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    assert not [o for o in shown if o.output_type == "stream" and o.name == "stderr"]
    assert said[0] == "<reversed REFUTED: u=[-1] v=[1]; 16 cases>"
    assert sum("STANDS" in text for text in said) >= 2
    assert "at an obtuse angle: EXCLUDED acute" in "\n".join(said)
    pages = [o.data["text/html"] for o in shown if "text/html" in o.get("data", {})]
    assert any("REFUTED" in page for page in pages)


def test_a_cell_that_fails_is_noticed(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        executed(notebook, tmp_path)
