"""Which value to set where the operator named none, and why. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.model import Variable
from wizard.remedies.situation import Situation
from wizard.server.values import in_words
from wizard.server.variables import default_for, whole
from wizard.units import duration, size

LONGEST_IDLE = 28800
"""Seconds: the default of wait_timeout, and the most that is proposed unasked."""

LARGEST_PACKET = 1 << 30
"""Bytes: the protocol's limit for max_allowed_packet."""


class NoProposal(Exception):
    """Nothing sensible can be proposed; the message is one line and says what to name."""


@dataclass(frozen=True, slots=True)
class Proposal:
    value: str
    because: str


Propose = Callable[[Variable, int, Situation], Proposal]
"""Takes the variable and its value now."""


def propose(variable: Variable, situation: Situation) -> Proposal:
    """A value made from what was measured. Raises NoProposal."""
    if variable.name == "offline_mode":
        return Proposal("OFF", "ordinary accounts are let in again")
    rule = _RULES.get(variable.name)
    current = whole(situation.settings.value(variable.name))
    if rule is None or current is None:
        raise NoProposal(_name_one(variable, "nothing is known to propose"))
    return rule(variable, current, situation)


def _name_one(variable: Variable, why: str) -> str:
    return f"{why}; name a value with --set {variable.name}=VALUE"


def _idle(variable: Variable, current: int, situation: Situation) -> Proposal:
    gap = situation.measured.longest_idle
    if gap is None:
        return _default(variable, current, situation)
    seen = f"the longest pause before a failure was {duration(round(gap))}"
    if gap < current * 0.98:
        why = f"{seen}, shorter than {variable.name} now ({current} s): raising it will not help"
        raise NoProposal(_name_one(variable, why))
    wanted = -(-int(gap * 1.25) // 60) * 60
    if wanted <= LONGEST_IDLE:
        rounded = "a quarter was added, and full minutes made of it"
        return Proposal(str(max(wanted, 60)), f"{seen}; {rounded}")
    if current >= LONGEST_IDLE:
        why = f"{seen}; idling longer than 8 h is for the client's pool to avoid"
        raise NoProposal(_name_one(variable, why))
    return Proposal(
        str(LONGEST_IDLE), f"{seen}; more than the default of 8 h is proposed only when asked for"
    )


def _default(variable: Variable, current: int, situation: Situation) -> Proposal:
    default = whole(default_for(variable, situation.info))
    if default is None or current >= default:
        raise NoProposal(
            _name_one(variable, f"no pause was measured, and {current} s is not below the default")
        )
    return Proposal(str(default), "no pause was measured; this is the default")


def _packet(variable: Variable, current: int, situation: Situation) -> Proposal:
    if current >= LARGEST_PACKET:
        raise NoProposal(f"{variable.name} is at its limit of 1 GiB: split the statements")
    largest = situation.measured.largest_statement
    if largest is None:
        value = min(_power_of_two(current + 1), LARGEST_PACKET)
        return Proposal(str(value), "no failed statement's size is known; the value is doubled")
    seen = f"the largest statement that failed had {size(largest)}"
    if largest > LARGEST_PACKET:
        raise NoProposal(f"{seen}; no value of {variable.name} takes it: split the statements")
    # A statement travels with one byte of command, so one of just 2^n bytes needs more.
    value = min(_power_of_two(largest + 1), LARGEST_PACKET)
    if value <= current:
        why = f"{seen}, and {in_words(variable, str(current))} already takes that"
        raise NoProposal(_name_one(variable, why))
    return Proposal(str(value), f"{seen}; this is the next power of two")


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def _connections(_variable: Variable, current: int, situation: Situation) -> Proposal:
    most = situation.measured.most_sessions
    value = -(-(current + max(current // 2, 50)) // 10) * 10
    seen = f" ({most} were open at once since the start)" if most is not None else ""
    return Proposal(str(min(value, 100_000)), f"half as many again{seen}")


def _factor(factor: int, limit: int) -> Propose:
    """Seconds that were too few, times `factor`, at most `limit` unasked."""

    def rule(variable: Variable, current: int, situation: Situation) -> Proposal:
        default = whole(default_for(variable, situation.info)) or current
        value = min(max(current, default) * factor, limit)
        if value <= current:
            raise NoProposal(_name_one(variable, f"{current} s is already long"))
        return Proposal(str(value), f"{factor} times as long, at most {limit} s")

    return rule


def _idle_transaction(variable: Variable, current: int, situation: Situation) -> Proposal:
    if current == 0:
        raise NoProposal(f"{variable.name} is 0: no open transaction is ended for idling")
    return _factor(4, 3600)(variable, current, situation)


def _verbosity(level: int) -> Propose:
    def rule(_variable: Variable, current: int, _situation: Situation) -> Proposal:
        return Proposal(str(max(level, current)), "from here on the log tells why sessions end")

    return rule


_RULES: Mapping[str, Propose] = {
    "wait_timeout": _idle,
    "interactive_timeout": _default,
    "idle_transaction_timeout": _idle_transaction,
    "max_allowed_packet": _packet,
    "max_connections": _connections,
    "net_read_timeout": _factor(4, 600),
    "net_write_timeout": _factor(10, 3600),
    "connect_timeout": _factor(3, 60),
    "log_error_verbosity": _verbosity(3),
    "log_warnings": _verbosity(2),
}
