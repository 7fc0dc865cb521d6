"""The same evidence whoever does the work: threads, processes that are not forked, Dask."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.claims.claim import Claim
from checker.claims.files import load_file
from checker.claims.registry import select
from checker.cli import main
from checker.errors import InputError
from checker.instances.names import FILES_PACKAGE
from checker.report.evidence import run_to_json
from checker.search.engines import recipe, remote
from checker.search.engines.named import engine
from checker.search.engines.recipe import Recipe
from checker.search.verify import Plan, verify
from tests.search.coins import planted
from tests.search.elsewhere import Elsewhere

CLAIMS = """
from checker import claim, interval

units = interval(-8, 8)


@claim
def two(a: units, b: units):
    return a**2 + b**2 >= 2 * a * b, a**2 + b**2 + 1 >= 2 * a * b


@claim
def refuted(a: units, b: units):
    return a**2 + b**2 >= 2 * a * b + 1


@claim
def broken(a: units):
    raise ValueError("no value")
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """Claims of a file, which messages call as it was named, and one that is installed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "engines.py").write_text(CLAIMS)
    return [*load_file("engines.py"), *select(["kawaguchi2019.lemma.S_added"])]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What other machines know of recipes, and the modules of files."""
    yield
    remote._CREWS.clear()
    for name in [n for n in sys.modules if n.startswith(FILES_PACKAGE)]:
        del sys.modules[name]


def rows(plan: Plan, executor: Executor | None) -> list[dict[str, Any]]:
    """The evidence but for the seconds."""
    found = run_to_json(verify(plan, executor=executor), 0)["claims"]
    return [{k: v for k, v in entry.items() if k != "seconds"} for entry in found]


def test_evidence_is_the_same_whoever_does_the_work(own: list[Claim]) -> None:
    plan = Plan(tuple(own), cases=100)
    here = rows(plan, None)
    assert [entry["verdict"] for entry in here] == ["STANDS", "REFUTED", "ERROR", "REFUTED"]
    with ThreadPoolExecutor(2) as threads:
        assert rows(plan, threads) == here
    assert rows(plan, Elsewhere()) == here


def test_the_other_side_loads_the_claims_itself(own: list[Claim]) -> None:
    saved = Recipe.of(own, list)
    homes = [home.rpartition("/")[2] for _, home in saved.claims]
    assert homes == ["engines.py"] * 3 + ["properties.kawaguchi2019.neighbours"]
    assert [c.id for c in saved.place()] == [c.id for c in own]


def test_another_file_with_claims_does_not_count(own: list[Claim], tmp_path: Path) -> None:
    before = Recipe.of(own, list).sources
    (tmp_path / "further.py").write_text(CLAIMS)
    assert load_file("further.py")
    assert Recipe.of(own, list).sources == before


@pytest.mark.parametrize("make", [lambda claims: planted(0.1), lambda claims: _changed(claims[0])])
def test_a_claim_that_cannot_be_found_is_refused(own: list[Claim], make: Any) -> None:
    """One that was changed would be another one there."""
    claim = make(own)
    with pytest.raises(InputError, match=r"cannot be found by another process"):
        verify(Plan((claim,), cases=20), executor=Elsewhere())
    with ThreadPoolExecutor(1) as threads:
        assert verify(Plan((claim,), cases=20), executor=threads)


def _changed(claim: Claim) -> Claim:
    return replace(claim, constants={"c": 2})


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("version", "python"),
        ("version", "numpy"),
        ("version", "landscape-checker"),
        ("source", "checker"),
    ],
)
def test_another_version_is_refused(
    own: list[Claim], monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    looked = "versions" if kind == "version" else "sources_of"
    right: Any = getattr(recipe, looked)
    found = iter([{name: "1.0"}])
    monkeypatch.setattr(recipe, looked, lambda *given: right(*given) | next(found, {}))
    told = rf"the {kind} of {name} is [^ ]+ on the engine, 1.0 here"
    with pytest.raises(InputError, match=told):
        verify(Plan(tuple(own), cases=20), executor=Elsewhere())


def test_a_side_without_the_checker_is_refused(own: list[Claim]) -> None:
    class Bare(Elsewhere):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            done: Future[Any] = Future()
            done.set_exception(ModuleNotFoundError("No module named 'checker'"))
            return done

    told = "the engine cannot load the checker: No module named 'checker'"
    with pytest.raises(InputError, match=told):
        verify(Plan(tuple(own), cases=20), executor=Bare())


def test_what_another_process_cannot_be_told_is_refused() -> None:
    with pytest.raises(InputError, match=r"another process cannot be told what to do: .*lambda"):
        recipe.Sent.of(Recipe.of((), lambda _: None))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("grid", "there is no engine 'grid'. There is local, dask, processes"),
        ("processes://here", "the engine processes has no address, but here is given"),
        ("local://here", "there is no engine 'local'"),
    ],
)
def test_engines_that_do_not_exist(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told), engine(text, 1):
        pass


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "checker.search.engines.with_dask", raising=False)
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    told = r"the engine dask is not installed: .* `pip install 'landscape-checker\[dask\]'`"
    with pytest.raises(InputError, match=told), engine("dask", 1):
        pass


def _result(folder: Path) -> Any:
    found = json.loads((folder / "evidence.json").read_text())
    del found["provenance"]
    for entry in found["claims"]:
        del entry["seconds"]
    return found


has_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="the extra dask is not installed"
)


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["processes", pytest.param("dask", marks=has_dask)])
def test_engines_with_processes_of_their_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "engines.py").write_text(CLAIMS)
    command = ["verify", "engines.py", "kawaguchi2019.lemma.S_added", "--cases", "200"]
    status = main([*command, "--jobs", "1", "--out", "here"])
    assert main([*command, "--jobs", "2", "--out", "there", "--engine", name]) == status
    assert _result(tmp_path / "there") == _result(tmp_path / "here")


@has_dask
@pytest.mark.nightly
def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from checker.search.engines import with_dask

    monkeypatch.setattr(with_dask, "_PATIENCE", 1)
    told = "no Dask scheduler answers at 127.0.0.1:9"
    with pytest.raises(InputError, match=told), engine("dask://127.0.0.1:9", 1):
        pass
