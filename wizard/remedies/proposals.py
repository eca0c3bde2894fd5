"""Which value to set where the operator named none, and by which rule. Pure.

A reason names what was seen and the rule that made the number of it, so that the operator can
reckon it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.model import Variable
from wizard.case import facts
from wizard.case.case import Case
from wizard.remedies.budget import sessions_that_fit
from wizard.remedies.figures import measure
from wizard.remedies.situation import Situation
from wizard.server.values import in_words
from wizard.server.variables import default_for, whole
from wizard.units import duration, size

LONGEST_IDLE = 28800
"""Seconds: the default of wait_timeout, and the most that is proposed unasked."""

SHORTEST_IDLE = 60
"""Seconds: the least that is proposed."""

LARGEST_PACKET = 1 << 30
"""Bytes: the protocol's limit for max_allowed_packet."""

_SAME = 0.98
"""A pause is measured at the client and a little shorter than the server's limit that cut it."""


class NoProposal(Exception):
    """Nothing sensible can be proposed; the message is one line. Where the operator may know
    better, `wants` is what to name."""

    def __init__(self, message: str, wants: str = "") -> None:
        super().__init__(message)
        self.wants = wants


@dataclass(frozen=True, slots=True)
class Proposal:
    """`measured` is false where nothing that was seen makes the number."""

    value: str
    because: str
    measured: bool = True


Propose = Callable[[Variable, int, Situation], Proposal]
"""Takes the variable and its value now."""


def propose(variable: Variable, situation: Situation) -> Proposal:
    """A value made from what was measured. Raises NoProposal."""
    if variable.name == "offline_mode":
        return Proposal("OFF", "ordinary accounts are let in again")
    rule = _RULES.get(variable.name)
    current = whole(situation.settings.value(variable.name))
    if rule is None or current is None:
        raise _name_one(variable, "nothing is known to propose")
    return rule(variable, current, situation)


def already_enough(variable: str, case: Case) -> str:
    """What failed, where the value now lets it pass; empty where it may not, or is not known."""
    seen = measure(case)
    packet, idle = case.fact(facts.MAX_ALLOWED_PACKET), case.fact(facts.WAIT_TIMEOUT)
    if variable == "max_allowed_packet" and isinstance(packet, int):
        largest = seen.largest_statement
        if largest is not None and _takes(packet, largest):
            return f"the value now takes the {size(largest)} that failed"
    if variable == "wait_timeout" and isinstance(idle, int):
        gap = seen.longest_idle
        if gap is not None and _outlasts(idle, gap):
            return f"the value now outlasts the {duration(round(gap))} of rest before a failure"
    return ""


def _takes(limit: int, largest: int) -> bool:
    # A statement travels with one byte of command, so one of just 2^n bytes needs more.
    return _power_of_two(largest + 1) <= limit


def _outlasts(limit: int, gap: float) -> bool:
    return gap < limit * _SAME


def _name_one(variable: Variable, why: str) -> NoProposal:
    return NoProposal(why, f"{variable.name}=VALUE")


