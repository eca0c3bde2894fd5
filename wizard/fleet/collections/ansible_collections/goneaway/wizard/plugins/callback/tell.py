"""Tells what came of each host as one line of JSON on standard output, and keeps nothing."""

import json
import sys
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: tell
type: stdout
short_description: One line of JSON a host, for goneaway-wizard fleet
description: Tells the hosts of the play, then each host's result as it comes.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """`{"hosts": [...]}`, then `{"host": ..., "result": ...}` or `{"host": ..., "failed": ...}`."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "goneaway.wizard.tell"

    def v2_playbook_on_play_start(self, play: Any) -> None:
        variables = play.get_variable_manager().get_vars(play=play)
        _tell({"hosts": [str(host) for host in variables["ansible_play_hosts_all"]]})

    def v2_runner_on_ok(self, result: Any) -> None:
        answer = result._result.get("goneaway_wizard")
        if answer is not None:
            _tell({"host": result._host.get_name(), "result": answer})

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        why = str(result._result.get("msg", "")) or "the task failed"
        _tell({"host": result._host.get_name(), "failed": why})

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self.v2_runner_on_failed(result)


def _tell(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event, default=str) + "\n")
    sys.stdout.flush()
