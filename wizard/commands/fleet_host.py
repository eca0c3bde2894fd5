"""Checks one host of a fleet, as it is asked on stdin: `python -m wizard.commands.fleet_host`.

One line of JSON comes in (a HostRequest) and one goes out (a HostResult). The process ends with its
standard input: whoever asked is gone then.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from wizard.case.case_file import save
from wizard.case.json_codec import decode
from wizard.commands import check, exit_codes
from wizard.commands.probe_flags import asked
from wizard.commands.terminal import remark
from wizard.fleet.request import HostRequest, Way
from wizard.fleet.result import HostResult, result_of
from wizard.fleet.traits import subnet_of
from wizard.hosts.ssh.prompt import Question
from wizard.investigation.begin import Beginning, begin_with
from wizard.investigation.local_servers import LocalServer
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.target.flags import TargetArguments, TargetParser, target_arguments
from wizard.target.model import Secret, SshPlace


class _Parser(TargetParser):
    """Says what is wrong with the inventory's variables, and prints no usage."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"the variables of this host: {message}")


def main() -> int:
    request = decode(HostRequest, json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        print(json.dumps(looked_at(request).as_data()), flush=True)
    except Exception as error:  # noqa: BLE001 - the last gate: one line for the table
        remark(operator_line(error))
        return exit_codes.code_of(error)
    return exit_codes.DONE


def looked_at(request: HostRequest) -> HostResult:
    """Check the host and write its case. Raises WizardError where nothing could be looked at."""
    began = time.monotonic()
    args = _parsed(request.words)
    arguments = _arguments(request, target_arguments(args))
    answers = _Answers(request.way)
    beginning = begin_with(arguments, None, remark, _choose, answers)
    answer = check.investigate(beginning, wanted=asked(args))
    case, diagnosis = answer.case, answer.diagnosis
    code = check.exit_code(case, diagnosis, beginning.sources)
    code = exit_codes.INTERNAL if answer.defects else code
    result = result_of(request.host, case, diagnosis, code, time.monotonic() - began)
    if request.case:
        path = save(case, Path(request.case), overwrite=True)
        result = replace(result, case=path.name)
    if code == exit_codes.UNREACHABLE:
        result = replace(result, reason=_why_not(answer.case.step("connection")))
    return replace(result, traits={**result.traits, **_of_the_inventory(request, beginning)})


def _why_not(connection: object) -> str:
    told = getattr(connection, "reason", "") or getattr(connection, "headline", "")
    return str(told) or "the server could not be reached"


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="goneaway-wizard")
    check.register(parser.add_subparsers(parser_class=_Parser))
    return parser.parse_args(["check", *words])


def _arguments(request: HostRequest, arguments: TargetArguments) -> TargetArguments:
    way = request.way
    if request.password:
        arguments = replace(arguments, password=Secret(request.password))
    if not way.host:
        return arguments
    place = SshPlace(way.host, way.user or None, way.port)
    return replace(arguments, ssh=place, ssh_options=way.options)


class _Answers:
    """Answers what SSH asks with the inventory's passwords, each once: none is tried twice."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._given: set[str] = set()

    def __call__(self, question: Question) -> str | None:
        if not question.secret or question.key in self._given:
            return None
        self._given.add(question.key)
        if question.key.startswith("sudo "):
            return self._way.sudo_password or None
        return self._way.password or None


def _of_the_inventory(request: HostRequest, beginning: Beginning) -> dict[str, str]:
    """The host's groups and subnet, as traits."""
    found = {f"group {group}": "member" for group in request.groups if group != "ungrouped"}
    addresses = [beginning.target.host or ""]
    if beginning.reached is not None:
        addresses.insert(0, beginning.reached.host.link.address)
    subnet = subnet_of(addresses)
    return {**found, "subnet": subnet} if subnet else found


def _choose(servers: Sequence[LocalServer]) -> LocalServer:
    listed = "; ".join(server.description for server in servers)
    raise UsageError(f"several servers run there, set goneaway_socket or goneaway_port: {listed}")


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(exit_codes.INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
