"""`certify` against the products of one training step, in one run: time, memory, scaling.

The base is H = X + Z Vᵀ and its backward pass: given ∂F/∂H = g wᵀ, the gradients ∂F/∂V = (∂F/∂H)ᵀ Z
and ∂F/∂Z = (∂F/∂H) V, three products of n d m multiplications and additions. Every size runs in a
process of its own, so that the memory is its own.

    python ci/bench/certify.py                               the table
    python ci/bench/certify.py --sizes 100000,1000,1000      one size
    python ci/bench/certify.py --outputs                     several outputs, K of them
    OPENBLAS_NUM_THREADS=2 python ci/bench/certify.py        with two BLAS threads
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import checker.threads  # isort: skip  # before NumPy

import numpy as np

from checker.certification.certify import certify

assert checker.threads

SIZES = (
    *((n, 200, 200) for n in (5_000, 10_000, 20_000, 40_000)),
    *((10_000, d, d) for d in (100, 400, 800)),
)
OUTPUTS = (
    *((10_000, 100, 100, K) for K in (1, 4, 10, 100)),
    (2_000, 200, 200, 1_000),
)
MIB = 2**20


def main() -> None:
    """Measure every size and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", nargs="*", metavar="N,D,M", help="default: a small table")
    parser.add_argument("--outputs", action="store_true", help="softmax with K outputs")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--plot", metavar="FILE.svg", help="draw time and memory (matplotlib)")
    options = parser.parse_args()
    if options.one:
        size = [int(x) for x in options.one.split(",")]
        print(json.dumps(several(*size) if len(size) == 4 else measured(*size)))
        return
    if options.outputs:
        print("| n | d | m | K | certify, s | certify adds, MiB | passes | λ_min |")
        print("|---|---|---|---|---|---|---|---|")
        for size in OUTPUTS:
            print(_row_of_outputs(_in_own_process(",".join(map(str, size)))), flush=True)
        return
    sizes = options.sizes or [",".join(map(str, size)) for size in SIZES]
    print("| n | d | m | step, s | certify, s | ratio | data, MiB | certify adds, MiB | passes |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows = []
    for size in sizes:
        rows.append(_in_own_process(size))
        print(_row(rows[-1]), flush=True)
    if options.plot:
        _plot(rows, Path(options.plot))


def _in_own_process(size: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, __file__, "--one", size], capture_output=True, text=True, check=True
    )
    row: dict[str, Any] = json.loads(run.stdout)
    return row


def measured(n: int, d: int, m: int) -> dict[str, Any]:
    """Time and memory at one size; logistic loss, a network at initialisation."""
    rng = np.random.default_rng(0)
    # In place: the peak before `certify` has to be that of the data alone.
    X, Z = rng.standard_normal((n, d)), rng.standard_normal((n, m))
    np.tanh(Z, out=Z)
    y = np.sign(X @ rng.standard_normal(d) / np.sqrt(d) + 0.5 * rng.standard_normal(n))
    w, V = rng.standard_normal(d) / np.sqrt(d), rng.standard_normal((d, m)) / np.sqrt(m)
    small = (X[:50, :2], Z[:50, :2], y[:50], w[:2], V[:2, :2])
    certify(*small, "logistic")  # imports and first calls
    before, start = _peak(), time.perf_counter()
    found = certify(X, Z, y, w, V, "logistic")
    took, adds = time.perf_counter() - start, _peak() - before
    step = min(_step(X, Z, y, w, V) for _ in range(2))
    return {
        "n": n, "d": d, "m": m, "step": step, "certify": took, "adds": adds,
        "data": (X.nbytes + Z.nbytes) / MIB, "passes": found.passes,
        "verdict": found.verdict.name, "least_eigenvalue": str(found.least_eigenvalue),
    }  # fmt: skip


def several(n: int, d: int, m: int, K: int) -> dict[str, Any]:
    """Time and memory with K classes; seconds of the processor, as the machine may be busy."""
    rng = np.random.default_rng(0)
    X, Z = rng.standard_normal((n, d)), np.tanh(rng.standard_normal((n, m)))
    y = rng.integers(K, size=n)
    W, V = rng.standard_normal((K, d)) / np.sqrt(d), rng.standard_normal((d, m)) / np.sqrt(m)
    loss = "softmax" if K > 1 else "logistic"
    labels = y if K > 1 else np.sign(X[:, :1])
    certify(X[:50, :2], Z[:50, :2], labels[:50], W=W[:, :2], V=V[:2, :2], loss=loss)
    before, start = _peak(), time.process_time()
    found = certify(X, Z, labels, W=W, V=V, loss=loss)
    took, adds = time.process_time() - start, _peak() - before
    return {
        "n": n, "d": d, "m": m, "K": K, "certify": took, "adds": adds, "passes": found.passes,
        "least_eigenvalue": str(found.least_eigenvalue),
    }  # fmt: skip


def _row_of_outputs(r: dict[str, Any]) -> str:
    return (
        f"| {r['n']:,} | {r['d']:,} | {r['m']:,} | {r['K']:,} | {r['certify']:.1f} | "
        f"{r['adds']:,.0f} | {r['passes']} | {r['least_eigenvalue']} |"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _step(X: Any, Z: Any, y: Any, w: Any, V: Any) -> float:
    """Seconds for the residual unit, forwards and backwards."""
    start = time.perf_counter()
    H = X + Z @ V.T
    slope = -y / (1 + np.exp(y * (H @ w))) / len(y)
    upstream = np.outer(slope, w)
    gradients = slope @ H, upstream.T @ Z, upstream @ V
    assert all(np.isfinite(g).all() for g in gradients)
    return time.perf_counter() - start


def _row(r: dict[str, Any]) -> str:
    return (
        f"| {r['n']:,} | {r['d']:,} | {r['m']:,} | {r['step']:.2f} | {r['certify']:.2f} | "
        f"{r['certify'] / r['step']:.2f} | {r['data']:,.0f} | {r['adds']:,.0f} | {r['passes']} |"
    )


def _plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Time against n d m, and memory against the size of the data."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["svg.hashsalt"] = "certify"
    work, data = [r["n"] * r["d"] * r["m"] for r in rows], [r["data"] for r in rows]
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    time, memory = figure.subplots(1, 2)
    for name, label in (("certify", "certify"), ("step", "forward and backward pass")):
        time.loglog(work, [r[name] for r in rows], "o", label=label)
    memory.plot(data, [r["adds"] for r in rows], "o", label="certify adds")
    memory.plot([0, max(data)], [0, max(data)], "-", color="gray", label="the data themselves")
    time.margins(y=0.3)  # room for the legend
    time.set(xlabel="n d m", ylabel="seconds")
    memory.set(xlabel="data, MiB", ylabel="MiB")
    for axes in (time, memory):
        axes.legend(loc="upper left")
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)


if __name__ == "__main__":
    main()
