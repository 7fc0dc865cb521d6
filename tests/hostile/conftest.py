"""Mutations of files that the checker reads, by a seed: the same inputs in every run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker.cli import main

Rng = np.random.Generator

# Deeper than Python's stack, so it exists as text only.
DEEP, DEEP_TEXT = "@deep", '{"tuple": [' * 350 + "1" + "]}" * 350

# What breaks readers: other types, numbers beyond floats or int64, texts that are no text, depth.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2, 10**30, -(10**30), 10**400, 0.5, -0.5, 1e308, -1e308, 5e-324),
    *("", "x", "0x1p0", "0x1p9999", "nan", "1/0", "1e999999999", "\ud800", "\x1b[2J\u202e", "\0"),
    *("<script>", "$\\bad{", "a" * 5000, "os:path", "VIOLATED", "STANDS", "../../x"),
    *([], {}, [[]], [None], [True], [10**30, 0], [1] * 65, {"float": "0x1p9999"}, DEEP),
    *({"list": 3}, {"class": "os:stat_result", "fields": {}}, {"enum": "enum:Enum", "name": []}),
    *({"shape": [True], "hex": ["0x1p0"]}, {"shape": [10**30, 0], "hex": []}),
    *({"shape": [1] * 65, "hex": ["0x1p0"]}, {"shape": [10**4000, 10**4000], "hex": []}),
    *({"shape": [1], "dtype": "uint8", "values": [300]}, {"a": {"ratio": "1", "radicand": "-1"}}),
)


def copied(content: Any) -> Any:
    return json.loads(json.dumps(content))


def dumped(content: Any) -> str:
    return json.dumps(content).replace(f'"{DEEP}"', DEEP_TEXT)


def places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key of it."""
    if isinstance(content, dict | list):
        for key in list(content) if isinstance(content, dict) else range(len(content)):
            yield content, key
            yield from places(content[key])


def mutated(content: Any, rng: Rng) -> Any:
    """The same with one to three values replaced, exchanged, doubled or deleted."""
    content = copied(content)
    for _ in range(rng.integers(1, 4)):
        found = list(places(content))
        if not found:
            return content
        (place, key), (other, name) = (found[i] for i in rng.integers(len(found), size=2))
        kind = rng.integers(6)
        if kind == 0:
            del place[key]
        elif kind == 1 and isinstance(place, list):
            place.append(copied(place[key]))
        elif kind == 2:
            place[key] = copied(other[name])
        else:
            place[key] = copied(VALUES[rng.integers(len(VALUES))])
    return content


def mutated_bytes(content: bytes, rng: Rng) -> bytes:
    """The same with some bytes replaced, inserted, deleted or cut off."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        at, kind = int(rng.integers(len(data) + 1)), rng.integers(5)
        if kind == 0:
            del data[at : at + int(rng.integers(1, 9))]
        elif kind == 1:
            data[at:at] = bytes(rng.integers(0, 256, rng.integers(1, 5), dtype=np.uint8))
        elif kind == 2:
            data[at : at + 1] = (b'"', b",", b"\n", b"1e999", b"-", b"NaN", b"\xff", b"{", b"]")[
                rng.integers(9)
            ]
        elif kind == 3 and rng.integers(4) == 0:
            del data[at:]
        else:
            data[at:at] = data[at : at + int(rng.integers(1, 40))]
    return bytes(data)


@pytest.fixture
def tries(request: pytest.FixtureRequest, nightly: bool) -> Callable[[int], Iterator[Rng]]:
    """A generator of random numbers for each of n inputs, 25 n of them in the profile nightly.

    Without it two fifths of n.

    How many were tried is a property of the test, for `--junitxml`.
    """

    def made(n: int) -> Iterator[Rng]:
        total = 25 * n if nightly else -(-2 * n // 5)
        request.node.user_properties.append(("inputs tried", total))
        for seed in range(total):
            yield np.random.default_rng(seed)

    return made


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., int]:
    """Run a command line; whatever it reads, it ends with a verdict or one clean message."""

    def run(*arguments: object) -> int:
        status = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err, err
        assert "internal error" not in err
        assert status in (0, 1, 2, 3)
        assert err.startswith("checker: ") == (status == 2)
        assert not (out and status == 2)
        # Nothing that a file says acts on the terminal.
        assert "\x1b" not in out + err
        return status

    return run


def write_json(path: Path, content: Any, rng: Rng) -> None:
    """A mutated document: mostly its values, sometimes its bytes."""
    if rng.integers(4):
        path.write_text(dumped(mutated(content, rng)), encoding="utf-8")
    else:
        path.write_bytes(mutated_bytes(json.dumps(content).encode(), rng))
