"""A CSV file becomes a sample, or one sentence that says what is wrong with it and where."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from checker.errors import InputError
from checker.landscape.data import DATASETS, load_csv, load_dataset

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "points.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def packaged(filename: str) -> bytes:
    return (resources.files("checker.landscape") / "datasets" / filename).read_bytes()


def test_reads_features_in_file_order(write: Write) -> None:
    sample = load_csv(write("b,label,a\n1,5,2\n3,6,4e-1\n"), "label")
    assert sample.X.tolist() == [[1.0, 2.0], [3.0, 0.4]]


def test_reads_the_target(write: Write) -> None:
    assert load_csv(write("b,label,a\n1,5,2\n3,6,4\n"), "label").y.tolist() == [5.0, 6.0]


def test_names_the_sample_after_the_file(write: Write) -> None:
    assert load_csv(write("a,b\n1,2\n"), "b").name == "points"


def test_accepts_a_path_as_text(write: Write) -> None:
    assert load_csv(str(write("a,b\n1,2\n")), "b").n == 1


def test_ignores_a_byte_order_mark(write: Write) -> None:
    assert load_csv(write("\ufeffb,a\n1,2\n"), "b").y.tolist() == [1.0]


def test_ignores_blank_lines(write: Write) -> None:
    assert load_csv(write("a,b\n\n1,2\n  \n3,4\n\n"), "b").n == 2


def test_ignores_blanks_around_cells(write: Write) -> None:
    assert load_csv(write("a, b\n1, 2 \n"), "b").y.tolist() == [2.0]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_reads_every_line_end(write: Write, line_end: str) -> None:
    content = line_end.join(["a,b", "1,2", "3,4", ""])
    assert load_csv(write(content), "b").y.tolist() == [2.0, 4.0]


def test_two_texts_become_minus_and_plus_one_in_sorted_order(write: Write) -> None:
    assert load_csv(write("a,b\n1,yes\n2,no\n3,yes\n"), "b").y.tolist() == [1.0, -1.0, 1.0]


def test_two_numbers_stay_as_they_are(write: Write) -> None:
    assert load_csv(write("a,b\n1,0\n2,1\n"), "b").y.tolist() == [0.0, 1.0]


def test_a_label_map_replaces_the_labels(write: Write) -> None:
    path = write("a,b\n1,low\n2,mid\n3,high\n")
    sample = load_csv(path, "b", {"low": 0.0, "mid": 0.5, "high": 1.0})
    assert sample.y.tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("a,b\n", "has a header but no rows"),
        ("1,2\n3,4\n", "has no header: its first row is '1', '2'"),
        ("a,,b\n1,2,3\n", "column 2 .* has no name"),
        ("a,b,a\n1,2,3\n", "more than one column called 'a'"),
        ("a,b\n1,2\n1\n", r"row 2 \(line 3\) .* has 1 cells.*header has 2"),
        ("a,b\n1,2,3\n", r"row 1 \(line 2\) .* has 3 cells"),
        ("b\n1\n", "no column besides 'b'"),
        ("a,b\n1,2\n\nx,2\n", r"'x' is not a number in row 2 \(line 4\), column 'a'"),
        ("a,b\n1,2\n,2\n", r"empty cell in row 2 \(line 3\), column 'a'"),
        ("a,b\n1,2\n,\n", r"empty cell in row 2 \(line 3\), column 'a'"),
        ("a,b\n1_0,2\n", "'1_0' is not a number"),
        ("a,b\nnan,2\n", "'nan' is not a finite number in row 1"),
        ("a,b\n1,-inf\n", "'-inf' is not a finite number in row 1 .* column 'b'"),
        ("a,b\n1e999,2\n", "'1e999' is not a finite number"),
        ("a,b\n1,2\n1,x\n", r"'x' is not a number in row 2 \(line 3\), column 'b'"),
        ("a,b\n1,\n2,x\n", "empty cell in row 1 .* column 'b'"),
        ("a,b\n1,x\n1,y\n1,z\n", "3 distinct values: 'x', 'y', 'z'.*label_map"),
        ("a,b\n1,x\n", "1 distinct values: 'x'"),
        ('a,b\n"1,2\n', "line 2 .* is not valid CSV"),
    ],
)
def test_refuses_a_broken_file(write: Write, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_csv(write(content), "b")


def test_lists_the_columns_when_the_target_is_absent(write: Write) -> None:
    with pytest.raises(InputError, match=r"no column 'q'.*Its columns are 'height', 'weight'"):
        load_csv(write("height,weight\n1,2\n"), "q")


def test_counts_the_columns_it_does_not_list(write: Write) -> None:
    header = ",".join(f"x{i}" for i in range(45))
    with pytest.raises(InputError, match="'x39' and 5 more"):
        load_csv(write(f"{header}\n{header}\n"), "q")


@pytest.mark.parametrize("target", ["wieght", "WEIGHT"])
def test_suggests_the_closest_column(write: Write, target: str) -> None:
    with pytest.raises(InputError, match=r"Did you mean 'weight'\?"):
        load_csv(write("height,weight\n1,2\n"), target)


def test_suspects_another_separator(write: Write) -> None:
    with pytest.raises(InputError, match="something else than a comma"):
        load_csv(write("a;b\n1;2\n"), "b")


def test_refuses_a_label_that_is_not_in_the_map(write: Write) -> None:
    with pytest.raises(InputError, match=r"unknown label 'y' in row 2 .*label map has 'x'"):
        load_csv(write("a,b\n1,x\n2,y\n"), "b", {"x": 1.0})


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file .*absent\.csv"):
        load_csv(tmp_path / "absent.csv", "b")


def test_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*: Is a directory"):
        load_csv(tmp_path, "b")


def test_refuses_an_impossible_path() -> None:
    with pytest.raises(InputError, match=r"cannot read .*null byte"):
        load_csv("a\0b", "b")


def test_refuses_another_encoding(write: Write) -> None:
    with pytest.raises(InputError, match="is not UTF-8: byte 0xfc at 1"):
        load_csv(write("gün,b\n1,2\n".encode("latin-1")), "b")


@pytest.mark.parametrize("name", DATASETS)
def test_data_set_has_the_stated_checksum_and_size(name: str) -> None:
    dataset = DATASETS[name]
    content = packaged(dataset.filename)
    digest = hashlib.sha256(content).hexdigest()
    row = (
        f"| `{dataset.filename}` | {dataset.n} | {dataset.d} | `{dataset.target}`"
        f" | {len(content)} | `{digest}` |"
    )
    assert row in packaged("README.md").decode()


@pytest.mark.parametrize("name", DATASETS)
def test_data_set_has_the_declared_shape(name: str) -> None:
    sample = load_dataset(name)
    assert (sample.n, sample.d) == (DATASETS[name].n, DATASETS[name].d)


@pytest.mark.parametrize("name", DATASETS)
def test_data_set_carries_its_name(name: str) -> None:
    assert load_dataset(name).name == name


@pytest.mark.parametrize("name", DATASETS)
def test_data_set_is_written_as_shortest_floats(name: str) -> None:
    numbers = re.findall(r"(?<=[,\n])[-.e\d]+(?=[,\n])", packaged(DATASETS[name].filename).decode())
    assert [n for n in numbers if n != repr(float(n)).removesuffix(".0")] == []


@pytest.mark.parametrize("name", DATASETS)
def test_data_set_features_are_standardised(name: str) -> None:
    X = load_dataset(name).X
    np.testing.assert_allclose(
        [X.mean(axis=0), X.var(axis=0)], [[0] * X.shape[1], [1] * X.shape[1]], atol=1e-12
    )


def test_regression_target_is_standardised() -> None:
    y = load_dataset("diabetes").y
    np.testing.assert_allclose([y.mean(), y.var()], [0.0, 1.0], atol=1e-12)


def test_malignant_is_plus_one() -> None:
    y = load_dataset("breast_cancer").y
    assert [(y == -1).sum(), (y == 1).sum()] == [357, 212]


def test_diabetes_is_the_raw_version() -> None:
    first = packaged("diabetes.csv").decode().splitlines()[1]
    assert first == "59,2,32.1,101,157,93.2,38,4,4.8598,87,151"


def test_progression_spans_the_stated_range() -> None:
    rows = packaged("diabetes.csv").decode().splitlines()[1:]
    progression = [float(row.split(",")[-1]) for row in rows]
    assert (min(progression), max(progression)) == (25, 346)


def test_lists_the_data_sets_when_the_name_is_unknown() -> None:
    with pytest.raises(InputError, match=r"no data set 'diabtes'.*'diabetes', 'breast_cancer'"):
        load_dataset("diabtes")
