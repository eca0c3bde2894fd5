"""Half of a long piece of work in a second process, where threads would take turns.

It is another Python of the same installation. If it cannot begin or is ended from outside, the
caller is told and does that half itself.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Checkpoint = Callable[[], None]

LARGE = 96 << 20
"""Bytes from which on a second process is worth its start."""

_PROGRAM = "from {module} import {name} as function; from {here} import serve; serve(function)"


def is_worthwhile(size: int, large: int = LARGE) -> bool:
    return size >= large and len(os.sched_getaffinity(0)) > 1


def beside(
    function: Callable[[Any, Checkpoint], Any],
    job: object,
    descriptors: Sequence[int],
    here: Callable[[], T],
    checkpoint: Checkpoint,
) -> tuple[T, Any]:
    """What `here` gives, and what `function`, a module's own, makes of `job` meanwhile.

    The second is None where the process failed. It inherits `descriptors`.
    """
    with _worker(function, job, descriptors) as worker:
        answer: list[bytes] = []
        reader = threading.Thread(target=lambda: answer.append(worker.communicate()[0]))
        try:
            reader.start()
            first = here()
            while reader.is_alive():
                checkpoint()
                reader.join(0.05)
        except BaseException:
            worker.kill()
            reader.join()
            raise
    succeeded = worker.returncode == 0 and answer and answer[0]
    return first, pickle.loads(answer[0]) if succeeded else None


def serve(function: Callable[[Any, Checkpoint], Any]) -> None:
    """The second process: takes its job from stdin and writes what it found to stdout."""
    job = pickle.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pickle.dumps(function(job, _orphan_check(os.getppid()))))


def _worker(
    function: Callable[[Any, Checkpoint], Any], job: object, descriptors: Sequence[int]
) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    program = _PROGRAM.format(
        module=function.__module__, name=function.__name__, here=__name__
    )  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        pass_fds=tuple(descriptors),
        start_new_session=True,
    )
    assert worker.stdin is not None
    worker.stdin.write(pickle.dumps(job))
    worker.stdin.close()
    worker.stdin = None
    return worker


def _orphan_check(parent: int) -> Checkpoint:
    def check() -> None:
        if os.getppid() != parent:
            sys.exit(1)

    return check
