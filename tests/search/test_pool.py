"""Work on several processes: order, workers that die or hang, time that is over."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from checker import stopping
from checker.errors import InputError
from checker.search import pool
from checker.search.pool import Retry, in_order
from checker.stopping import Lost, Watch, check, stopped, working_on
from checker.waiting import CASE_SECONDS

HERE = os.getpid()


def values(results: Iterable[tuple[int, Any]]) -> list[Any]:
    return [result for _, result in results]


def end_of(deadline: float) -> float:
    return time.monotonic() + deadline


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    def work(task: int) -> int:
        time.sleep(0.01 * (task % 3))
        return task

    assert values(in_order(work, range(23), jobs)) == list(range(23))


@pytest.mark.parametrize("jobs", [1, 2])
def test_tasks_are_taken_late(jobs: int) -> None:
    taken = []

    def tasks() -> Any:
        for number in range(1000):
            taken.append(number)
            yield number

    running = in_order(lambda n: n, tasks(), jobs)
    assert next(running) == (0, 0)
    running.close()
    assert len(taken) <= 4 * jobs


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_keeps_its_type_its_notes_and_where_it_was_raised(jobs: int) -> None:
    def work(_: int) -> None:
        error = ValueError("no")
        error.add_note("a note")
        raise error

    with pytest.raises(ValueError, match="no") as caught:
        values(in_order(work, [1], jobs))
    assert caught.value.__notes__ == ["a note"]
    if jobs > 1:
        assert f'File "{__file__}"' in str(caught.value.__cause__)


class Unpicklable(Exception):
    def __init__(self, first: int, second: int) -> None:
        super().__init__("two of them")


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_that_does_not_pickle(jobs: int) -> None:
    def work(_: int) -> None:
        raise Unpicklable(1, 2)

    with pytest.raises((Unpicklable, RuntimeError), match="two of them"):
        values(in_order(work, [1], jobs))


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_that_ends_the_process_is_a_fault(jobs: int) -> None:
    def work(_: int) -> None:
        raise SystemExit(0)

    with pytest.raises(RuntimeError, match="SystemExit"):
        values(in_order(work, [1], jobs))


def killing(path: Path) -> Callable[[int], int]:
    """Work whose third task is killed as long as the file is there; then the file is gone."""

    def work(task: int) -> int:
        working_on(f"task {task}")
        if task == 2 and path.exists() and os.getpid() != HERE:
            path.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    return work


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "once").touch()
    assert values(in_order(killing(tmp_path / "once"), range(6), 2)) == list(range(6))
    assert not (tmp_path / "once").exists()


def always_killed(task: int) -> int:
    working_on(f"task {task}")
    if task == 2 and os.getpid() != HERE:
        os._exit(0)
    return task


def test_a_task_that_kills_twice_is_lost_and_the_others_are_not() -> None:
    lost: list[Lost] = []

    def instead(task: int, why: Lost) -> int:
        lost.append(why)
        return -task

    assert values(in_order(always_killed, range(5), 2, on_loss=instead)) == [0, 1, -2, 3, 4]
    assert [x.name for x in lost] == ["task 2"]
    assert "killed" in lost[0].reason


def test_another_task_instead_of_a_lost_one() -> None:
    results = in_order(always_killed, range(5), 2, on_loss=lambda task, _: Retry(10 * task))
    assert values(results) == [0, 1, 20, 3, 4]


def test_by_default_a_lost_task_is_an_error() -> None:
    with pytest.raises(InputError, match=r"task 2: a worker process was killed"):
        values(in_order(always_killed, range(5), 2))


def hanging(task: int) -> int:
    working_on(f"task {task}")
    while task == 1:
        pass
    return task


def test_work_that_hangs_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "CASE_SECONDS", 0.5)
    lost: list[Lost] = []

    def instead(task: int, why: Lost) -> int:
        lost.append(why)
        return -task

    assert values(in_order(hanging, range(4), 2, on_loss=instead)) == [0, -1, 2, 3]
    assert [(x.name, x.late) for x in lost] == [("task 1", False)]


def test_work_that_hangs_in_this_process_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "CASE_SECONDS", 0.5)
    with stopping.signals_handled():
        results = values(in_order(hanging, range(4), 1, on_loss=lambda task, _: -task))
    assert results == [0, -1, 2, 3]


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_that_says_it_is_alive_may_take_long(
    monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(stopping, "CASE_SECONDS", 1.0)
    monkeypatch.setattr(pool, "CASE_SECONDS", 1.0)

    def work(task: int) -> int:
        for _ in range(25):
            time.sleep(0.1)
            stopped()
        return task

    with stopping.signals_handled():
        assert values(in_order(work, [7], jobs)) == [7]


@pytest.mark.parametrize("jobs", [1, 2])
def test_when_the_time_is_over_work_ends_with_what_it_has(jobs: int) -> None:
    def work(_: int) -> int:
        done = 0
        while not stopped():
            done += 1
            time.sleep(0.01)
        return done

    results = values(in_order(work, range(1000), jobs, deadline=end_of(0.3)))
    assert 1 <= len(results) <= 2 * jobs
    assert results[0] > 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_that_stops_by_an_exception_has_no_result(jobs: int) -> None:
    def work(_: int) -> int:
        while True:
            check()

    assert values(in_order(work, range(1000), jobs, deadline=end_of(0.3))) == []


def test_each_result_says_of_which_task_it_is() -> None:
    """What was broken off leaves a gap: the next result is not that of the task before."""

    def work(task: int) -> int:
        while not stopped():
            time.sleep(0.01)
        if task == 0:
            check()
        return 10 * task

    assert list(in_order(work, range(2), 2, deadline=end_of(0.3))) == [(1, 10)]


def test_work_that_does_not_ask_is_killed_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "GRACE_SECONDS", 0.2)
    lost: list[Lost] = []

    def instead(task: int, why: Lost) -> int:
        lost.append(why)
        return -task

    results = values(in_order(hanging, range(2), 2, deadline=end_of(0.5), on_loss=instead))
    assert results == [0, -1]
    assert [(x.name, x.late) for x in lost] == [("task 1", True)]


def test_no_process_is_left() -> None:
    running = in_order(lambda n: (n, os.getpid()), range(1000), 3)
    workers = {next(running)[1][1] for _ in range(20)}
    running.close()
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_a_heart_that_beats_is_never_seen_to_stand_still() -> None:
    """A time that is being written must not be read: the worker would be killed, and its claim
    called one that cannot be computed."""
    watch = Watch()
    child = os.fork()
    if child == 0:
        while not watch.is_set:
            watch.beat()
        os._exit(0)
    end = time.monotonic() + 1.0
    longest = 0.0
    while time.monotonic() < end:
        longest = max(longest, watch.quiet)
    watch.stop()
    os.waitpid(child, 0)
    assert longest < CASE_SECONDS
