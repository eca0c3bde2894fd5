"""Takes a secret out of this process's own argument list, where every account can read it.

Linux keeps the arguments in the process's memory and shows them in /proc/PID/cmdline; the
mysql client overwrites its own password there too.
"""

import contextlib
import ctypes
import os
import sys
from pathlib import Path

_ARG_START = 47
_ARG_END = 48
"""Fields 48 and 49 of /proc/self/stat, counted from zero (proc_pid_stat(5))."""


def conceal(secret: str) -> bool:
    """Overwrite `secret` with `x` wherever it stands in this process's arguments.

    Returns whether /proc/self/cmdline is free of it. The interpreter's copies (`sys.argv`,
    `sys.orig_argv`) are masked as well, so that no traceback shows them.
    """
    raw = os.fsencode(secret)
    if not raw:
        return True
    for arguments in (sys.argv, sys.orig_argv):
        arguments[:] = [_masked(argument, raw) for argument in arguments]
    with contextlib.suppress(OSError, ValueError):
        _overwrite(raw)
    try:
        shown = Path("/proc/self/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return all(_place(argument, raw) < 0 for argument in shown)


def _masked(argument: str, secret: bytes) -> str:
    raw = os.fsencode(argument)
    at = _place(raw, secret)
    return argument if at < 0 else os.fsdecode(raw[:at] + b"x" * 8 + raw[at + len(secret) :])


def _place(argument: bytes, secret: bytes) -> int:
    """Where `secret` stands in `-pSECRET`, `--password=SECRET` or `scheme://user:SECRET@`.

    A short password may also be part of an innocent word: only these places are touched.
    A secret of nothing but `x` is what an overwritten one looks like.
    """
    if not secret.strip(b"x"):
        return -1
    for prefix in (b"-p", b"--password="):
        if argument == prefix + secret:
            return len(prefix)
    scheme = argument.find(b"://")
    at = argument.find(b":" + secret + b"@", scheme + 3) if scheme >= 0 else -1
    return at + 1 if at >= 0 else -1


def _overwrite(secret: bytes) -> None:
    start, end = _argument_memory()
    offset = start
    for argument in ctypes.string_at(start, end - start).split(b"\0"):
        at = _place(argument, secret)
        if at >= 0:
            ctypes.memset(offset + at, ord("x"), len(secret))
        offset += len(argument) + 1


def _argument_memory() -> tuple[int, int]:
    # The second field is the program's name in brackets and may hold blanks.
    line = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace")
    fields = ["", "", *line.rpartition(")")[2].split()]
    start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
    if not 0 < start < end or end - start > 1 << 21:
        raise ValueError("the kernel does not tell where the arguments are")
    return start, end
