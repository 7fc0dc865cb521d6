"""Claims are found in installed packages and in files, or one message says why not."""

from __future__ import annotations

import importlib.metadata
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import checker
from checker.claims.files import fault_in_files, load_file
from checker.claims.registry import load_claims, select
from checker.errors import InputError

ROOT = Path(checker.__file__).resolve().parent.parent

HEADER = """
from dataclasses import dataclass
from hypothesis import strategies as st
from checker.claims.claim import claim

@dataclass
class Number:
    x: float

numbers = st.builds(Number, st.floats(-9, 9))
"""


def source(*names: str, **settings: str) -> str:
    """A module with one claim per name."""
    further = "".join(f", {key}={value!r}" for key, value in settings.items())
    claims = (f"@claim(given=numbers{further})\ndef {name}(at):\n    return at\n" for name in names)
    return HEADER + "".join(claims)


# -- entry points -----------------------------------------------------------------------------


def test_claims_come_in_the_order_of_their_definition(install: Any) -> None:
    install("landscape-checker", {"p": "zebra"}, zebra=source("second", "first"))
    assert list(load_claims()) == ["zebra.second", "zebra.first"]


def test_false_neighbours_come_last(install: Any) -> None:
    install(
        "landscape-checker",
        {"a": "fakes", "b": "theorems"},
        fakes=source("fake", kind="must-be-refuted", of="theorems.theorem"),
        theorems=source("theorem"),
    )
    assert list(load_claims()) == ["theorems.theorem", "fakes.fake"]


def test_other_distributions_add_claims(install: Any) -> None:
    install("other-claims", {"o": "other"}, other=source("theirs"))
    install("landscape-checker", {"p": "ours"}, ours=source("own"))
    assert list(load_claims()) == ["ours.own", "other.theirs"]


def test_an_imported_claim_belongs_to_the_module_that_defines_it(install: Any) -> None:
    install(
        "landscape-checker",
        {"a": "first", "b": "second"},
        first="from second import b_theorem, a_theorem\n" + source("mine"),
        second=source("a_theorem", "b_theorem"),
    )
    assert list(load_claims()) == ["first.mine", "second.a_theorem", "second.b_theorem"]


def test_a_duplicate_id_names_both_modules(install: Any) -> None:
    install(
        "landscape-checker",
        {"a": "first", "b": "second"},
        first=source("x", id="same.id"),
        second=source("y", id="same.id"),
    )
    with pytest.raises(InputError, match=r"same\.id is defined by first and by second"):
        load_claims()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import does_not_exist", "ModuleNotFoundError: No module named 'does_not_exist'"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("import pytest; pytest.skip('not here', allow_module_level=True)", "Skipped: not here"),
        ("raise BaseException", "BaseException"),
        ("raise GeneratorExit('gone')", "GeneratorExit: gone"),
        (source("x", id="ours.own"), "the claim ours.own is defined by ours and by broken"),
        (source("x", kind="loose"), "claim broken.x: unknown kind 'loose'"),
    ],
)
def test_a_broken_distribution_is_left_out_with_a_warning(
    install: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    reason: str,
) -> None:
    monkeypatch.setattr("checker.claims.registry._WARNED", set())
    install("landscape-checker", {"p": "ours"}, ours=source("own"))
    install("half-baked", {"h": "broken"}, broken=text)
    install("well-done", {"w": "whole"}, whole=source("fine"))
    assert list(load_claims()) == ["ours.own", "whole.fine"]
    load_claims()
    warning = capsys.readouterr().err
    assert reason in warning
    assert "h = broken" in warning
    assert warning.count("checker: warning: claims are left out") == 1


def test_a_broken_module_of_ours_is_an_error(install: Any) -> None:
    install("landscape-checker", {"p": "ours"}, ours="1 / 0\n")
    with pytest.raises(InputError, match="landscape-checker: ZeroDivisionError"):
        load_claims()


def test_an_entry_point_has_to_name_a_module(install: Any) -> None:
    install("landscape-checker", {"p": "ours:own"}, ours=source("own"))
    with pytest.raises(InputError, match="it names a Claim, not a module"):
        load_claims()


