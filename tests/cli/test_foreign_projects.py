"""Projects with packages of our names keep working, with ours installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from checker import errors
from landscape_checker import ours

ROOT = Path(__file__).parents[2]
NAMES = ("checker", "properties", "strategies")
COMMAND = "import sys; from landscape_checker.command import main; sys.exit(main())"
TESTS = """
import os
from checker.spelling import spell as first
from properties.spelling import spell as second
from strategies.spelling import spell as third

def test_mine():
    assert first() == second() == third() == "mine"
    assert "OMP_NUM_THREADS" not in os.environ
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A project with packages of all our names, and a test of its own."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "spelling.py").write_text("def spell():\n    return 'mine'\n")
    (tmp_path / "tests").mkdir()
    # pytest puts the folder of this file on sys.path.
    (tmp_path / "conftest.py").touch()
    (tmp_path / "tests" / "test_mine.py").write_text(TESTS)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours_set = ("PYTEST_", "OMP_", "OPENBLAS_", "MKL_", "COLUMNS")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours_set)}
    # After the folder itself, as where it is installed.
    environment["PYTHONPATH"] = os.pathsep.join((sysconfig.get_path("purelib"), str(ROOT)))
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return subprocess.run(
        # Without site, whose .pth files of an editable installation find missing modules of ours.
        [sys.executable, "-S", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


PLUGIN = ("-p", "landscape_checker.pytest_plugin")
# Of the two, only `python -m pytest` has the folder on sys.path from the beginning.
AS_MODULE = ("-m", "pytest")
AS_SCRIPT = ("-P", "-c", "import sys, pytest; sys.exit(pytest.main())")


@pytest.mark.parametrize(
    "arguments",
    [
        (*AS_MODULE, *PLUGIN),
        (*AS_SCRIPT, *PLUGIN),
        (*AS_MODULE, *PLUGIN, "-p", "xdist", "-n", "1"),
    ],
    ids=["module", "script", "workers"],
)
def test_their_tests_pass(foreign: Path, arguments: tuple[str, ...]) -> None:
    result = run(foreign, *arguments)
    assert "1 passed" in result.stdout, result.stdout + result.stderr
    assert result.returncode == 0


def test_the_fixture_says_whose_package_is_found(foreign: Path) -> None:
    (foreign / "tests" / "test_mine.py").write_text("def test_mine(check_claim):\n    pass\n")
    result = run(foreign, *AS_MODULE, *PLUGIN)
    assert f"check_claim cannot be used here: {foreign / 'checker'} is found" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert "pytest_plugin.py" not in result.stdout
    assert result.returncode == 1


def test_options_that_need_our_package_say_so(foreign: Path) -> None:
    result = run(foreign, *AS_MODULE, *PLUGIN, "--checker-profile", "dev")
    assert result.stderr.count("is found instead of the package 'checker'") == 1
    assert "Traceback" not in result.stderr
    assert result.returncode == pytest.ExitCode.USAGE_ERROR


def test_the_command_works_beside_a_folder_of_its_name(foreign: Path) -> None:
    # With -c the folder comes first on sys.path, as with PYTHONPATH=.
    result = run(foreign, "-c", COMMAND, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    result = run(foreign, "-c", COMMAND, "list")
    assert result.stderr.startswith(f"checker: {foreign / 'properties'} shadows the package")
    assert (result.returncode, result.stdout) == (2, "")
    (foreign / "properties").rename(foreign / "others")
    (foreign / "strategies").rename(foreign / "ways")
    assert run(foreign, "-c", COMMAND, "list").returncode == 0


def test_a_module_of_ours_is_ours() -> None:
    assert ours("errors") is errors


def test_the_installed_entry_points_have_a_name_of_their_own() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert 'landscape-checker = "landscape_checker.pytest_plugin"' in text
    assert 'checker = "landscape_checker.command:main"' in text
