"""When work has to end: a sign and a deadline that every loop asks for, and who asks.

A signal (Ctrl-C, SIGTERM, SIGHUP) sets a sign; long work asks for it by `stopped` or `check` and
ends with what it has. Who asks is alive: each question leaves the time where the parent of a worker
sees it, so that work which hangs (a formula that loops for ever) is told from work that is long.
"""

from __future__ import annotations

import mmap
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

from checker.errors import InputError, Interruption
from checker.waiting import CASE_SECONDS, FIRST_SECONDS, GRACE_SECONDS


class Stopped(Interruption):
    """Raised where work is told to end."""


class _BreakIn(Interruption):
    """Raised in the midst of work that hangs; nobody but `watched` catches it."""


@dataclass(frozen=True)
class Lost:
    """Work that gave no result: on what, why, and whether it was only too late."""

    name: str
    reason: str
    late: bool = False

    def error(self, subject: str = "") -> InputError:
        """The error for work without which the run cannot go on."""
        return InputError(f"{self.name or subject or 'a task'}: {self.reason}", hint=_HINT)


_HINT = "Look for a loop without an end, or for memory that runs out; fewer --jobs need less of it"


class Broken(Exception):
    """Work in this process that was broken off from outside, as a worker is killed."""

    def __init__(self, lost: Lost) -> None:
        super().__init__(lost.reason)
        self.lost = lost


class Watch:
    """What working process and watching process share: the stop sign, a heartbeat, a name.

    Plain shared memory: a lock would be held for ever by a process that is killed.
    """

    _NAME = 256

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16 + self._NAME)
        # Written and read in one move. `struct.pack_into` writes zeros first, and who reads just
        # then sees a process that was silent since the machine was started.
        self._last = memoryview(self._memory)[8:16].cast("d")
        self.beat()

    def stop(self) -> None:
        """Set the sign."""
        self._memory[0] = 1

    @property
    def is_set(self) -> bool:
        """Whether the sign is set."""
        return self._memory[0] == 1

    def beat(self) -> None:
        """Leave the time."""
        self._last[0] = time.monotonic()

    @property
    def quiet(self) -> float:
        """Seconds since the last beat."""
        last = self._last[0]
        return time.monotonic() - last

    @property
    def name(self) -> str:
        """What is being worked on."""
        return self._memory[16:].rstrip(b"\0").decode("utf-8", "replace")

    @name.setter
    def name(self, name: str) -> None:
        self._memory[16:] = name.encode()[: self._NAME].ljust(self._NAME, b"\0")

    def lost(self, *, late: bool = False) -> Lost:
        """The work as lost, because it does not answer."""
        when = ", when the time was over" if late else ""
        return Lost(self.name, f"no answer for {self.quiet:.0f} s{when}; it was broken off", late)


class _State:
    """Of this process."""

    def __init__(self) -> None:
        self.watch: Watch | None = None  # of the work that is going on here
        self.deadline: float | None = None
        self.pools = 0  # how many `in_order` are open: then signals wait for a safe point
        self.asked: float | None = None  # when a signal came that nobody has acted on
        self.raised = False  # whether it has broken into what was going on
        self.broken: Lost | None = None


_STATE = _State()


def stopped() -> bool:
    """Whether the work that is going on in this process has to end; a sign of life, too."""
    watch = _STATE.watch
    if watch is None:
        return False
    watch.beat()
    late = _STATE.deadline is not None and time.monotonic() > _STATE.deadline
    return late or watch.is_set


def check() -> None:
    """Raise Stopped if the work has to end."""
    if stopped():
        raise Stopped


def working_on(name: str) -> None:
    """Say what the work is on now, for the message if it never ends."""
    if _STATE.watch is not None:
        _STATE.watch.name = name
        _STATE.watch.beat()


