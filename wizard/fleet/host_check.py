"""Has a process of its own check one host, within a time limit, and takes its short answer.

What is asked goes through the process' standard input, secrets and all, and in no argument, no
variable of its environment and no file. It ends when that input does: nobody is left behind when
Ansible is interrupted.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress

from wizard.case.json_codec import CodecError, encode
from wizard.fleet.request import HostRequest
from wizard.fleet.result import HostResult, not_looked_at, result_from
from wizard.safety.redact import mask_secrets
from wizard.safety.sanitize import sanitize

USAGE = 2
UNREACHABLE = 3
INTERNAL = 70
"""Exit codes of `check`."""

_MAX_ANSWER = 1 << 20
_MAX_SAID = 4000


def check_host(request: HostRequest, python: str, seconds: float) -> HostResult:
    """What the host answered; one that hangs costs `seconds` and nothing else."""
    began = time.monotonic()
    command = [python, "-m", "wizard.commands.fleet_host"]
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=answer, stderr=said, start_new_session=True
        )
        try:
            _ask(process, request)
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return not_looked_at(
                request.host, f"it took longer than {seconds:g} s", UNREACHABLE, seconds
            )
        finally:
            _end(process)
        said.seek(0)
        answer.seek(0)
        taken = time.monotonic() - began
        return _told(request, process.returncode, answer.read(_MAX_ANSWER), said.read(), taken)


def _ask(process: "subprocess.Popen[bytes]", request: HostRequest) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(encode(request)).encode("ascii") + b"\n")
        process.stdin.flush()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The process and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def _told(
    request: HostRequest, code: int, answer: bytes, said: bytes, seconds: float
) -> HostResult:
    try:
        return result_from(json.loads(answer))
    except (ValueError, RecursionError, CodecError):
        pass
    return not_answered(request, code, said[-_MAX_SAID:].decode("utf-8", "replace"), seconds)


def not_answered(request: HostRequest, code: int, said: str, seconds: float) -> HostResult:
    """Why there is no answer: the last line that was said, without the request's secrets."""
    lines = said[-_MAX_SAID:].strip().splitlines()
    last = lines[-1].removeprefix("goneaway-wizard: ") if lines else "it said nothing"
    for secret in (request.password, request.way.password, request.way.sudo_password):
        last = last.replace(secret, "********") if secret else last
    reason = sanitize(mask_secrets(last).text, 400)
    return not_looked_at(
        request.host, reason, code if code in (USAGE, UNREACHABLE) else INTERNAL, seconds
    )