def _idle(variable: Variable, current: int, situation: Situation) -> Proposal:
    gap, link = situation.measured.longest_idle, situation.measured.link
    if link is not None and link.seconds <= current:
        raise NoProposal(
            f"{link.told}, sooner than {variable.name} now ({current} s): raising it is in vain;"
            " have the client's pool give up sooner, or keep the flow alive"
        )
    if gap is None:
        return _default(variable, current, situation)
    seen = f"the longest pause before a failure was {duration(round(gap))}"
    if _outlasts(current, gap):
        why = f"{seen}, shorter than {variable.name} now ({current} s): raising it will not help"
        raise _name_one(variable, why)
    if link is not None and gap >= link.seconds:
        raise NoProposal(
            f"{seen}, and {link.told}: raising {variable.name} is in vain; have the client's pool"
            " give up sooner, or keep the flow alive"
        )
    wanted, rule = _above(gap)
    if link is not None and wanted >= link.seconds:
        below = int(link.seconds) - max(1, int(link.seconds) // 10)
        if below <= current or below <= gap:
            raise _name_one(variable, f"{seen}, and {link.told}: nothing fits between")
        return Proposal(str(below), f"{seen}; {link.told}, and a tenth less than that is taken")
    if wanted <= LONGEST_IDLE:
        return Proposal(str(wanted), f"{seen}; {rule}")
    if current >= LONGEST_IDLE:
        why = f"{seen}; idling longer than 8 h is for the client's pool to avoid"
        raise _name_one(variable, why)
    return Proposal(
        str(LONGEST_IDLE), f"{seen}; more than the default of 8 h is proposed only when asked for"
    )


def _above(gap: float) -> tuple[int, str]:
    """A quarter more than `gap`, in full minutes, and the rule in words."""
    more = int(gap * 1.25)
    wanted = -(-more // 60) * 60
    if wanted <= SHORTEST_IDLE:
        return SHORTEST_IDLE, f"less than {SHORTEST_IDLE} s is never proposed"
    return wanted, f"with a quarter more {more} s, rounded up to full minutes {wanted} s"


def _default(variable: Variable, current: int, situation: Situation) -> Proposal:
    default = whole(default_for(variable, situation.info))
    if default is None or current >= default:
        measured = "" if variable.name == "interactive_timeout" else "no pause was measured, and "
        raise _name_one(
            variable, f"{measured}{variable.name} is not below the default ({current} s)"
        )
    link = situation.measured.link
    if link is not None and link.seconds < default and variable.name == "wait_timeout":
        below = int(link.seconds) - max(1, int(link.seconds) // 10)
        if below > current:
            return Proposal(
                str(below),
                f"no pause was measured; {link.told}, and a tenth less than that is taken",
                measured=False,
            )
    return Proposal(
        str(default), "no pause was measured; this is the built-in default", measured=False
    )


def _packet(variable: Variable, current: int, situation: Situation) -> Proposal:
    if current >= LARGEST_PACKET:
        raise NoProposal(f"{variable.name} is at its limit of 1 GiB: split the statements")
    largest, path = situation.measured.largest_statement, situation.measured.packet_path
    if largest is None:
        value = min(_power_of_two(current + 1), LARGEST_PACKET)
        return Proposal(
            str(value),
            "no failed statement's size is known; the next power of two above the value now:"
            " name another where you know the size",
            measured=False,
        )
    seen = f"the largest statement that failed had {size(largest)}"
    if largest > LARGEST_PACKET:
        raise NoProposal(f"{seen}; no value of {variable.name} takes it: split the statements")
    if path is not None and path < largest:
        raise NoProposal(
            f"{seen}, and something on the way lets no more than {size(path)} pass (packet"
            f" ladder): raising {variable.name} is in vain until that is raised"
        )
    value = min(_power_of_two(largest + 1), LARGEST_PACKET)
    if _takes(current, largest):
        why = f"{seen}, and {in_words(variable, str(current))} already takes that"
        raise _name_one(variable, why)
    rule = (
        "1 GiB is the most that the protocol allows"
        if value == LARGEST_PACKET
        else "this is the next power of two above it"
    )
    return Proposal(str(value), f"{seen}; {rule}")


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def _connections(variable: Variable, current: int, situation: Situation) -> Proposal:
    measured = situation.measured
    most, refused = measured.most_sessions, measured.refused
    was_full = refused > 0 or (most is not None and most >= current)
    value = -(-(current + max(current // 2, 50)) // 10) * 10
    rule = f"half as many again as {current}, at least 50 more, in tens"
    if was_full and most is not None:
        seen = f"{most} were open at once since the start"
        if refused:
            seen += f" and {refused} logins found no free slot"
        rule = f"{seen}; {rule}"
    elif most is not None:
        rule = f"at most {most} of {current} were open at once since the start; {rule}"
    fits = sessions_that_fit(situation)
    if fits is not None and fits.sessions < value:
        if fits.sessions <= current:
            raise _name_one(variable, f"{fits.told}: more sessions than {current} do not fit")
        value, rule = fits.sessions, f"{rule}; {fits.told}"
    return Proposal(str(min(value, 100_000)), rule, measured=was_full)


def _factor(factor: int, limit: int) -> Propose:
    """Seconds that were too few, times `factor`, at most `limit` unasked."""

    def rule(variable: Variable, current: int, situation: Situation) -> Proposal:
        default = whole(default_for(variable, situation.info)) or current
        base = max(current, default)
        value = min(base * factor, limit)
        if value <= current:
            raise _name_one(variable, f"{current} s is already long")
        told = f"{factor} times {base} s, the larger of the value now and the default"
        capped = f", at most {limit} s" if base * factor > limit else ""
        return Proposal(
            str(value), f"how long it would have taken is not known; {told}{capped}", measured=False
        )

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
