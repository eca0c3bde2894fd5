"""One command, without a shell, bounded in time and in what it may print."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from wizard.hosts.protocol import CommandResult, HostError, NotFound, NotPermitted
from wizard.safety.system_words import in_words
from wizard.units import duration

MAX_STDERR = 64 << 10
"""Bytes of a command's complaints that are kept; the rest is read and dropped."""

_CHUNK = 64 << 10


def run_bounded(
    command: Sequence[str], timeout: float, limit: int, environment: Mapping[str, str]
) -> CommandResult:
    """Run `command` (an argument list) for at most `timeout` seconds.

    At most `limit` bytes of stdout are kept; a command that prints more is ended. Raises
    NotFound, NotPermitted, or HostError where the time ran out.
    """
    process = _start(command, environment)
    try:
        stdout, stderr, truncated = _drain(process, time.monotonic() + timeout, limit)
        if truncated:
            _kill_group(process)
        exit_code = process.wait(timeout=max(timeout, 1.0))
    except (TimeoutError, subprocess.TimeoutExpired):
        raise HostError(f"{command[0]} gave no answer within {duration(timeout)}") from None
    finally:
        if process.returncode is None:
            _kill_group(process)
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    return CommandResult(
        exit_code, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace"), truncated
    )


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise NotFound(f"no such command: {command[0]}") from None
    except PermissionError:
        raise NotPermitted(f"{command[0]} may not be run by this account") from None
    except (OSError, ValueError) as error:
        raise HostError(f"{command[0]} could not be started: {in_words(str(error))}") from None


def _drain(
    process: subprocess.Popen[bytes], deadline: float, limit: int
) -> tuple[bytes, bytes, bool]:
    """Both streams until they end; raises TimeoutError at `deadline`."""
    assert process.stdout is not None
    assert process.stderr is not None
    kept: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ, "out")
        ready.register(process.stderr, selectors.EVENT_READ, "err")
        while ready.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            for key, _events in ready.select(left):
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    ready.unregister(key.fileobj)
                elif key.data == "err":
                    kept["err"] += chunk[: MAX_STDERR - len(kept["err"])]
                else:
                    kept["out"] += chunk
                    if len(kept["out"]) > limit:
                        return bytes(kept["out"][:limit]), bytes(kept["err"]), True
    return bytes(kept["out"]), bytes(kept["err"]), False


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the command and its children: the group is its own, made by start_new_session.

    Only before the command is waited for: until then its number cannot be given to another.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
