"""Evidence survives JSON without loss, and JSON cannot do anything but describe an instance."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from io import StringIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from checker.arithmetic.decide import CaseResult, Decision
from checker.claims.claim import Claim, claim
from checker.claims.text import slack_text
from checker.claims.verdict import Evidence, StratumCount, Tally, Verdict, Witness
from checker.errors import InputError
from checker.instances.codec import decode_instance, encode_instance
from checker.instances.rounding import exact_number
from checker.instances.text import exact_value, one_line, percent
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point
from checker.report.evidence import (
    claim_to_json,
    dumps,
    listing,
    merge_claims,
    run_to_json,
    witness_to_json,
)
from checker.report.terminal.console import make_console
from checker.report.terminal.run import print_run


class Colour(Enum):
    RED = 1


@dataclass(frozen=True)
class Inner:
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class Thing:
    numbers: Any = 0.0
    name: Any = "thing"
    inner: Any = Inner()

    @dataclass(frozen=True)
    class Nested:
        x: float = 0.5


@dataclass(frozen=True)
class Derived:
    x: float
    double: float = field(init=False, default=0.0)


@dataclass(frozen=True)
class Picky:
    x: float

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ZeroDivisionError("x below 0")


class NotADataclass:
    touched = False

    def __init__(self, **_: Any) -> None:
        NotADataclass.touched = True


# importlib mode gives test modules names of its own; decoding has to find the classes by them.
HERE = __name__


def through_json(instance: Any) -> Any:
    return decode_instance(json.loads(dumps(encode_instance(instance))))


def saved(**fields: Any) -> dict[str, Any]:
    return {"class": f"{HERE}:Thing", "fields": fields}


# -- instances --------------------------------------------------------------------------------


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=0, min_side=0),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_arrays_survive_bit_by_bit(values: Any) -> None:
    back = np.asarray(through_json(Thing(values)).numbers)
    assert back.shape == values.shape
    assert back.tobytes() == values.tobytes()


@pytest.mark.parametrize("x", [-0.0, 5e-324, 0.1, sys.float_info.max, np.float64(1 / 3)])
def test_floats_survive_bit_by_bit(x: float) -> None:
    assert float(through_json(Thing(x)).numbers).hex() == float(x).hex()


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        -(2**70),
        "text",
        (1.5, "a"),
        [2.5, None],
        Colour.RED,
        Inner(0.1),
        Thing.Nested(3.0),
    ],
)
def test_other_values_survive_with_their_type(value: Any) -> None:
    back = through_json(Thing(value)).numbers
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_integer_arrays_keep_their_type(dtype: str) -> None:
    back = through_json(Thing(np.array([[0, 1]], dtype=dtype))).numbers
    assert back.dtype == dtype
    assert back.tolist() == [[0, 1]]


def test_a_point_of_the_landscape_survives() -> None:
    eye = np.eye(1)
    point = Point(eye, eye[0], eye, eye[0], eye / 3, eye[0], LOSSES["pseudo_huber"])
    back = through_json(point)
    assert back.loss == point.loss
    assert back.V.tobytes() == point.V.tobytes()
    assert back.weights is None


def test_derived_fields_survive() -> None:
    thing = Derived(1.0)
    object.__setattr__(thing, "double", 3.0)
    assert through_json(thing).double == 3.0


def test_what_json_cannot_keep_is_refused() -> None:
    with pytest.raises(InputError, match=r"Thing\.name holds a function"):
        encode_instance(Thing(name=lambda: 0))


def test_complex_arrays_are_refused() -> None:
    with pytest.raises(InputError, match=r"Thing\.numbers holds an array of complex128"):
        encode_instance(Thing(np.zeros(2, dtype=complex)))


def test_only_dataclasses_are_instances() -> None:
    with pytest.raises(InputError, match="a int is not a dataclass"):
        encode_instance(3)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "NaN", "0x1p9999"])
@pytest.mark.parametrize("as_array", [True, False])
def test_numbers_that_are_not_finite_are_refused(text: str, as_array: bool) -> None:
    value = {"shape": [1], "hex": [text]} if as_array else {"float": text}
    with pytest.raises(InputError, match="field numbers"):
        decode_instance(saved(numbers=value))


def test_a_plain_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(InputError, match="field numbers holds inf"):
        decode_instance(saved(numbers=math.inf))


def test_a_decimal_is_not_taken_for_hexadecimal() -> None:
    with pytest.raises(InputError, match=r"'0\.1' where a number in hexadecimal must be"):
        decode_instance(saved(numbers={"float": "0.1"}))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"shape": [2], "hex": ["0x1p0"]}, r"1 entries, its shape \(2,\) needs 2"),
        ({"shape": [10**5], "hex": []}, "0 entries"),
        ({"shape": [10**15], "hex": []}, "not a list of at most 16 sizes"),
        ({"shape": [-1], "hex": []}, "not a list of at most 16 sizes"),
        ({"shape": "no", "hex": []}, "not a list of at most 16 sizes"),
        ({"shape": [0], "hex": None}, "no list of entries"),
        ({"shape": [1], "dtype": "object", "values": [1]}, "integers of a known type"),
        ({"shape": [1], "dtype": "uint8", "values": [300]}, "an integer beyond uint8"),
        ({"list": 3}, "where a list must be"),
        ({"anything": 1}, "which no instance is saved as"),
        ({"enum": f"{HERE}:Colour", "name": "BLUE"}, "has no member 'BLUE'"),
        ([1], "which no instance is saved as"),
    ],
)
def test_malformed_values_are_refused(value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode_instance(saved(numbers=value))


@pytest.mark.parametrize("content", [None, [], {"class": "x"}, "text", {}])
def test_what_is_no_instance_is_refused(content: Any) -> None:
    with pytest.raises(InputError, match="must be an object with the keys 'class' and 'fields'"):
        decode_instance(content)


def test_decoding_imports_nothing() -> None:
    assert "antigravity" not in sys.modules
    with pytest.raises(InputError, match="antigravity:fly is not loaded"):
        decode_instance({"class": "antigravity:fly", "fields": {}})
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize(
    "name", [f"{HERE}:Missing", f"{HERE}:Thing.Missing", "no_colon", ":", "os:path.join"]
)
def test_unknown_classes_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"is not loaded.*Name the FILE\.py"):
        decode_instance({"class": name, "fields": {}})


def test_a_class_name_has_to_be_text() -> None:
    with pytest.raises(InputError, match="5 is not a name of a class"):
        decode_instance({"class": 5, "fields": {}})


def test_classes_that_are_no_dataclasses_are_not_made() -> None:
    with pytest.raises(InputError, match="is not a dataclass"):
        decode_instance({"class": f"{HERE}:NotADataclass", "fields": {}})
    assert not NotADataclass.touched


def test_unknown_and_missing_fields_are_named() -> None:
    with pytest.raises(InputError, match="unknown 'y', missing 'x'"):
        decode_instance({"class": f"{HERE}:Derived", "fields": {"y": 1}})


def test_fields_have_to_be_an_object() -> None:
    with pytest.raises(InputError, match="are not an object but 3"):
        decode_instance({"class": f"{HERE}:Derived", "fields": 3})


def test_a_constructor_may_refuse() -> None:
    with pytest.raises(InputError, match=r"Picky refuses .* ZeroDivisionError: x below 0"):
        decode_instance({"class": f"{HERE}:Picky", "fields": {"x": -1.0}})


# -- evidence ---------------------------------------------------------------------------------


def a_claim(**settings: Any) -> Claim:
    settings = {"statement": "a >= b", "id": "paper.theorem", **settings}
    return claim(given=st.none(), **settings)(lambda at: at)


def witness(decision: Decision = Decision.HOLDS, slack: float = 0.25, **settings: Any) -> Witness:
    result = CaseResult(decision, "exact", 1.0, 0.75, slack, True)
    return Witness(settings.pop("instance", Thing(np.array([0.1, 2.0]))), result, "lattice", "n=1")


def evidence(verdict: Verdict = Verdict.STANDS, **settings: Any) -> Evidence:
    counts = {"lattice": StratumCount(90, 60), "tiny": StratumCount(10, 0)}
    tally = Tally(
        cases=100,
        nontrivial=60,
        excluded=3,
        decisions=Counter({"HOLDS": 100}),
        rungs=Counter({"float": 97, "ball": 2, "exact": 1}),
        strata=counts,
        tightest=settings.pop("tightest", witness()),
        oracle_checks=4,
        critical=Counter({"saddle": 2}),
    )
    own = settings.pop("claim", None) or a_claim()
    return Evidence(own, verdict, settings.pop("reason", ""), tally, 1.5, **settings)


def test_a_run_has_the_keys_of_the_schema() -> None:
    run = run_to_json([evidence()], 7)
    assert list(run) == ["schema", "seed", "versions", "interrupted", "files", "claims"]
    assert (run["schema"], run["seed"], run["interrupted"]) == (1, 7, False)
    assert set(run["versions"]) == {
        "python", "numpy", "python-flint", "hypothesis", "landscape-checker"
    }  # fmt: skip


def test_a_claim_has_its_counts() -> None:
    entry = run_to_json([evidence()], 0)["claims"][0]
    wanted = {
        "id": "paper.theorem",
        "of": None,
        "verdict": "STANDS",
        "expected": True,
        "reason": "",
        "cases": 100,
        "nontrivial": 60,
        "excluded": 3,
        "strata": {"lattice": 90, "tiny": 10},
        "strata_nontrivial": {"lattice": 60, "tiny": 0},
        "decisions": {"HOLDS": 100},
        "escalated": {"float": 97, "ball": 2, "exact": 1, "unproved": 0},
        "climbed": 0,
        "reached": None,
        "oracle_checks": 4,
        "critical": {"saddle": 2},
        "seconds": 1.5,
        "counterexample": None,
    }
    assert {key: entry[key] for key in wanted} == wanted


def test_a_witness_is_complete() -> None:
    entry = witness_to_json(witness(Decision.VIOLATED, -0.5), "paper.theorem")
    assert entry.pop("instance") == encode_instance(witness().instance)
    assert entry == {
        "claim": "paper.theorem",
        "decision": "VIOLATED",
        "guarantee": "exact",
        "unproved": None,
        "lhs": 1.0,
        "lhs_radius": None,
        "rhs": 0.75,
        "rhs_radius": None,
        "relative_slack": -0.5,
        "tight_bits": None,
        "stratum": "lattice",
        "origin": "n=1",
        "path": [],
    }


def test_numbers_that_are_not_finite_become_null() -> None:
    result = CaseResult(Decision.OUT_OF_RANGE, "ball", math.nan, math.inf, -math.inf, False)
    entry = json.loads(dumps(witness_to_json(Witness(Thing(), result, "", ""), "x")))
    assert (entry["lhs"], entry["rhs"], entry["relative_slack"]) == (None, None, None)


def test_an_instance_that_cannot_be_saved_does_not_lose_the_run() -> None:
    item = evidence(tightest=witness(instance=Thing(name=object())))
    tightest = json.loads(dumps(run_to_json([item], 0)))["claims"][0]["tightest"]
    assert tightest["instance"] is None
    assert "Thing.name holds a object" in tightest["not_saved"]
    assert tightest["relative_slack"] == 0.25


def test_a_violation_is_a_counterexample_only_of_a_refuted_claim() -> None:
    found = witness(Decision.VIOLATED, -0.5)
    refuted = claim_to_json(evidence(Verdict.REFUTED, counterexample=found))
    undecided = claim_to_json(evidence(Verdict.UNDECIDED, counterexample=found))
    assert refuted["counterexample"]["decision"] == "VIOLATED"
    assert refuted["candidate"] is None
    assert undecided["counterexample"] is None
    assert undecided["candidate"]["decision"] == "VIOLATED"


def test_an_interrupted_run_says_so() -> None:
    assert run_to_json([evidence(), evidence(interrupted=True)], 0)["interrupted"] is True


def test_merging_adds_counts_and_keeps_the_graver_verdict() -> None:
    refuted = evidence(
        Verdict.REFUTED, counterexample=witness(Decision.VIOLATED), tightest=witness(slack=0.125)
    )
    first, second = claim_to_json(evidence()), claim_to_json(refuted)
    for merged in (merge_claims(first, second), merge_claims(second, first)):
        assert (merged["verdict"], merged["expected"]) == ("REFUTED", False)
        assert (merged["cases"], merged["nontrivial"], merged["seconds"]) == (200, 120, 3.0)
        assert merged["strata"] == {"lattice": 180, "tiny": 20}
        assert merged["escalated"] == {"float": 194, "ball": 4, "exact": 2, "unproved": 0}
        assert merged["tightest"]["relative_slack"] == 0.125
        assert merged["counterexample"] is not None


def test_merging_prefers_a_known_slack() -> None:
    unknown = claim_to_json(evidence(tightest=witness(slack=math.nan)))
    known = claim_to_json(evidence())
    nothing = claim_to_json(evidence(tightest=None))
    assert merge_claims(unknown, known)["tightest"]["relative_slack"] == 0.25
    assert merge_claims(known, unknown)["tightest"]["relative_slack"] == 0.25
    assert merge_claims(nothing, known)["tightest"]["relative_slack"] == 0.25


def test_the_listing_has_the_keys_of_the_contract() -> None:
    entry = listing([a_claim(of="paper.other", why="too strong", kind="must-be-refuted")])[0]
    assert entry["id"] == "paper.theorem"
    assert entry["statement"] == "a >= b"
    assert (entry["kind"], entry["of"], entry["why"]) == (
        "must-be-refuted", "paper.other", "too strong"
    )  # fmt: skip
    assert (entry["paper"], entry["assumptions"]) == (None, [])


# -- text -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-3.0, "-3"),
        (0.375, "0.375"),
        (100.0, "100"),
        (0.1, "0x1.999999999999ap-4"),
        (2.0**60, "0x1p+60"),
        (math.nan, "nan"),
    ],
)
def test_numbers_are_shown_without_rounding(x: float, text: str) -> None:
    assert exact_number(x) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_shown_numbers_are_the_numbers(x: float) -> None:
    text = exact_number(x)
    assert (float.fromhex(text) if "0x" in text else float(text)) == x


def test_values_are_shown_as_nested_lists() -> None:
    assert exact_value(np.array([[1.0, 0.5], [0.0, -2.0]])) == "[[1, 0.5], [0, -2]]"
    assert exact_value((1.0, None, Inner(0.25))) == "[1, None, Inner(scale=0.25)]"
    assert exact_value(Colour.RED) == "RED"


def test_large_arrays_are_shown_by_their_shape() -> None:
    assert exact_value(np.zeros((30, 3))) == "array of shape (30, 3)"


def test_one_line_is_cut() -> None:
    assert one_line(Thing(1.0)) == "numbers=1 name=thing inner=Inner(scale=1)"
    assert len(one_line(Thing(np.zeros(59)), limit=40)) == 40


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0"), (10, 10, "100"), (1, 10**6, "<1"), (10**6 - 1, 10**6, ">99"), (0, 0, "-")],
)
def test_percentages_are_0_or_100_only_exactly(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


def test_a_slack_of_0_is_equality_only_where_it_was_proved() -> None:
    assert slack_text(witness(Decision.EQUAL, 0.0).result) == "0 (equality proved)"
    assert slack_text(witness(Decision.TIGHT, 0.0).result) == "unknown, near 0"
    assert slack_text(witness(slack=3.1e-5).result) == "3.1e-05"
    assert slack_text(witness(slack=math.nan).result) == "unknown"
    assert slack_text(None) == "-"


# -- terminal ---------------------------------------------------------------------------------


def printed(*items: Evidence, width: int = 80) -> str:
    stream = StringIO()
    console = make_console(stream)
    console.width = width
    print_run(console, items, lambda name: f"checker replay {name}.json")
    return stream.getvalue()


def test_a_standing_claim_is_one_row_and_its_coverage() -> None:
    text = printed(evidence())
    rows = [line.split() for line in text.splitlines()]
    assert ["paper.theorem", "STANDS", "100", "60", "97/2/1", "2.5e-01", "1.5"] in rows
    assert Verdict.STANDS.value in text
    assert "2 strata, 10 to 90 cases each; the bound is trivial throughout: tiny" in text
    assert "saddle      2" in text


def test_a_refuted_claim_is_shown_to_be_checked_by_hand() -> None:
    found = witness(Decision.VIOLATED, -0.5)
    text = printed(evidence(Verdict.REFUTED, reason="violated in lattice", counterexample=found))
    lines = [line.strip() for line in text.splitlines()]
    assert "paper.theorem: REFUTED" in lines
    assert "statement: a >= b" in lines
    assert "numbers   = [0x1.999999999999ap-4, 2]" in lines
    assert "lhs       = 1" in lines
    assert "rhs       = 0.75" in lines
    assert "guarantee = exact" in lines
    assert "replay: checker replay paper.theorem.json" in lines


@pytest.mark.parametrize("verdict", [Verdict.UNDECIDED, Verdict.VACUOUS, Verdict.ORACLE_BROKEN])
def test_an_open_question_has_its_reason(verdict: Verdict) -> None:
    text = printed(evidence(verdict, reason="so it happened"))
    assert f"paper.theorem: {verdict.name}\nso it happened\n" in text


def test_controls_have_a_table_of_their_own() -> None:
    control = a_claim(
        id="paper.fake", kind="must-be-refuted", of="paper.theorem", why="it is too strong"
    )
    found = witness(Decision.VIOLATED, -0.5)
    text = printed(evidence(Verdict.REFUTED, claim=control, counterexample=found))
    assert "False neighbours, which the search has to refute" in text
    assert "refuted after  it is too strong" in text
    assert "100 cases" in text
    assert "statement:" not in text
    assert "survived" not in text


def test_a_surviving_control_is_an_alarm() -> None:
    control = a_claim(id="paper.fake", kind="must-be-refuted", of="paper.theorem")
    text = printed(evidence(claim=control))
    assert "false neighbour paper.fake survived: do not trust STANDS for paper.theorem" in text


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_and_keep_ids_whole(width: int) -> None:
    long = a_claim(id="shamir2018.theorem2_eigenvalue")
    equal = witness(Decision.EQUAL, 0.0)
    text = printed(evidence(claim=long, tightest=equal), width=width)
    table = text.split("\n\n")[0]
    assert max(len(line) for line in table.splitlines()) <= width
    whole = "shamir2018.theorem2_eigenvalue" if width > 100 else " .theorem2_eigenvalue"
    assert f"\n{whole} " in table


def test_what_looks_like_markup_is_printed() -> None:
    text = printed(evidence(Verdict.VACUOUS, reason="strata not reached: [bold] :smile:"))
    assert "strata not reached: [bold] :smile:" in text


def test_long_lines_are_not_broken_in_a_pipe() -> None:
    statement = "x " * 200
    text = printed(evidence(Verdict.VACUOUS, claim=a_claim(statement=statement)))
    assert f"statement: {statement.strip()}" in text


def test_nothing_in_a_pipe_is_coloured() -> None:
    assert "\x1b" not in printed(evidence(), evidence(Verdict.VACUOUS))
