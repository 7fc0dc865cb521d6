"""An executor whose work is as far away as another machine: only bytes come and go."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class Elsewhere(Executor):
    """Does everything at once, in this process, with what arrives."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        sent = pickle.dumps((work, given, named))
        done: Future[Any] = Future()
        try:
            work, given, named = pickle.loads(sent)
            done.set_result(pickle.loads(pickle.dumps(work(*given, **named))))
        except Exception as error:
            done.set_exception(pickle.loads(pickle.dumps(error)))
        return done
