"""Samples from CSV files and from the two data sets that ship with the checker."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import numpy as np

from checker.errors import InputError
from checker.landscape.sample import Sample, standardise

_SHOWN = 40  # how many names an error message lists before it only counts them


@dataclass(frozen=True)
class Dataset:
    """What is known about a shipped data set; datasets/README.md says where it comes from.

    Parameters
    ----------
    filename
        The CSV file in the package folder ``checker/landscape/datasets``.
    target
        Name of the label column; every other column is a feature.
    regression
        Whether the label is a quantity to standardise rather than a class -1/+1.
    n, d
        Numbers of rows and of features.
    """

    filename: str
    target: str
    regression: bool
    n: int
    d: int


DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        "diabetes": Dataset("diabetes.csv", target="progression", regression=True, n=442, d=10),
        "breast_cancer": Dataset(
            "breast_cancer.csv", target="diagnosis", regression=False, n=569, d=30
        ),
    }
)


def load_dataset(name: str) -> Sample:
    """Load a shipped data set: standardised features, labels standardised or -1/+1.

    Parameters
    ----------
    name
        A key of `DATASETS`. A regression target is centred and divided by its standard
        deviation, a class is -1 or +1.

    Returns
    -------
    Sample
        X of shape (n, d), y of shape (n,), without units, uniform weights.

    Raises
    ------
    InputError
        When there is no data set of that name.
    """
    if name not in DATASETS:
        raise InputError(
            f"there is no data set {name!r}",
            why=f"The data sets are {_listed(list(DATASETS))}",
            hint=_closest(name, list(DATASETS)) or "Load your own CSV file with load_csv",
        )
    dataset = DATASETS[name]
    folder = resources.files("checker.landscape").joinpath("datasets")
    table = _read_table((folder / dataset.filename).read_bytes(), dataset.filename)
    sample = _to_sample(table, dataset.target, None, name).standardised()
    return replace(sample, y=standardise(sample.y)) if dataset.regression else sample


# What every domain over samples is searched over, too.
SHIPPED: Mapping[str, Callable[[], Sample]] = MappingProxyType(
    {name: partial(load_dataset, name) for name in DATASETS}
)


def load_csv(path: str | Path, target: str, label_map: Mapping[str, float] | None = None) -> Sample:
    """Load a comma-separated UTF-8 file with a header row; nothing is rescaled.

    Parameters
    ----------
    path
        The file. Blank lines and blanks around a cell are ignored.
    target
        Name of the label column. Every other column has to be numeric and is a feature. Labels
        that are numbers are taken as they are. Text with exactly two distinct values, none of
        them a number, becomes -1 (first in sorted order) and +1 (second).
    label_map
        The number that stands for each text in the label column, when that is not wanted.

    Returns
    -------
    Sample
        X of shape (n, d), y of shape (n,), in the units of the file, uniform weights, named
        after the file.

    Raises
    ------
    InputError
        When the file cannot be read, is not UTF-8, or lacks a header, rows, the label column or
        a feature; when a column name is missing or appears twice; when a row has a cell too few
        or too many; when a cell is not a finite number or not a known label. Rows are counted
        from 1 below the header.
    """
    path = Path(path)
    table = _read_table(_read_bytes(path), str(path))
    return _to_sample(table, target, label_map, path.stem)


@dataclass(frozen=True)
class _Table:
    """A rectangular table of text; lines[i] is the line on which row i ends in the file."""

    source: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def place(self, row: int, column: int) -> str:
        return (
            f"row {row + 1} (line {self.lines[row]}), column {self.header[column]!r}"
            f" of {self.source}"
        )


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}", hint="Check the path") from error
    # A path with a zero byte is a ValueError, not an OSError.
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read {path}: {reason}") from error


def _read_table(content: bytes, source: str) -> _Table:
    records = _records(_decode(content, source), source)
    if not records:
        raise InputError(f"{source} is empty", hint="It needs a header row and at least one row")
    header = records[0][1]
    _require_header(header, source)
    if len(records) == 1:
        raise InputError(f"{source} has a header but no rows", why="A sample needs a point")
    for row, (line, cells) in enumerate(records[1:], start=1):
        if len(cells) != len(header):
            raise InputError(
                f"row {row} (line {line}) of {source} has {len(cells)} cells",
                why=f"The header has {len(header)}",
                hint="A cell that contains a comma needs double quotes",
            )
    lines, rows = zip(*records[1:], strict=True)
    return _Table(source, header, list(rows), list(lines))


def _decode(content: bytes, source: str) -> str:
    try:
        # Spreadsheets put a byte order mark first, which must not end up in a column name.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not UTF-8: byte {error.object[error.start]:#04x} at {error.start}",
            hint="Save it as CSV with UTF-8 encoding",
        ) from error


def _records(text: str, source: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InputError(
            f"line {reader.line_num} of {source} is not valid CSV: {error}",
            hint="Check the double quotes",
        ) from error
    # A row of commas only stays: it is a point with every value missing, not a blank line.
    return [(line, cells) for line, cells in records if cells not in ([], [""])]


def _require_header(header: Sequence[str], source: str) -> None:
    if all(_number(name) is not None for name in header):
        raise InputError(
            f"{source} has no header: its first row is {_listed(header)}",
            why="Columns are found by their names",
            hint="Put a row with the names of the columns first",
        )
    if "" in header:
        raise InputError(
            f"column {header.index('') + 1} of {source} has no name",
            hint="Name it, or delete it if it only numbers the rows",
        )
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise InputError(
            f"{source} has more than one column called {_listed(repeated)}",
            why="A name has to mean one column",
        )


def _to_sample(
    table: _Table, target: str, label_map: Mapping[str, float] | None, name: str
) -> Sample:
    label = _target_index(table, target)
    features = [column for column in range(len(table.header)) if column != label]
    if not features:
        raise InputError(
            f"{table.source} has no column besides {target!r}", why="A point needs a feature"
        )
    X = [[_cell(table, row, column) for column in features] for row in range(len(table.rows))]
    return Sample(np.array(X), np.array(_labels(table, label, label_map)), name=name)


def _target_index(table: _Table, target: str) -> int:
    if target in table.header:
        return table.header.index(target)
    hint = _closest(target, table.header)
    if len(table.header) == 1:
        hint = "If the columns are separated by something else than a comma, convert the file"
    raise InputError(
        f"{table.source} has no column {target!r}",
        why=f"Its columns are {_listed(table.header)}",
        hint=hint,
    )


def _labels(table: _Table, column: int, label_map: Mapping[str, float] | None) -> list[float]:
    texts = [row[column] for row in table.rows]
    if label_map is None:
        distinct = sorted(set(texts))
        # One number among the labels means a spoilt numeric column, not a pair of classes.
        if any(_number(text) is not None for text in distinct) or "" in distinct:
            return [_cell(table, row, column) for row in range(len(texts))]
        label_map = _two_classes(table, column, distinct)
    for row, text in enumerate(texts):
        if text not in label_map:
            raise InputError(
                f"unknown label {text!r} in {table.place(row, column)}",
                why=f"The label map has {_listed(list(label_map))}",
            )
    return [float(label_map[text]) for text in texts]


def _two_classes(table: _Table, column: int, distinct: Sequence[str]) -> dict[str, float]:
    if len(distinct) != 2:
        raise InputError(
            f"column {table.header[column]!r} of {table.source} is text with {len(distinct)}"
            f" distinct values: {_listed(distinct)}",
            why="Only two values can become the labels -1 and +1",
            hint="Pass label_map to say which number stands for each value",
        )
    return {distinct[0]: -1.0, distinct[1]: 1.0}


def _cell(table: _Table, row: int, column: int) -> float:
    text = table.rows[row][column]
    value = _number(text)
    if value is None:
        what = f"{text!r} is not a number" if text else "there is an empty cell"
        hint = "Remove the row or fill in the value; a text feature needs numbers for its values"
    elif not math.isfinite(value):
        what, hint = f"{text!r} is not a finite number", "Remove the row or fill in the value"
    else:
        return value
    raise InputError(f"{what} in {table.place(row, column)}", hint=hint)


def _number(text: str) -> float | None:
    # float() also reads "1_000", which in a data file is a name rather than a number.
    if "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _closest(name: str, names: Sequence[str]) -> str:
    by_lower = {candidate.lower(): candidate for candidate in names}
    matches = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"Did you mean {by_lower[matches[0]]!r}?" if matches else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
