"""The sample of a trained network, read in blocks of rows as often as it takes.

Only one block at a time is in memory, so the arrays may be memory-mapped files, or blocks that an
iterator makes. Every block enters as exact float64 numbers; float32 and half precision are widened,
which is exact.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from checker.certification.budgets import BLOCK_NUMBERS, MAX_BLOCK_ROWS, MIN_BLOCK_ROWS
from checker.errors import InputError
from checker.instances.fields import FloatArray, same_numbers
from checker.landscape.losses.base import Loss
from checker.landscape.losses.coupled import VectorLoss

Part = Sequence[Any]


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of the sample: X (k, d), Z (k, m), y (k,) or (k, K), weights (k,)."""

    X: FloatArray
    Z: FloatArray
    y: FloatArray
    weights: FloatArray


@dataclass(eq=False)
class Source:
    """The rows (x, f_θ(x), y), in blocks.

    Attributes
    ----------
    open
        Starts a pass: an iterable of blocks (X, Z, y) or (X, Z, y, weights).
    d, m
        Columns of X, with the one for a bias, and of Z.
    loss
        The loss, which says which labels are legal: a `Loss`, or a `VectorLoss` with outputs.
    outputs
        K, for labels of K entries; None for labels that are numbers.
    bias
        Whether the last column of X is 1 and appended here: the blocks do not have it.
    alone
        Whether there is no unit: the blocks are (X, y) or (X, y, weights), and Z is a column of 0.
    n
        Rows, known after the first pass.
    weighted
        Whether the blocks have weights; without, each row counts 1/n.
    passes
        How often the data have been read.
    """

    open: Callable[[], Iterable[Part]]
    d: int
    m: int
    loss: Any
    outputs: int | None = None
    bias: bool = False
    alone: bool = False
    n: int = 0
    blocks: int = 0
    weighted: bool = False
    passes: int = 0
    _seen: tuple[int, int] = field(default=(0, 0), repr=False)

    def __iter__(self) -> Iterator[Block]:
        """One pass. The first validates every number, later ones that the data are the same."""
        return self._pass(proving=True)

    def rough(self) -> Iterator[Block]:
        """A pass from which nothing proved follows: of the numbers only the rows are counted.

        Where the best linear predictor is searched for, any predictor will do.
        """
        return self._pass(proving=False)

    def _pass(self, *, proving: bool) -> Iterator[Block]:
        first, rows, blocks, bits = self.passes == 0, 0, 0, 0
        self.passes += 1
        for part in self.open():
            block = self._block(part, rows, check=first)
            rows, blocks = rows + len(block.y), blocks + 1
            bits = (bits + _fingerprint(block) if proving else 0) % 2**64
            yield block
        if rows == 0:
            raise InputError("the sample is empty", why="An average over no points says nothing")
        if first:
            self.n, self.blocks, self._seen = rows, blocks, (rows, bits)
        elif (rows, bits if proving else self._seen[1]) != self._seen:
            raise InputError(
                f"the data changed between two passes: {self.n} rows at first, then {rows}"
                + (", with other numbers" if rows == self.n else ""),
                why="Every number of a certificate has to speak of the same sample",
                hint="Pass a function that returns a fresh iterator over the same blocks, "
                "without random augmentation",
            )

    def _block(self, part: Part, offset: int, *, check: bool) -> Block:
        part = self._with_features(part)
        X, Z, y = (widened(a, name) for a, name in zip(part[:3], ("X", "Z", "y"), strict=True))
        if self.outputs is not None and y.ndim == 1 and _are_classes(part[2]):
            y = one_hot(y, self.outputs, offset)
        given = part[3] if len(part) == 4 else None
        if offset and self.weighted != (given is not None):
            raise InputError("some blocks have weights and others have none")
        self.weighted = given is not None
        weights = np.ones(len(y)) if given is None else widened(given, "weights")
        block = Block(X, Z, y, weights)
        self._check_shapes(block)
        if check:
            _check_values(block, offset, self.loss)
        if self.bias:
            return replace(block, X=np.hstack([X, np.ones((len(X), 1))]))
        return block

    def _with_features(self, part: Part) -> Part:
        """The parts of a block, with features 0 where there is no unit."""
        names = ("X", "y") if self.alone else ("X", "Z", "y")
        # What has no length, such as None, has no parts.
        size = len(part) if hasattr(part, "__len__") else 0
        if size - len(names) not in (0, 1):
            whole = ", ".join(names)
            raise InputError(f"a block has {size} parts, not ({whole}) or ({whole}, weights)")
        if not self.alone:
            return part
        X, *rest = part
        return [X, np.zeros((len(X), 1)), *rest]

    def _check_shapes(self, block: Block) -> None:
        k = len(block.X)
        label = () if self.outputs is None else (self.outputs,)
        shapes = {"X": (k, self.d - self.bias), "Z": (k, self.m), "y": (k, *label), "weights": (k,)}
        for name, shape in shapes.items():
            found = getattr(block, name).shape
            if found != shape:
                raise InputError(
                    f"{name} has shape {found} in a block of the sample, expected {shape}",
                    why=self._sizes,
                    hint=_transposed(found, shape, name),
                )

    @property
    def _sizes(self) -> str:
        d = self.d - self.bias
        columns = f"so X has {d} columns" + ("" if self.alone else f" and Z has {self.m}")
        unit = "" if self.alone else f" and V is {d} x {self.m}"
        if self.outputs is None:
            shapes = f"w has {d} entries{unit}"
            return f"{shapes}, {columns}; one row per point"
        shapes = f"W is {self.outputs} x {d}{unit}"
        return f"{shapes}, {columns}; y has {self.outputs}; one row per point"


