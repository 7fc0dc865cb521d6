"""`checker census`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from checker.census.picture import draw_census
from checker.census.report import census_to_json, print_census
from checker.census.run import Budget, Census, census
from checker.commands.options import Options
from checker.commands.status import BAD_INPUT, OPEN, REFUTED, STANDS
from checker.errors import InputError
from checker.instances.escapes import visible
from checker.landscape.data import DATASETS, load_csv, load_dataset
from checker.landscape.losses.base import Loss, require_assumption_1
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.minima.critical import Problem
from checker.landscape.networks.base import Network, make_network
from checker.landscape.networks.mlp import MLP
from checker.landscape.sample import Sample
from checker.report import saving
from checker.report.evidence import dumps
from checker.report.pictures.canvas import require_matplotlib, standalone
from checker.report.terminal.console import make_console
from checker.report.terminal.progress import progress_bar
from checker.search.engines.named import engine
from checker.search.plan import Progress


def run(options: Options) -> int:
    """Find the critical points of one problem; 1 if a local minimum above linear is proved."""
    if options.pictures:
        if options.out is None:
            raise InputError("--pictures needs a folder", hint="Name one with --out DIR")
        require_matplotlib()
    problem = problem_of(options)
    found = _found(problem, options)
    stream = sys.stderr if options.json == "-" else sys.stdout
    try:
        print_census(make_console(stream), found)
        stream.flush()
    finally:
        saving.save_text(dumps(census_to_json(found)), "census.json", options.json, options.out)
    if options.pictures:
        _draw(found, Path(str(options.out)))
    if found.bad_minima:
        return REFUTED
    if found.fault:
        return BAD_INPUT
    return OPEN if found.interrupted or not found.points else STANDS


def problem_of(options: Options) -> Problem:
    """The problem that the command line describes.

    Raises
    ------
    InputError
        For unknown names, unreadable data, labels that the loss does not allow, and a loss outside
        Assumption 1 or without a lower bound.
    """
    sample = _sample(options)
    loss = _loss(options.loss, sample)
    require_assumption_1(loss)
    loss.check_labels(sample.y)
    if loss.kind == "affine":
        raise InputError(
            f"the loss {loss.name} is unbounded below",
            why="Every minimisation would run to infinity",
            hint="Choose another with --loss",
        )
    network = _network(options, sample.d)
    return Problem(sample, loss, network, skip=options.skip, ridge=options.ridge or 0.0)


def _sample(options: Options) -> Sample:
    name = str(options.data)
    if name in DATASETS:
        if options.target is not None:
            raise InputError(f"--target belongs to a CSV file; {name} has its own labels")
        return load_dataset(name)
    if not Path(name).exists():
        raise InputError(
            f"there is no data set and no file {name!r}",
            hint=f"Name one of {', '.join(DATASETS)}, or a CSV file",
        )
    if options.target is None:
        raise InputError(f"which column of {name} has the labels?", hint="Name it with --target")
    return load_csv(name, options.target).standardised()


def _loss(name: str | None, sample: Sample) -> Loss:
    if name is not None:
        return loss_named(name)
    return loss_named("logistic" if np.isin(sample.y, (-1, 1)).all() else "squared")


def _network(options: Options, d: int) -> Network:
    known = make_network(options.network, d, options.features)
    if isinstance(known, MLP):
        hidden = (options.hidden,) * len(known.hidden)
        return MLP(d, options.features, known.activation, hidden)
    return known


def _found(problem: Problem, options: Options) -> Census:
    budget = Budget(options.starts, options.seconds)
    title = (f"{problem.sample.name}: starts",)
    with engine(options.engine, options.jobs) as executor, progress_bar() as bar:
        return census(
            problem,
            budget,
            seed=options.seed,
            jobs=options.jobs,
            folder=options.out,
            show=lambda c: bar(Progress(c.starts, budget.starts, title)),
            executor=executor,
        )


def _draw(found: Census, folder: Path) -> None:
    drawn = draw_census(found)
    if drawn is not None:
        saving.write_text(folder / "census.svg", standalone(drawn.svg))
        print(visible(f"picture: {folder / 'census.svg'}"))
