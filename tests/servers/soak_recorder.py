"""Losses among 200 sessions that come and go by Quit: `python -m tests.servers.soak_recorder`.

Prints how often each fault was told with the right session and cause within 3 seconds, how late the
latest was, and how many clean ends there were for how many false events; then how many events
were lost by killing the recorder. `--ssh` watches through an sshd of this machine, `--only` names
faults. Not part of the tests: an hour.
"""

import argparse
import resource
import sys
from collections.abc import Callable
from contextlib import ExitStack

from tests.network.lab import network_lab
from tests.servers.harness.templates import PRODUCTS, Templates, data_templates, start_with
from tests.servers.recorder_soak import losses, outages
from tests.servers.recorder_soak.failover import failovers
from tests.servers.recorder_soak.kills import kills
from tests.servers.recorder_soak.network import dropped
from tests.servers.recorder_soak.score import Score
from tests.servers.recorder_soak.told import Ways

_SETTINGS: dict[str, dict[str, object]] = {
    "mariadb": {"log_warnings": 2, "max_connections": 600},
    "mysql": {"log_error_verbosity": 3, "max_connections": 600},
}
_NAMES = (*losses.STAGES, *outages.STAGES, "dropped", "failover", "kills")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", nargs="+", default=list(_NAMES), choices=_NAMES)
    parser.add_argument("--product", nargs="+", default=list(PRODUCTS))
    parser.add_argument("--ssh", action="store_true")
    args = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    wrong = 0
    with ExitStack() as stack:
        template = stack.enter_context(data_templates())
        ways = Ways(stack, args.ssh)
        for product in args.product:
            for stage in _stages(product, template, ways, args):
                with ExitStack() as servers:
                    score = stage(servers)
                print(f"{product}{' over SSH' if args.ssh else ''}:\n  {score.told()}", flush=True)
                wrong += score.wrong
            if "kills" in args.only:
                with ExitStack() as servers:
                    server = start_with(servers, template, product, _SETTINGS[product])
                    lost = kills(server, args.kills)
                print(f"{product}: {args.kills} recorders killed, {lost} events lost", flush=True)
                wrong += lost
    return 1 if wrong else 0


def _stages(
    product: str, template: Templates, ways: Ways, args: argparse.Namespace
) -> list[Callable[[ExitStack], Score]]:
    """Each with servers of its own, which its stack ends."""
    settings, rounds = _SETTINGS[product], args.rounds
    of_session = tuple(name for name in losses.STAGES if name in args.only)
    of_server = tuple(name for name in outages.STAGES if name in args.only)
    stages: list[Callable[[ExitStack], Score]] = []
    if "failover" in args.only:

        def to_another(stack: ExitStack) -> Score:
            first, second = (start_with(stack, template, product, settings) for _ in range(2))
            return failovers((first, second), ways, rounds)

        stages.append(to_another)
    if "dropped" in args.only:
        stages.append(
            lambda stack: dropped(
                stack.enter_context(network_lab(template, product, settings)), ways, rounds
            )
        )
    if of_server:
        stages.append(
            lambda stack: outages.outages(
                start_with(stack, template, product, settings), ways, rounds, of_server
            )
        )
    if of_session:
        stages.append(
            lambda stack: losses.losses(
                start_with(stack, template, product, settings), ways, rounds, of_session
            )
        )
    return stages


if __name__ == "__main__":
    sys.exit(main())
