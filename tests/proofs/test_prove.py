"""`checker prove`: nothing is PROVED that Coq did not prove of this claim's own formula.

What needs Coq is skipped where coqc is not installed; `.ci/run` installs it.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.claims.claim import Claim
from checker.claims.registry import load_claims
from checker.cli import main
from checker.landscape.residual_unit.one_output import Point
from checker.proofs.bridge import Size
from checker.proofs.coq import Coq, NotProved, axioms_in
from checker.proofs.prove import NO_PROOF, NOT_PROVED, PROVED, Result, prove
from checker.proofs.reviewed import require_reviewed
from checker.proofs.table import Proof, installed_proofs

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="coqc is not installed: apt-get install coq"
)

SMALL, LARGEST = (Size((1, 1, 1)),), (Size((2, 2, 2)),)
TRUE = "Theorem bound : True.\nProof. exact I. Qed.\n"


def own(folder: Path, text: str, claim: str = "mine.bound") -> Proof:
    """A proof beside a file of one's own."""
    (folder / "Mine.v").write_text(text)
    return Proof(claim, "own.Mine.bound", folder=folder)


def proved(claim: Claim, proof: Proof | None, **options: Any) -> Result:
    """The result for one claim."""
    (result,) = prove([(claim, proof)], **options).results
    return result


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    return load_claims()


@pytest.fixture(scope="module")
def proofs() -> dict[str, Proof]:
    return installed_proofs()


@pytest.fixture
def lemma1(claims: dict[str, Claim]) -> Claim:
    return claims["shamir2018.lemma1"]


def at_one_size(proof: Proof, sizes: tuple[Size, ...] = SMALL) -> Proof:
    assert proof.bridge is not None
    return replace(proof, bridge=replace(proof.bridge, sizes=sizes))


@pytest.fixture(scope="module")
def coq(tmp_path_factory: pytest.TempPathFactory) -> Coq:
    """One for several tests: what it has compiled, and answered, it does not compile again."""
    return Coq(tmp_path_factory.mktemp("coq"))


@pytest.fixture
def compiled_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("coqc") is not None:
        shared = request.getfixturevalue("coq")
        monkeypatch.setattr("checker.proofs.prove.Coq", lambda *_: shared)


# -- coqc itself -----------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put another coqc first on PATH."""

    def put(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        file = folder / "coqc"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    return put


def test_missing_coqc_is_bad_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["prove", "shamir2018.lemma1"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "coqc is not installed" in shown.err
    assert "apt-get install coq" in shown.err


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -9 $$", "killed by signal 9"),
        ("exec sleep 30", "stopped after"),
        ("exit 0", "did not answer"),
        ("echo 'Error: no' >&2; exit 1", "no"),
    ],
)
def test_coqc_that_does_not_finish_proves_nothing(
    script: str, reason: str, program: Any, tmp_path: Path, lemma1: Claim
) -> None:
    program(f'test "$1" = --version && exit 0\n{script}')
    result = proved(lemma1, own(tmp_path, TRUE), seconds=0.5)
    assert result.verdict == NOT_PROVED
    assert reason in result.reason


# -- what a proof must not rest on -----------------------------------------------------------------


@needs_coq
def test_a_proof_of_ones_own(tmp_path: Path, lemma1: Claim) -> None:
    result = proved(lemma1, own(tmp_path, TRUE))
    assert (result.verdict, result.axioms, result.bridged) == (PROVED, (), None)
    assert result.statement.endswith(": True")


@needs_coq
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Theorem bound : 0 = 1.\nProof. Admitted.\n", "it assumes Mine.bound"),
        pytest.param(
            "Axiom no : 0 = 1.\nTheorem bound : 0 = 1.\nProof. exact no. Qed.\n",
            "it assumes ",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            "Parameter bound : 0 = 1.\n", "it assumes Mine.bound", marks=pytest.mark.nightly
        ),
        (
            "Unset Guard Checking.\nFixpoint bound (n : nat) : 0 = 1 := bound n.\n",
            "it rests on more than axioms",
        ),
        ("Theorem bound : 0 = 1.\nProof. reflexivity. Qed.\n", "line 2"),
        pytest.param(
            "Theorem other : True.\nProof. exact I. Qed.\n", "not found", marks=pytest.mark.nightly
        ),
        ("From own Require Import Missing.\n", "there is no proof"),
        ("From own Require Import Mine.\n" + TRUE, "requires itself"),
    ],
)
def test_what_is_not_proved(text: str, reason: str, tmp_path: Path, lemma1: Claim) -> None:
    result = proved(lemma1, own(tmp_path, text))
    assert result.verdict == NOT_PROVED
    assert reason in result.reason