# Numbers that a random combination takes at a time: they stay within the cache.
_CHUNK = 2**15


def _fingerprint(block: Block) -> int:
    """A number modulo 2^64 from every bit of the rows, the same for every order of the rows.

    Of a row (x, z, y, weight), as integers, a random combination; these are mixed and added up. So
    a column that is shuffled on its own changes it. Data that differ have the same with probability
    about 2^-32, for the least likely difference.
    """
    columns = [block.X, block.Z, block.y.reshape(len(block.y), -1), block.weights[:, None]]
    rng, rows = np.random.default_rng(0), np.zeros(len(block.y), dtype=np.uint64)
    for part in columns:
        factors = rng.integers(0, 2**64, part.shape[1], dtype=np.uint64)
        rows += _combined(np.ascontiguousarray(part).view(np.uint64), factors)
    # Without this step the sum over rows would be that of the combined columns.
    rows = (rows ^ (rows >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    rows = (rows ^ (rows >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return int((rows ^ (rows >> np.uint64(32))).sum(dtype=np.uint64))


def _combined(bits: Any, factors: Any) -> Any:
    """The rows times the factors modulo 2^64, the upper half of each number folded into the lower.

    A multiple of 2^63, which a change of sign is, would vanish by every even factor.
    """
    step = max(_CHUNK // max(bits.shape[1], 1), 1)
    combined = np.empty(len(bits), dtype=np.uint64)
    for i in range(0, len(bits), step):
        part = bits[i : i + step]
        combined[i : i + step] = (part ^ (part >> np.uint64(32))) @ factors
    return combined


def _transposed(found: tuple[int, ...], shape: tuple[int, ...], name: str) -> str:
    if len(found) == 2 and len(shape) == 2 and found[0] == shape[1]:
        return f"{name} may be transposed: pass {name}.T"
    if len(found) == 2 and len(shape) == 1 and 1 in found:
        return f"pass {name}.ravel()"
    if name == "y" and len(found) == 1 and len(shape) == 2:
        return "Classes become one-hot rows by numpy.eye(K)[y]"
    return ""


def _check_values(block: Block, offset: int, loss: Loss | VectorLoss) -> None:
    for name in ("X", "Z", "y", "weights"):
        _check_finite(getattr(block, name), name, offset)
    if (block.weights < 0).any():
        row = int(np.flatnonzero(block.weights < 0)[0])
        raise InputError(f"weights[{offset + row}] is negative: {float(block.weights[row])!r}")
    if isinstance(loss, VectorLoss):
        loss.check(block.y)
    else:
        loss.check_labels(block.y)


def _check_finite(values: FloatArray, name: str, offset: int) -> None:
    if np.isfinite(values).all():
        return
    first, *rest = (int(i) for i in np.argwhere(~np.isfinite(values))[0])
    place = ", ".join(str(i) for i in (offset + first, *rest))
    raise InputError(
        f"{name}[{place}] is {values[(first, *rest)]}, not a finite number",
        why="Nothing follows from a point whose numbers are not known",
        hint="These activations overflowed: look at the network there, or leave the rows out"
        if name == "Z"
        else "Remove these rows or fill in the values",
    )


def widened(value: Any, name: str) -> FloatArray:
    """The array in float64, no number changed; takes anything with DLPack or `__array__`.

    Raises
    ------
    InputError
        For text, complex numbers, and integers that float64 cannot hold.
    """
    array: Any = as_array(value, name)
    floats: FloatArray = array
    if array.dtype == np.float64:
        return floats
    wide: FloatArray | None = array.astype(np.float64) if array.dtype.kind in "iuf" else None
    if wide is None or not same_numbers(wide, array):
        raise InputError(
            f"{name} holds {array.dtype}, not real numbers that float64 can hold",
            hint="Convert it, and decide yourself what the rounding means",
        )
    return wide


def as_array(value: Any, name: str) -> Any:
    """A NumPy view of an array of any library (DLPack, the array API), or of nested lists."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(
            f"{name} is a masked array",
            why="Nothing follows from numbers that are not known",
            hint="Leave the rows out, or pass the numbers without a mask",
        )
    if isinstance(value, np.ndarray):
        return np.asarray(value)  # of a subclass such as numpy.matrix, the numbers
    if hasattr(value, "__dlpack__"):
        try:
            return np.from_dlpack(value)
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(
                f"{name} cannot be read: {error}",
                why="NumPy reads arrays in main memory, without gradients, in its own types",
                hint="Detach it and copy it to the CPU; checker.certification.pytorch does so",
            ) from error
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InputError(f"{name} is not an array: {error}") from error


def open_source(
    X: Any,
    Z: Any,
    y: Any,
    weights: Any,
    sizes: tuple[int, int],
    loss: Loss | VectorLoss,
    outputs: int | None = None,
    *,
    bias: bool = False,
) -> Source:
    """The source of (X, Z, y) arrays, or of X alone: an iterable of blocks or a function for one.

    `sizes` are d and m, from V; m is 0 if there is no unit, and then there is no Z. `outputs` is K
    for labels of shape (n, K). With `bias`, a column of ones is appended to X.
    """
    (d, m), alone = sizes, sizes[1] == 0

    def source(parts: Callable[[], Any]) -> Source:
        return Source(parts, d + bias, max(m, 1), loss, outputs, bias, alone)

    if Z is not None or (alone and y is not None):
        return source(_slices(X, Z, y, weights, d + m + (outputs or 0), outputs))
    if y is not None or weights is not None:
        raise InputError("y or weights are given, but no Z", hint="Blocks carry their own labels")
    if callable(X):
        return source(X)
    if inspect.isgenerator(X) or (hasattr(X, "__next__") and iter(X) is X):
        raise InputError(
            "an iterator over blocks can be read once only",
            why="The data are read several times: for the sums, for the linear predictor, ...",
            hint="Pass a function that returns a fresh iterator, or a list of blocks",
        )
    return source(lambda: X)


def _slices(
    X: Any, Z: Any, y: Any, weights: Any, columns: int, outputs: int | None
) -> Callable[[], Iterator[Part]]:
    named = {"X": X, "Z": Z, "y": y, "weights": weights}
    arrays = {name: as_array(a, name) for name, a in named.items() if a is not None}
    vectors = outputs is None or ("y" in arrays and _are_classes(arrays["y"]))
    axes = {"X": 2, "Z": 2, "y": 1 if vectors else 2, "weights": 1}
    if arrays["X"].ndim == 0:
        raise InputError("X is a single number", why="It has a row per point, a column per input")
    n = len(arrays["X"])
    for name, array in arrays.items():
        if array.ndim != axes[name] or len(array) != n:
            raise InputError(
                f"{name} has shape {array.shape}"
                + (f", X has shape {arrays['X'].shape}" if name != "X" else ""),
                why=f"{name} needs {axes[name]} axes and one row per row of X",
                hint=_transposed(array.shape, (n,) * axes[name], name)
                or "One of them may be transposed, or a column that needs .ravel()",
            )
    rows = block_rows(columns)

    def parts() -> Iterator[Part]:
        for start in range(0, n, rows):
            yield tuple(array[start : start + rows] for array in arrays.values())

    return parts


def _are_classes(y: Any) -> bool:
    """Whether labels are one integer per row."""
    array = as_array(y, "y")
    return array.ndim == 1 and array.dtype.kind in "iu"


def one_hot(y: FloatArray, outputs: int, offset: int = 0) -> FloatArray:
    """Classes 0 to K - 1 as rows, (n, K)."""
    outside = np.flatnonzero((y < 0) | (y >= outputs))
    if outside.size:
        row = int(outside[0])
        raise InputError(
            f"y[{offset + row}] is the class {y[row]:g}, and there are {outputs} outputs",
            hint=f"Classes are 0 to {outputs - 1}",
        )
    rows = np.zeros((len(y), outputs))
    rows[np.arange(len(y)), y.astype(np.int64)] = 1.0
    return rows


def block_rows(columns: int) -> int:
    """Rows of a block: error bounds grow with it, and the cost of a block has to be worth it."""
    return min(max(BLOCK_NUMBERS // columns, MIN_BLOCK_ROWS), MAX_BLOCK_ROWS)
