"""Saved instances are found again by their names, wherever their modules have moved."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections import defaultdict
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from checker.claims.registry import load_claims
from checker.errors import InputError
from checker.instances import names
from checker.instances.codec import decode_instance, encode_instance
from checker.instances.names import CATALOGUE, class_named, name_of
from checker.report.replay import read_json, replay, saved_cases

CORPUS = sorted((Path(__file__).resolve().parents[2] / "ci" / "corpus").glob("*.json"))
# Written by `checker verify` when JSON still held the modules of classes, before these moved.
FORMER = Path(__file__).parent / "data" / "evidence_before_names.json"
CLAIMS = load_claims()


def _classes_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        here = {value[key] for key in ("class", "enum") if isinstance(value.get(key), str)}
        return here.union(*(_classes_in(v) for v in value.values()))
    return set().union(*(_classes_in(v) for v in value)) if isinstance(value, list) else set()


def test_the_corpus_holds_names_and_replays() -> None:
    assert len(CORPUS) >= 93
    for path in CORPUS:
        saved = json.loads(path.read_text())
        instance = decode_instance(saved["instance"])
        assert encode_instance(instance) == saved["instance"], path.name
        assert not any(":" in name for name in _classes_in(saved["instance"])), path.name


def test_evidence_of_the_former_layout_replays() -> None:
    content = read_json(FORMER)
    assert all(":" in name for name in _classes_in(content["claims"]))
    cases = list(saved_cases(content))
    assert len(cases) >= 7
    for identifier, case, saved in cases:
        replayed = replay(CLAIMS[identifier], case, saved)
        assert replayed.agrees, (identifier, case)
        assert not any(":" in x for x in _classes_in(encode_instance(replayed.witness.instance)))


def _is_saved(value: Any) -> bool:
    kind = isinstance(value, type)
    return kind and (dataclasses.is_dataclass(value) or issubclass(value, Enum))


def test_every_name_of_the_catalogue_means_one_class() -> None:
    homes = defaultdict(set)
    for module in list(sys.modules.values()):
        for value in vars(module).values() if module.__name__.startswith(CATALOGUE) else ():
            if _is_saved(value) and value.__module__.startswith(CATALOGUE):
                homes[value.__qualname__].add(value)
    assert len(homes) > 60
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
    assert all(class_named(name_of(c)) is c for found in homes.values() for c in found)


def test_a_renamed_class_is_found_by_its_former_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(names.FORMER, "Spot", "Point")
    assert class_named("Spot") is class_named("Point")
    assert class_named("checker.landscape.anywhere:Spot") is class_named("Point")


def test_a_name_that_means_two_classes_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    point = class_named("Point")
    assert point is not None
    twin = type("Point", (), {"__module__": "properties.shamir2018.theorems"})
    monkeypatch.setattr("properties.shamir2018.theorems.Point", twin, raising=False)
    with pytest.raises(InputError, match="Point names"):
        name_of(point)


@pytest.mark.parametrize(
    "name",
    ["os:_Environ", "Popen", "subprocess:Popen", "", ":", "Point:", "Point.__init__", "mine:Point"],
)
def test_other_names_mean_no_class_that_could_be_made(name: str) -> None:
    with pytest.raises(InputError, match=r"not loaded|not a dataclass"):
        decode_instance({"class": name, "fields": {}})