@needs_coq
def test_a_file_called_like_the_library_lends_no_good_name(tmp_path: Path, lemma1: Claim) -> None:
    """Coq prints its axiom as ClassicalDedekindReals.sig_forall_dec, like the library's."""
    text = "Axiom sig_forall_dec : 0 = 1.\nDefinition bound := sig_forall_dec.\n"
    (tmp_path / "ClassicalDedekindReals.v").write_text(text)
    proof = Proof(lemma1.id, "own.ClassicalDedekindReals.bound", folder=tmp_path)
    assert proved(lemma1, proof).verdict == NOT_PROVED


@needs_coq
def test_a_proof_cannot_print_the_answer(tmp_path: Path, lemma1: Claim) -> None:
    """Coq's answers are read from files of their own."""
    fake = 'Redirect "axioms" Print nat.\nAxiom no : 0 = 1.\nDefinition bound := no.\n'
    assert proved(lemma1, own(tmp_path, fake)).verdict == NOT_PROVED


def test_only_known_words_are_axioms() -> None:
    assert axioms_in("Closed under the global context\n") == []
    assert axioms_in("Axioms:\na.b : x\n  y\nc\n  : z\n") == ["a.b", "c"]
    for answer in ("", "Axioms:\nf is assumed to be guarded.\n", "Theory: type in type\n"):
        with pytest.raises(NotProved):
            axioms_in(answer)


# -- what was reviewed -----------------------------------------------------------------------------


def test_a_changed_file_is_not_the_reviewed_one(proofs: dict[str, Proof]) -> None:
    with pytest.raises(NotProved, match="not the file that was reviewed"):
        require_reviewed(proofs["shamir2018.lemma1"], {"proofs/Sums.v": "0" * 64})


def test_another_theorem_is_not_the_reviewed_one(proofs: dict[str, Proof]) -> None:
    other = replace(proofs["shamir2018.lemma1"], theorem=proofs["shamir2018.theorem1"].theorem)
    with pytest.raises(NotProved, match="is not what was reviewed"):
        require_reviewed(other, {})