def become_worker(watch: Watch, deadline: float | None) -> None:
    """Make this forked process one that works under a watch."""
    _STATE.__init__()  # type: ignore[misc]
    _STATE.watch, _STATE.deadline = watch, deadline
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def watched(name: str = "", deadline: float | None = None) -> Iterator[None]:
    """Work in this process that can be stopped, and is broken off when it hangs.

    Raises
    ------
    Broken
        When it did not answer.
    """
    before = _STATE.watch, _STATE.deadline
    _STATE.watch, _STATE.deadline = Watch(), deadline
    _STATE.watch.name = name
    if _STATE.asked is not None:
        _STATE.watch.stop()
    try:
        yield
    except BaseException:
        lost, _STATE.broken = _STATE.broken, None
        if lost is not None:
            raise Broken(lost) from None
        if _STATE.raised:
            # Whatever it became on its way through other people's code.
            raise KeyboardInterrupt from None
        raise
    finally:
        _STATE.watch, _STATE.deadline = before
        _STATE.broken = None


@contextmanager
def glimpse(name: str) -> Iterator[None]:
    """A first look at a claim, left undone where it takes long: the search tells of what hangs."""
    try:
        with watched(name, time.monotonic() + FIRST_SECONDS):
            yield
    except (Broken, Stopped):
        if interrupted():
            raise KeyboardInterrupt from None
    finally:
        if _STATE.watch is not None:
            _STATE.watch.beat()


@contextmanager
def pool_open() -> Iterator[None]:
    """Signals wait for `raise_if_asked` meanwhile."""
    _STATE.pools += 1
    try:
        yield
    finally:
        _STATE.pools -= 1


def asked_for() -> float | None:
    """The time since when somebody waits for the end, or None."""
    return _STATE.asked


def raise_if_asked() -> None:
    """Raise KeyboardInterrupt if a signal waits for it."""
    if _STATE.asked is not None:
        _STATE.asked = None
        raise KeyboardInterrupt


def acknowledge() -> None:
    """Say that an interruption has been acted on: what comes now is the report."""
    _STATE.asked, _STATE.raised = None, False


def interrupted() -> bool:
    """Whether a signal came that nobody has acted on."""
    return _STATE.raised or _STATE.asked is not None


# -- signals ----------------------------------------------------------------------------------

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK = 0.5


@contextmanager
def signals_handled() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP end the work and keep what was found; in the main thread only.

    The second one, or the first after a time of grace, breaks into whatever is going on. A signal
    that is ignored, as under nohup, stays so.
    """
    acknowledge()
    old: dict[int, Any] = {}
    hook = sys.unraisablehook
    sys.unraisablehook = _but_break_ins(hook)
    with suppress(ValueError):  # not the main thread
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                old[number] = signal.signal(number, _on_signal)
    try:
        with clock_handled():
            yield
    finally:
        sys.unraisablehook = hook
        for signum, handler in old.items():
            signal.signal(signum, handler)


@contextmanager
def clock_handled() -> Iterator[None]:
    """Work that hangs in this process is broken off, where a process does nothing but work for
    another one; in the main thread only."""
    try:
        old = signal.signal(signal.SIGALRM, _on_tick)
    except ValueError:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def _but_break_ins(hook: Callable[[Any], object]) -> Callable[[Any], object]:
    """Says nothing of a finalizer that was broken into: the next tick breaks in again."""

    def told(lost: Any) -> None:
        if not issubclass(lost.exc_type, _BreakIn | KeyboardInterrupt):
            hook(lost)

    return told


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    again = _STATE.asked is not None
    _STATE.asked = time.monotonic()
    if _STATE.watch is not None:
        _STATE.watch.stop()
    if again or not _STATE.pools:
        _break_in()


def _on_tick(_number: int, _frame: FrameType | None) -> None:
    now, watch = time.monotonic(), _STATE.watch
    # A pool ends its workers within the time of grace; work in this process has to do so itself.
    patience = GRACE_SECONDS if watch is not None else 2 * GRACE_SECONDS
    if _STATE.asked is not None and (_STATE.raised or now > _STATE.asked + patience):
        _break_in()
    if watch is None:
        return
    late = _STATE.deadline is not None and now > _STATE.deadline + GRACE_SECONDS
    if late or watch.quiet > CASE_SECONDS:
        _STATE.broken = watch.lost(late=watch.quiet <= CASE_SECONDS)
        raise _BreakIn


def _break_in() -> None:
    """Raised again at every tick until it is acknowledged: a finalizer would swallow it."""
    _STATE.raised = True
    raise KeyboardInterrupt
