"""One host checked by the one file that is copied there: the command, and what it answered. Pure.

The file (`make bundle`) needs Python 3.11 or newer there and nothing else, and leaves nothing.
"""

import json
import shlex
from dataclasses import dataclass, replace

from wizard.case.json_codec import CodecError, decode, encode
from wizard.fleet.host_check import INTERNAL, UNREACHABLE, USAGE, not_answered
from wizard.fleet.request import HostRequest, Way
from wizard.fleet.result import HostResult, not_looked_at

MODULE = "wizard.commands.fleet_there"
MAX_ANSWER = 64 << 20
"""As large as a case file may be."""

_GRACE_SECONDS = 5
_TIMED_OUT = 124
"""Exit code of timeout(1)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the file prints, as one line of JSON. `case` is the text of the case file."""

    result: HostResult
    case: str


def command(file: str, python: str, seconds: float) -> str:
    """The shell's line for the host. What is asked goes through its standard input.

    The account that runs it unpacks it into a directory of its own, and takes that away again: it
    need not be the account that Ansible logs in with. PEX_MODULE and PEX_ROOT:
    <https://docs.pex-tool.org>, "PEX runtime environment variables".
    """
    words = ("timeout", "-k", str(_GRACE_SECONDS), f"{seconds:g}", python, file)
    run = " ".join(map(shlex.quote, words))
    return (
        f'd=$(mktemp -d) || exit; PEX_ROOT="$d" PEX_MODULE={MODULE} {run}; s=$?; rm -rf "$d";'
        " exit $s"
    )


def asked(request: HostRequest) -> bytes:
    """The line for its standard input; how to reach the host is no business of the host's."""
    return json.dumps(encode(replace(request, case="", way=Way()))).encode("ascii") + b"\n"


def answer_of(
    request: HostRequest, limit: float, code: int, out: str, err: str, seconds: float
) -> Answer:
    """The host's answer, or why there is none.

    Exit codes that are not the wizard's own are the shell's, of timeout(1) and of a Python that
    does not run the file: the inventory asked for what is not there.
    """
    lines = out.strip().splitlines()
    if lines and len(lines[-1]) <= MAX_ANSWER:
        try:
            answer = decode(Answer, json.loads(lines[-1]))
        except (ValueError, RecursionError, CodecError):
            pass
        else:
            return replace(answer, result=replace(answer.result, host=request.host))
    if code == _TIMED_OUT:
        told = f"it took longer than {limit:g} s"
        return Answer(not_looked_at(request.host, told, UNREACHABLE, seconds), "")
    known = code if code in (UNREACHABLE, INTERNAL) else USAGE
    return Answer(not_answered(request, known, err or out, seconds), "")
