"""The flags that ask for probes, and what they say."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from wizard.steps.limits import DEFAULT_LIMITS, ProbeLimits, count, duration, size
from wizard.steps.names import ALL, PROBE_IDS

if TYPE_CHECKING:
    from wizard.probes.probe import Probe

FlagValue = TypeVar("FlagValue", int, float)


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """The probes that the operator asked for, by name, and how far they may go."""

    names: tuple[str, ...] = ()
    limits: ProbeLimits = DEFAULT_LIMITS

    def probes(self) -> tuple[Probe, ...]:
        """In the order in which they run."""
        if not self.names:
            return ()
        from wizard.probes.order import PROBES

        return tuple(p for p in PROBES if ALL in self.names or p.id in self.names)


def add_probe_arguments(parser: argparse.ArgumentParser) -> None:
    usual = DEFAULT_LIMITS
    add = parser.add_argument_group("probes").add_argument
    add("--probe", action="append", default=[], choices=(*PROBE_IDS, ALL), metavar="NAME",
        help=f"also run an experiment: {', '.join(PROBE_IDS)} or {ALL} (repeatable)")  # fmt: skip
    idle, busy = usual.idle_seconds, usual.statement_seconds
    add("--idle-limit", type=checked(duration), metavar="TIME", default=idle,
        help=f"how long the idle ladder lets connections rest (default {idle:g}s)")  # fmt: skip
    add("--statement-limit", type=checked(duration), metavar="TIME", default=busy,
        help=f"how long the long statement runs (default {busy:g}s)")  # fmt: skip
    add("--packet-limit", type=checked(size), metavar="SIZE", default=usual.packet_bytes,
        help=f"the largest packet to try (default {usual.packet_bytes >> 20}M)")  # fmt: skip
    add("--samples", type=checked(count), metavar="N", default=usual.samples,
        help="round trips of the latency probe (default: until the loss is known)")  # fmt: skip


def asked(args: argparse.Namespace) -> ProbeRequest:
    limits = replace(
        DEFAULT_LIMITS,
        idle_seconds=args.idle_limit,
        statement_seconds=args.statement_limit,
        packet_bytes=args.packet_limit,
        samples=args.samples,
    )
    return ProbeRequest(tuple(args.probe), limits)


def checked(parse: Callable[[str], FlagValue]) -> Callable[[str], FlagValue]:
    def _checked_value(text: str) -> FlagValue:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return _checked_value
