"""Coq's compiler where it does not answer; none of this needs it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from checker.proofs.coq import Coq


def test_a_compiler_that_does_not_tell_its_version_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Coq(tmp_path, program=str(tmp_path / "none")).version == "unknown"
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setattr("checker.proofs.coq._VERSION_SECONDS", 0.2)
    start = time.monotonic()
    assert Coq(tmp_path, program=str(slow)).version == "unknown"
    assert time.monotonic() - start < 30
