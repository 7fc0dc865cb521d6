"""The same evidence whoever does the work: threads, processes that are not forked, Dask."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker import stopping
from checker.claims.claim import Claim
from checker.claims.files import load_file
from checker.claims.registry import select
from checker.cli import main
from checker.errors import InputError
from checker.instances.names import FILES_PACKAGE
from checker.report.evidence import run_to_json
from checker.search import several
from checker.search.engines import recipe, remote
from checker.search.engines.named import engine
from checker.search.engines.recipe import Recipe
from checker.search.verify import Plan, verify
from tests.search.coins import planted
from tests.search.elsewhere import Elsewhere
from tests.search.test_one_seam import ENGINES, has

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
        ("grid", "there is no engine 'grid'. There is local, dask, mpi, processes, ray"),
        ("processes://here", "the engine processes has no address, but here is given"),
        ("local://here", "there is no engine 'local'"),
    ],
)
def test_engines_that_do_not_exist(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told), engine(text, 1):
        pass


@pytest.mark.parametrize(
    ("name", "package"), [("dask", "dask.distributed"), ("ray", "ray"), ("mpi", "mpi4py.MPI")]
)
def test_an_engine_that_is_not_installed(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"checker.search.engines.with_{name}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    told = rf"the engine {name} is not installed: .* `pip install 'landscape-checker\[{name}\]'`"
    with pytest.raises(InputError, match=told), engine(name, 1):
        pass


def _result(folder: Path) -> Any:
    found = json.loads((folder / "evidence.json").read_text())
    del found["provenance"]
    for entry in found["claims"]:
        del entry["seconds"]
    return found


@pytest.mark.nightly
@pytest.mark.parametrize("name", ENGINES)
def test_engines_with_processes_of_their_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "engines.py").write_text(CLAIMS)
    command = ["verify", "engines.py", "kawaguchi2019.lemma.S_added", "--cases", "200"]
    status = main([*command, "--jobs", "1", "--out", "here"])
    assert main([*command, "--jobs", "2", "--out", "there", "--engine", name]) == status
    assert _result(tmp_path / "there") == _result(tmp_path / "here")


@has("ray")
@pytest.mark.nightly
def test_a_ray_cluster_that_does_not_answer() -> None:
    told = "no Ray cluster answers at 127.0.0.1:9"
    with pytest.raises(InputError, match=told), engine("ray://127.0.0.1:9", 1):
        pass


@has("distributed")
@pytest.mark.nightly
def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from checker.search.engines import with_dask

    monkeypatch.setattr(with_dask, "_PATIENCE", 1)
    told = "no Dask scheduler answers at 127.0.0.1:9"
    with pytest.raises(InputError, match=told), engine("dask://127.0.0.1:9", 1):
        pass


FOREVER = """
from checker import claim, interval


@claim
def forever(a: interval(-8, 8)):
    while True:
        pass
"""


def test_work_without_an_end_is_broken_off_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "endless.py").write_text(FOREVER)
    for name in ("CASE_SECONDS", "FIRST_SECONDS", "GRACE_SECONDS"):
        monkeypatch.setattr(stopping, name, 0.3)
    monkeypatch.setattr(several, "FIRST_SECONDS", 0.3)
    plan = Plan(tuple(load_file(tmp_path / "endless.py")), cases=20)
    (found,) = verify(plan, executor=Elsewhere())
    assert (found.verdict.name, found.reason[:13]) == ("ERROR", "no answer for")


KILLER = """
import os

from checker import claim, interval

units = interval(-8, 8)


@claim
def killed(a: units):
    os.kill(os.getpid(), 9)


@claim
def stands(a: units):
    return a**2 + 1 >= a
"""


class Breaking(Elsewhere):
    """A pool that breaks at the jobs for one claim, or at all of them, and is replaced."""

    def __init__(self, kills: str = "") -> None:
        self.kills, self.broken, self.renewals = kills, False, 0

    def submit(self, work: Any, /, *given: Any, **named: Any) -> Future[Any]:
        if (
            self.broken
            or not self.kills
            or self.kills in getattr(pickle.loads(given[0]), "names", ())
        ):
            self.broken = True
            raise BrokenExecutor("a process was killed")
        return super().submit(work, *given, **named)

    def renew(self) -> bool:
        self.renewals += self.broken
        self.broken = False
        return True


def test_a_claim_that_kills_its_process_is_told_from_those_beside_it() -> None:
    """Also from those of the same job, in which all claims over a domain are."""
    claims = select(["kawaguchi2019.lemma.S_added", "kawaguchi2019.lemma.S_ignored"])
    plan = Plan(tuple(claims), cases=40)
    here, breaking = rows(plan, None), Breaking("kawaguchi2019.lemma.S_ignored")
    found = rows(plan, breaking)
    assert [entry["verdict"] for entry in found] == ["REFUTED", "ERROR"]
    assert "a worker process was killed on it" in found[1]["reason"]
    assert found[0] == here[0]
    assert breaking.renewals


def test_workers_that_are_killed_before_any_claim_end_the_run(own: list[Claim]) -> None:
    with pytest.raises(InputError, match="a task: a worker process was killed on it"):
        verify(Plan((own[0],), cases=40), executor=Breaking())


@pytest.mark.nightly
def test_processes_that_are_killed_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "killer.py").write_text(KILLER)
    command = ["verify", "killer.py", "--cases", "60", "--jobs", "2"]
    for where, *options in (("here",), ("there", "--engine", "processes")):
        assert main([*command, "--out", where, *options]) == 2
    assert _result(tmp_path / "there") == _result(tmp_path / "here")
