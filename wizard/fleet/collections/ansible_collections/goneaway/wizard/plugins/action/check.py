"""`goneaway.wizard.check`: from Ansible's variables and connection to a checked host."""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from wizard.diagnosis.model import Verdict
from wizard.fleet import copied
from wizard.fleet.host_check import check_host
from wizard.fleet.request import PREFIX, HostRequest, Way, listed, ssh_options, words_of
from wizard.fleet.result import HostResult
from wizard.fleet.results import ResultDirectory
from wizard.safety.errors import UsageError, WizardError
from wizard.safety.private_file import write_private

_FAILING = {
    "never": (),
    "likely": (Verdict.CONFIRMED, Verdict.LIKELY),
    "confirmed": (Verdict.CONFIRMED,),
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Checks from the controller, where no file is to be copied: the host needs no Python then."""

    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("dir", "probe", "time_limit", "fail_on", "facts", "resume"))

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(
            {
                "dir": {"type": "path"},
                "probe": {"type": "list", "elements": "str", "default": []},
                "time_limit": {"type": "float", "default": 120.0},
                "fail_on": {"type": "str", "choices": list(_FAILING), "default": "likely"},
                "facts": {"type": "bool", "default": True},
                "resume": {"type": "bool", "default": False},
            }
        )
        variables = task_vars or {}
        try:
            found = self._checked(options, variables)
        except WizardError as error:
            raise AnsibleActionFail(str(error)) from None
        return _answer(found, options)

    def _checked(self, options: dict[str, Any], variables: dict[str, Any]) -> HostResult:
        name = str(variables["inventory_hostname"])
        directory = ResultDirectory(Path(options["dir"])) if options["dir"] else None
        if directory is not None:
            directory.make()
            known = directory.result(name) if options["resume"] else None
            if known is not None and known.was_looked_at:
                return known
        own = {n: self._plain(v) for n, v in variables.items() if n.startswith(PREFIX)}
        there = str(own.get(f"{PREFIX}file") or "")
        request = HostRequest(
            name,
            words_of(own, options["probe"]),
            "" if directory is None else str(directory.case_path(name)),
            Way() if there else self._way(variables),
            str(own.get(f"{PREFIX}password") or ""),
            tuple(sorted(str(group) for group in listed(variables.get("group_names")))),
        )
        seconds = float(own.get(f"{PREFIX}time_limit") or options["time_limit"])
        python = str(own.get(f"{PREFIX}python") or "")
        if there:
            result = self._checked_there(request, Path(there), python or "python3", seconds)
        else:
            result = check_host(request, python or sys.executable, seconds)
        if directory is not None:
            directory.keep(result)
        return result

    def _checked_there(
        self, request: HostRequest, file: Path, python: str, seconds: float
    ) -> HostResult:
        """By the one file, on the host, over whatever connection Ansible has, become included."""
        if not file.is_file():
            raise UsageError(f"{PREFIX}file: {file} is no file here; make bundle writes one")
        began = time.monotonic()
        place = self._make_tmp_path()
        try:
            copy = self._connection._shell.join_path(place, file.name)
            self._transfer_file(str(file), copy)
            self._fixup_perms2((place, copy))
            ran = self._low_level_execute_command(
                copied.command(copy, python, seconds), in_data=copied.asked(request)
            )
        finally:
            self._remove_tmp_path(place)
        answer = copied.answer_of(
            request, seconds, int(ran["rc"]), ran["stdout"], ran["stderr"],
            time.monotonic() - began,
        )  # fmt: skip
        if not (answer.case and request.case):
            return answer.result
        path = write_private(Path(request.case), answer.case.encode("ascii", "replace"), True)
        return replace(answer.result, case=path.name)

    def _plain(self, value: Any) -> Any:
        """The variable with its templates filled in and its vault opened."""
        return self._templar.template(value)

    def _way(self, variables: dict[str, Any]) -> Way:
        """As Ansible's own connection has it from the inventory, the configuration and flags."""
        connection = self._connection
        if connection.transport == "local":
            return Way()
        if connection.transport not in ("ssh", "paramiko_ssh", "paramiko"):
            raise AnsibleActionFail(
                f"hosts are looked at over ssh or local, not over {connection.transport}"
            )

        def option(name: str) -> Any:
            return connection.get_option(name) if name in connection.get_options() else None

        words = " ".join(str(option(f"ssh_{n}_args") or "") for n in ("common", "extra"))
        return Way(
            str(option("host") or option("remote_addr") or variables["inventory_hostname"]),
            int(option("port")) if option("port") else None,
            str(option("remote_user") or ""),
            ssh_options(words, str(option("private_key_file") or "")),
            str(option("password") or ""),
            self._become_password(variables),
        )

    def _become_password(self, variables: dict[str, Any]) -> str:
        for name in ("ansible_become_password", "ansible_become_pass"):
            if variables.get(name):
                return str(self._plain(variables[name]))
        return ""


def _answer(found: HostResult, options: dict[str, Any]) -> dict[str, Any]:
    data = found.as_data()
    answer: dict[str, Any] = {"changed": False, "goneaway_wizard": data}
    if options["facts"]:
        answer["ansible_facts"] = {"goneaway_wizard": data}
    accusing = [c for c in found.causes if c.verdict in _FAILING[options["fail_on"]]]
    if accusing:
        answer["failed"] = True
        told = ", ".join(f"{c.cause} ({c.verdict.value})" for c in accusing)
        answer["msg"] = f"connections go away because of {told}"
    elif found.reason and options["fail_on"] != "never":
        answer["failed"] = True
        answer["msg"] = f"not looked at: {found.reason}"
    return answer