def test_without_metadata_it_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = importlib.metadata.EntryPoints(())
    monkeypatch.setattr("checker.claims.registry.entry_points", lambda group: nothing)
    with pytest.raises(InputError, match=r"not installed.*pip install \."):
        load_claims()


@pytest.mark.parametrize("package", ["properties", "strategies"])
@pytest.mark.parametrize("as_folder", [True, False])
def test_a_shadowing_package_is_named(
    install: Any, tmp_path: Path, package: str, as_folder: bool
) -> None:
    site = install("landscape-checker", {"p": "ours"}, ours=source("own"))
    shadow = tmp_path / "project" / (package if as_folder else f"{package}.py")
    file = shadow / "__init__.py" if as_folder else shadow
    file.parent.mkdir(parents=True)
    file.write_text("raise SystemExit('the shadow was run')\n")
    result = subprocess.run(
        [sys.executable, "-m", "checker", "list"],
        cwd=tmp_path / "project",
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{shadow} shadows the package {package!r}" in result.stderr
    assert "Python finds it first on sys.path" in result.stderr
    assert "Rename it" in result.stderr
    assert result.returncode == 2


def test_a_distribution_that_has_overwritten_ours_is_named(install: Any) -> None:
    """`properties` and `strategies` are names of other people's distributions, too."""
    site = install("landscape-checker", {"p": "ours"}, ours="import no_such_module_six\n")
    with pytest.raises(InputError, match=r"cannot load .*No module named 'no_such_module_six'"):
        load_claims()
    install("properties", {})
    record = site / "properties-1.0.dist-info" / "RECORD"
    record.write_text("properties/__init__.py,,\nproperties/base.py,,\n")
    with pytest.raises(
        InputError, match="properties has overwritten the package 'properties'"
    ) as e:
        load_claims()
    assert "no_such_module_six" in e.value.what
    assert "pip uninstall properties, then pip install --force-reinstall" in e.value.hint


# -- selection --------------------------------------------------------------------------------


@pytest.fixture
def two_papers(install: Any) -> None:
    install(
        "landscape-checker",
        {"a": "aaa2001", "b": "bbb2002"},
        aaa2001=source("theorem1", "theorem1_sharp", "lemma1"),
        bbb2002=source("theorem1"),
    )


@pytest.mark.usefixtures("two_papers")
def test_no_ids_select_everything() -> None:
    assert len(select([])) == 4


@pytest.mark.usefixtures("two_papers")
def test_an_exact_id_selects_one_claim() -> None:
    assert [c.id for c in select(["aaa2001.theorem1"])] == ["aaa2001.theorem1"]


@pytest.mark.usefixtures("two_papers")
def test_a_prefix_selects_a_paper() -> None:
    assert [c.id for c in select(["bbb2002", "aaa2001"])] == [
        "bbb2002.theorem1",
        "aaa2001.theorem1",
        "aaa2001.theorem1_sharp",
        "aaa2001.lemma1",
    ]


@pytest.mark.usefixtures("two_papers")
def test_a_claim_named_twice_is_selected_once() -> None:
    assert len(select(["bbb2002.theorem1", "bbb2002"])) == 1


@pytest.mark.usefixtures("two_papers")
@pytest.mark.parametrize(
    ("wanted", "suggestion"),
    [
        ("aaa2001.teorem1", "aaa2001.theorem1"),
        ("lemma1", "aaa2001.lemma1"),
        ("aaa201", "aaa2001"),
        ("AAA2001.LEMMA1", "aaa2001.lemma1"),
    ],
)
def test_an_unknown_id_gets_suggestions(wanted: str, suggestion: str) -> None:
    with pytest.raises(InputError, match=f"no claim '{wanted}'.*Did you mean.*{suggestion}"):
        select([wanted])


@pytest.mark.usefixtures("two_papers")
def test_a_hopeless_id_points_to_the_list() -> None:
    with pytest.raises(InputError, match="checker list"):
        select(["xyzzy!"])


# -- files ------------------------------------------------------------------------------------


def test_a_file_yields_its_claims_in_order(write: Any) -> None:
    path = write(source("second", "first"), header="")
    assert [c.id for c in load_file(path)] == ["mine.second", "mine.first"]


def test_a_file_is_run_once(write: Any) -> None:
    path = write(source("one"), header="")
    assert load_file(path)[0] is load_file(str(path))[0]


def test_files_of_the_same_name_stay_apart(write: Any) -> None:
    first = load_file(write(source("one"), header="", name="a/mine.py"))
    second = load_file(write(source("two"), header="", name="b/mine.py"))
    assert [c.id for c in first + second] == ["mine.one", "mine_2.two"]


def test_a_file_does_not_replace_a_real_module(write: Any) -> None:
    import json

    load_file(write(source("one"), header="", name="json.py"))
    assert sys.modules["json"] is json


def test_instances_of_a_file_can_be_pickled(write: Any) -> None:
    load_file(write(source("one")))
    pair = sys.modules["checker_files.mine"].Pair
    assert pickle.loads(pickle.dumps(pair(1.0, 2.0))).b == 2.0


def test_loading_leaves_no_cache_behind(write: Any) -> None:
    path = write(source("one"), header="")
    load_file(path)
    assert [p.name for p in path.parent.iterdir()] == ["mine.py"]


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file .*nowhere\.py"):
        load_file(tmp_path / "nowhere.py")


def test_a_file_that_is_not_python(write: Any) -> None:
    with pytest.raises(InputError, match=r"notes\.txt is not a Python file"):
        load_file(write("", name="notes.txt"))


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(InputError, match=r"cannot read .*folder\.py: Is a directory"):
        load_file(tmp_path / "folder.py")


def test_a_syntax_error_has_line_and_text(write: Any) -> None:
    with pytest.raises(InputError, match=r"mine\.py, line 2: .*: def f\(:"):
        load_file(write("x = 1\ndef f(:\n", header=""))


def test_an_exception_has_type_message_and_line(write: Any) -> None:
    with pytest.raises(InputError, match=r"mine\.py, line 2: ZeroDivisionError: division by zero"):
        load_file(write("x = 1\nx / 0\n", header=""))


def test_an_exception_below_an_import_has_the_line_in_the_file(write: Any) -> None:
    text = "import json\n\njson.loads('{')\n"
    with pytest.raises(InputError, match=r"mine\.py, line 3: JSONDecodeError"):
        load_file(write(text, header=""))


def test_a_bad_claim_keeps_its_explanation(write: Any) -> None:
    with pytest.raises(InputError, match=r"mine\.py, line \d+: .*unknown kind 'loose'.*tight"):
        load_file(write(source("one", kind="loose"), header=""))


def test_a_file_that_exits(write: Any) -> None:
    with pytest.raises(InputError, match=r"line 1: SystemExit: 0"):
        load_file(write("raise SystemExit(0)\n", header=""))


def test_a_file_that_failed_can_be_repaired(write: Any) -> None:
    with pytest.raises(InputError):
        load_file(write("1 / 0\n", header=""))
    assert [c.id for c in load_file(write(source("one"), header=""))] == ["mine.one"]


def test_a_file_without_claims(write: Any) -> None:
    with pytest.raises(InputError, match=r"no claims in .*mine\.py.*from checker import claim"):
        load_file(write("x = 1\n"))


def test_a_file_that_defines_an_id_twice(write: Any) -> None:
    text = source("one", id="a.b") + source("two", id="a.b")
    with pytest.raises(InputError, match=r"a\.b is defined twice by checker_files\.mine"):
        load_file(write(text, header=""))


def test_a_fault_of_a_formula_has_its_line(write: Any) -> None:
    path = write("def f():\n    return missing\n", source("one"), header="")
    load_file(path)
    with pytest.raises(NameError) as caught:
        sys.modules["checker_files.mine"].f()
    message = str(fault_in_files(caught.value, [path]))
    assert f"{path}, line 2: NameError: name 'missing' is not defined" in message


def test_a_fault_elsewhere_is_not_blamed_on_the_file(write: Any) -> None:
    path = write(source("one"), header="")
    assert fault_in_files(ValueError("ours"), [path]) is None
