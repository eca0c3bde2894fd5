"""Half of a long piece of work in a second process, where threads would take turns.

It is another Python of the same installation, or of the same program where that came over a
channel and is in no file. If it cannot begin or is ended from outside, the caller is told and does
that half itself.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import IO, Any, TypeVar

T = TypeVar("T")
Checkpoint = Callable[[], None]

LARGE = 96 << 20
"""Bytes from which on a second process is worth its start."""

FIRST_HALF = "first half"
SECOND_HALF = "second half"
"""How the two are called while they are read."""

_PROGRAM = "from {module} import {name} as function; from {here} import serve; serve(function)"


SENT: bytes = b""
"""The program that runs here, packed, where it was sent; `source.program` sets it there."""

LOADER = (
    "import sys\n"
    "if sys.version_info < (3, 6): sys.exit(8)\n"
    "import zlib\n"
    "stdin = sys.stdin.buffer\n"
    "program = stdin.read(int(stdin.readline()))\n"
    "exec(zlib.decompress(program))\n"
)
"""Takes a program from stdin, and behind it a line that names the function to call."""


def preamble(program: bytes, module: str, function: str) -> bytes:
    """What LOADER reads before what is meant for the function."""
    return b"%d\n%s%s %s\n" % (len(program), program, module.encode(), function.encode())


def is_worthwhile(size: int, large: int = LARGE) -> bool:
    return size >= large and _processors() > 1


def _processors() -> int:
    """How many this process may run on; macOS does not tell, and gives all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def beside(
    function: Callable[[Any, Checkpoint], Any],
    job: object,
    descriptors: Sequence[int],
    here: Callable[[], T],
    checkpoint: Checkpoint,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[T, Any]:
    """What `here` gives, and what `function`, a module's own, makes of `job` meanwhile.

    The second is None where the process failed. It inherits `descriptors`. `say` is told where
    the second is waited for.
    """
    with _worker(function, job, descriptors) as worker:
        answer: list[bytes] = []
        reader = threading.Thread(target=lambda: answer.append(worker.communicate()[0]))
        try:
            reader.start()
            first = here()
            say(f"{SECOND_HALF}: the other process is not done yet")
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
    words, given = _command(function.__module__, function.__name__)
    worker = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        pass_fds=tuple(descriptors),
        start_new_session=True,
    )
    assert worker.stdin is not None
    with suppress(BrokenPipeError):
        worker.stdin.write(given + pickle.dumps(job))
        worker.stdin.close()
    worker.stdin = None
    return worker


def _command(module: str, name: str) -> tuple[list[str], bytes]:
    """The words of the command, and what it is given before its job."""
    if SENT:
        given = preamble(SENT, __name__, "serve_named") + f"{module} {name}\n".encode()
        return [sys.executable, "-I", "-S", "-c", LOADER], given
    program = _PROGRAM.format(module=module, name=name, here=__name__)
    return [sys.executable, "-c", program], b""


def serve_named(stdin: IO[bytes]) -> None:
    """As `serve`; which function it is comes first."""
    module, name = stdin.readline().decode().split()
    serve(getattr(import_module(module), name))


def _orphan_check(parent: int) -> Checkpoint:
    def check() -> None:
        if os.getppid() != parent:
            sys.exit(1)

    return check
