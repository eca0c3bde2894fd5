"""Looks at every host of an inventory, and takes the results as they come."""

from collections.abc import Callable, Mapping
from typing import Any

from wizard.case.json_codec import CodecError
from wizard.fleet.ansible_run import AnsibleOptions, run_fleet
from wizard.fleet.host_check import INTERNAL
from wizard.fleet.result import HostResult, not_looked_at, result_from
from wizard.fleet.results import ResultDirectory
from wizard.safety.redact import mask_secrets
from wizard.safety.sanitize import sanitize


def look(
    options: AnsibleOptions,
    asked: dict[str, Any],
    directory: ResultDirectory,
    progress: Callable[[int, int], None],
) -> tuple[list[HostResult], bool]:
    """Every host's result, and whether the operator ended it early. Raises AnsibleError.

    What an action answered it has written itself; what Ansible says instead is written here.
    """
    hosts: list[str] = []
    found: dict[str, HostResult] = {}
    interrupted = False
    try:
        for event in run_fleet(options, asked):
            if "hosts" in event:
                hosts = [str(host) for host in event["hosts"]]
                continue
            result = result_of_event(event)
            found[result.host] = result
            if "result" not in event:
                directory.keep(result)
            progress(len(found), len(hosts))
    except KeyboardInterrupt:
        interrupted = True
        # An action may have ended while nobody listened any more.
        found = {**{r.host: r for r in directory.results() if r.host in hosts}, **found}
    missing = [host for host in hosts if host not in found]
    why = "it was not reached before the end" if interrupted else "Ansible said nothing of it"
    return [*found.values(), *(not_looked_at(host, why, 3) for host in missing)], interrupted


def result_of_event(event: Mapping[str, Any]) -> HostResult:
    """The result that a line of the callback holds, or what Ansible says in its place."""
    host = str(event["host"])
    if "result" in event:
        try:
            return result_from(event["result"])
        except CodecError as error:
            return not_looked_at(host, f"its answer is damaged: {error}", INTERNAL)
    return not_looked_at(host, sanitize(mask_secrets(str(event.get("failed", ""))).text, 400), 2)