@needs_coq
def test_a_changed_file_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lemma1: Claim
) -> None:
    """A package whose proof was edited after the review, into one that Coq accepts."""
    (tmp_path / "mini_proofs" / "proofs").mkdir(parents=True)
    (tmp_path / "mini_proofs" / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    proof = Proof(lemma1.id, "mini_proofs.proofs.Mine.bound")
    file = proof.source(proof.module)
    file.write_text(TRUE)
    digest = proved(lemma1, proof, reviewed=False).files["proofs/Mine.v"]
    known = {"files": {"proofs/Mine.v": digest}, "theorems": {lemma1.id: proof.theorem}}
    (file.parent / "reviewed.json").write_text(json.dumps(known))
    assert proved(lemma1, proof).verdict == PROVED
    file.write_text(TRUE.replace("True", "0 = 0").replace("I.", "eq_refl."))
    assert proved(lemma1, proof, reviewed=False).verdict == PROVED
    changed = proved(lemma1, proof)
    assert changed.verdict == NOT_PROVED
    assert "not the file that was reviewed" in changed.reason


# -- the bridge ------------------------------------------------------------------------------------

BRIDGED = (
    "lemma1",
    "theorem1",
    "theorem1_sharp",
    "theorem2_eigenvalue",
    "theorem2",
    "theorem2_sharp",
)

# The profile `nightly` takes all of them, and all false neighbours.
FEW = ("lemma1", "theorem1")
BROKEN = (
    "lemma1.lower_by_1e-6",
    "lemma1.no_convexity",
    "lemma1.wrong_subgradient",
    "theorem1.gradient_in_w_only",
)


@needs_coq
@pytest.mark.usefixtures("compiled_once")
@pytest.mark.parametrize("keys", [FEW, pytest.param(BRIDGED, marks=pytest.mark.nightly)])
def test_formulas_follow_from_their_theorems(
    keys: Sequence[str], claims: dict[str, Claim], proofs: dict[str, Proof]
) -> None:
    ids = [f"shamir2018.{key}" for key in keys]
    run = prove([(claims[i], at_one_size(proofs[i])) for i in ids])
    assert [(r.claim, r.verdict, r.reason) for r in run.results] == [(i, PROVED, "") for i in ids]
    assert all(r.bridged for r in run.results)


def break_all(
    neighbours: Sequence[Claim], proofs: dict[str, Proof], sizes: tuple[Size, ...]
) -> list[Result]:
    """Each false neighbour with the proof of the claim that it distorts: the theorem holds."""
    pairs = [(c, at_one_size(proofs[str(c.of)], sizes)) for c in neighbours]
    results = list(prove(pairs).results)
    assert all(r.axioms for r in results)
    return results


@needs_coq
@pytest.mark.usefixtures("compiled_once")
def test_false_neighbours_break_the_bridge(
    claims: dict[str, Claim], proofs: dict[str, Proof]
) -> None:
    results = break_all([claims[f"shamir2018.{key}"] for key in BROKEN], proofs, SMALL)
    assert [r.verdict for r in results] == [NOT_PROVED] * len(BROKEN)


@needs_coq
@pytest.mark.nightly
@pytest.mark.usefixtures("compiled_once")
def test_every_false_neighbour_breaks_the_bridge(
    claims: dict[str, Claim], proofs: dict[str, Proof]
) -> None:
    of = {f"shamir2018.{key}" for key in BRIDGED}
    false = [c for c in claims.values() if c.of in of and c.must_be_refuted]
    assert [r.claim for r in break_all(false, proofs, LARGEST) if r.verdict != NOT_PROVED] == []


@needs_coq
@pytest.mark.usefixtures("compiled_once")
def test_a_fault_in_the_code_breaks_the_bridge(
    claims: dict[str, Claim], proofs: dict[str, Proof], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gradient is the checker's own: with b halved the formula of Theorem 1 is another one."""
    honest = Point.b.func  # type: ignore[attr-defined]
    monkeypatch.setattr(Point, "b", property(lambda self: honest(self) / 2))
    identifier = "shamir2018.theorem1"
    result = proved(claims[identifier], at_one_size(proofs[identifier]))
    assert result.verdict == NOT_PROVED
    assert "question.v" in result.reason


# By day test_fresh.py says that all files are those that were accepted and reviewed.
@needs_coq
@pytest.mark.nightly
def test_every_file_is_accepted(coq: Coq, proofs: dict[str, Proof]) -> None:
    """With the examples, which show that no theorem is about nothing."""
    root = proofs["shamir2018.lemma1"].root
    for file in root.rglob("*.v"):
        module = ".".join(["properties", *file.relative_to(root).with_suffix("").parts])
        coq.compiled(module, {"properties": root})
    assert "properties.shamir2018.proofs.Examples" in coq.sources


# -- the command -----------------------------------------------------------------------------------

MINE = """
from checker.claims.claim import claim
from hypothesis import strategies as st

@claim(given=st.nothing(), id="shamir2018.theorem3")
def bound(at):
    return at.x >= 1
"""


@needs_coq
def test_no_proof_is_known_of_what_only_has_the_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    assert main(["prove", f"{file}::bound", "--json", "-"]) == 3
    (result,) = json.loads(capsys.readouterr().out)["proofs"]
    assert result["verdict"] == NO_PROOF


@needs_coq
def test_a_claim_and_its_proof_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Mine.v").write_text(TRUE)
    file = tmp_path / "mine_proved.py"
    file.write_text(
        MINE
        + "from pathlib import Path\nfrom checker.proofs.table import Proof\n"
        + "PROOF = Proof(bound.id, 'own.Mine.bound', folder=Path(__file__).parent)\n"
    )
    assert main(["prove", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "PROVED" in shown
    assert "bound" in shown


@needs_coq
def test_false_neighbours_have_no_proof(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "shamir2018.theorem1.no_skip_connection"]) == 3
    assert NO_PROOF in capsys.readouterr().out
    assert main(["prove", "shamir2018.theorem1.no_V_term"]) == 3
    assert PROVED not in capsys.readouterr().out.replace(NOT_PROVED, "")


@pytest.mark.parametrize(
    "arguments", [["shamir2018.theorem"], ["nowhere.py"], ["shamir2018.lemma1", "--seconds", "0"]]
)
def test_bad_input(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["prove", *arguments])
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == 2
    assert "Traceback" not in capsys.readouterr().err
