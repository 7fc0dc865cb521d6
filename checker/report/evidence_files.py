"""A run in a folder: its evidence, and up to four files for each counterexample."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from checker.claims.verdict import Evidence, Verdict
from checker.explain.counterexample import explanation_of, markdown
from checker.instances import escapes
from checker.report.evidence import dumps, run_to_json, witness_to_json
from checker.report.pooled import pooled_to_json
from checker.report.provenance import Provenance
from checker.report.replay import POOLED
from checker.report.saving import EVIDENCE, STDOUT, cannot_write, save_text, write_text

REPORT = "report.html"

# Longer names are cut, in bytes: a file name may have 255, and ours end in `.counterexample.json`.
_LONGEST = 180


def save(
    evidence: Sequence[Evidence],
    seed: int,
    json_file: str | None,
    folder: str | None,
    files: Sequence[str] = (),
    provenance: Provenance | None = None,
) -> None:
    """Write the evidence to where it was asked for; "-" is standard output.

    `files` are the claim files of the run, which a replay needs.
    """
    if json_file is None and folder is None:
        return
    run = run_to_json(evidence, seed, files=files, provenance=provenance)
    if folder is not None:
        # Those of earlier runs, which must not stay beside evidence that knows better.
        for item in evidence:
            _remove_counterexample(item.claim.id, Path(folder))
    save_text(dumps(run), EVIDENCE, None, folder)
    for item in evidence if folder is not None else ():
        _save_counterexample(item, str(folder), files)
        _save_pooled(item, Path(str(folder)))
    # Last: standard output may take nothing.
    save_text(dumps(run), EVIDENCE, json_file, None)


def _save_pooled(item: Evidence, folder: Path) -> None:
    """The seeds of the experiments that refute a claim together, for `checker replay`."""
    pooled = item.tally.pooled
    if pooled is None or not pooled.refutes:
        return
    content = {"claim": item.claim.id, POOLED: pooled_to_json(pooled)}
    write_text(folder / counterexample_name(item.claim.id), dumps(content))


def _remove_counterexample(claim_id: str, folder: Path) -> None:
    path = folder / counterexample_name(claim_id)
    further = (path.with_suffix(suffix) for suffix in (".json", ".md", ".py"))
    for known in (*further, folder / theorem_name(claim_id)):
        try:
            known.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(known, error) from error


def _save_counterexample(item: Evidence, folder: str, files: Sequence[str]) -> None:
    """The case for `checker replay`, its report, and where these can be had script and theorem."""
    if item.counterexample is None or item.verdict is not Verdict.REFUTED:
        return
    path = Path(folder) / counterexample_name(item.claim.id)
    write_text(path, dumps(witness_to_json(item.counterexample, item.claim.id)))
    replay = replay_command(item.claim.id, None, folder, files)
    write_text(path.with_suffix(".md"), markdown(item, replay))
    explanation = explanation_of(item)
    if explanation.script is not None:
        write_text(path.with_suffix(".py"), explanation.script)
    if explanation.theorem.text is not None:
        write_text(path.with_name(theorem_name(item.claim.id)), explanation.theorem.text)


def file_stem(claim_id: str) -> str:
    """A name for files of a claim: of no other claim, and short enough, whatever its id is."""
    plain = re.sub(r"[^\w.-]", "_", claim_id)
    cut = plain.encode("utf-8")[:_LONGEST].decode("utf-8", "ignore")
    if cut == claim_id:
        return plain
    # No name without a plus has one, so these collide with none of the others either.
    digest = hashlib.sha256(claim_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{cut}+{digest[:16]}"


def report_path(folder: str, out: str | None, claim: str | None = None) -> Path:
    """Where the report of a folder goes, or that of one of its claims."""
    if out is not None:
        return Path(out)
    return Path(folder) / (REPORT if claim is None else f"{file_stem(claim)}.html")


def latex_path(folder: str, out: str | None, claim: str | None, latex: str) -> Path:
    """Where the LaTeX goes: to the file that was named, or beside the page of the same name."""
    page = report_path(folder, out, claim)
    return Path(latex) if latex else page.with_name(f"{page.name.removesuffix('.html')}.tex")


def counterexample_name(claim_id: str) -> str:
    """File name of a claim's counterexample."""
    return f"{file_stem(claim_id)}.counterexample.json"


def theorem_name(claim_id: str) -> str:
    """File name of a claim's refutation in Coq, which takes identifiers only: a.b is a__b.v."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", claim_id.replace(".", "__"))
    own = re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([_.][A-Za-z0-9]+)*", claim_id)
    if own and len(plain) < _LONGEST:
        return f"{plain}.v"
    digest = hashlib.sha256(claim_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"x_{plain[:_LONGEST]}___{digest[:16]}.v"


def replay_command(
    claim_id: str, json_file: str | None, folder: str | None, files: Sequence[str]
) -> str:
    """The command that replays a claim's counterexample, or how to save it first."""
    saved: str | Path | None = json_file if json_file != STDOUT else None
    if folder is not None:
        saved = Path(folder) / counterexample_name(claim_id)
    if saved is None:
        again = escapes.shell(["checker", "replay", "DIR/evidence.json", *files])
        return f"run again with --out DIR, then `{again}`"
    return escapes.shell(["checker", "replay", str(saved), *files])
