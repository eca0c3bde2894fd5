"""Nobody raises a variable that cannot help without being told."""

import pytest

from knowledge.load import load
from knowledge.model import Remedy
from tests.unit.remedies.fakes import MARIADB, situation
from wizard.diagnosis.model import Diagnosis, Finding, Verdict
from wizard.remedies.in_vain import warned, warnings
from wizard.remedies.plan import Plan, plan
from wizard.remedies.preview import lines


def found(**causes: tuple[Verdict, int]) -> Diagnosis:
    findings = tuple(
        Finding(name.replace("_", "-"), "", verdict, 0.9, explains, (), (), (), ())
        for name, (verdict, explains) in causes.items()
    )
    return Diagnosis(findings, (), "application", 10, 10)


def confirmed(cause: str) -> Diagnosis:
    return found(**{cause.replace("-", "_"): (Verdict.CONFIRMED, 10)})


@pytest.mark.parametrize(
    ("variable", "cause", "word"),
    [
        ("wait_timeout", "server-crash", "firewall"),
        ("wait_timeout", "packet-too-large", "symptom"),
        ("wait_timeout", "network-idle-drop", "350 s"),
        ("max_allowed_packet", "idle-timeout", "fails at once"),
        ("net_read_timeout", "client-read-timeout", "slow query sends nothing"),
        ("net_write_timeout", "query-timeout", "slow query sends nothing"),
        ("max_connections", "server-oom-killed", "more memory"),
        ("connect_timeout", "idle-timeout", "the login alone"),
        ("innodb_log_file_size", "packet-too-large", "nothing to do with lost connections"),
    ],
)
def test_raising_it_in_vain_is_said_with_the_reason(variable: str, cause: str, word: str) -> None:
    first, *reasons = warnings(variable, confirmed(cause))
    assert first.startswith(f"Raising {variable} will not help")
    assert cause in first
    assert word in " ".join(reasons)
    assert "goneaway-wizard explain " in " ".join(reasons)


@pytest.mark.parametrize("remedy", [r for r in load().remedies.values() if r.variable],
                         ids=lambda r: r.id)  # fmt: skip
def test_a_remedy_of_the_cause_is_never_warned_of(remedy: Remedy) -> None:
    for cause in load().causes.values():
        if remedy.id in cause.remedies:
            assert not warnings(remedy, confirmed(cause.id))


def test_a_smaller_cause_is_helped_and_the_larger_one_is_named() -> None:
    both = found(server_crash=(Verdict.CONFIRMED, 9), idle_timeout=(Verdict.CONFIRMED, 1))
    (said,) = warnings("wait_timeout", both)
    assert "server-crash" in said
    assert "9 failures" in said
    turned = found(idle_timeout=(Verdict.CONFIRMED, 9), server_crash=(Verdict.CONFIRMED, 1))
    assert not warnings("wait_timeout", turned)


def test_a_possible_cause_is_reason_enough_to_keep_still() -> None:
    assert not warnings("wait_timeout", found(idle_timeout=(Verdict.POSSIBLE, 0)))


def test_without_a_cause_it_is_said_what_the_variable_helps_against() -> None:
    (said,) = warnings("wait_timeout", None)
    assert said.startswith("wait_timeout helps against idle-timeout alone")
    assert "check" in said
    (said,) = warnings("wait_timeout", found(idle_timeout=(Verdict.RULED_OUT, 0)))
    assert "nothing here shows" in said


def test_what_never_helps_is_called_no_cure() -> None:
    first, reason = warnings("innodb_log_file_size", None)
    assert "no cure" in first
    assert "redo-log-cures-gone-away" in reason


@pytest.mark.parametrize("variable", ["log_error_verbosity", "general_log", "offline_mode"])
def test_seeing_more_is_always_welcome(variable: str) -> None:
    assert not warnings(variable, confirmed("server-crash"))


def made(**wanted: str) -> Plan:
    remedy = load().remedies["raise-wait-timeout"]
    return plan(remedy, situation(MARIADB, wait_timeout="600"), wanted)


def test_the_preview_shows_the_warning_first() -> None:
    shown = warned(made(wait_timeout="900"), confirmed("server-crash"))
    bullets = [line for line in lines(shown) if line.startswith("- ")]
    assert bullets[0].startswith("- Raising wait_timeout will not help")


def test_lowering_is_not_warned_of() -> None:
    plain = made(wait_timeout="300")
    assert warned(plain, confirmed("server-crash")) == plain


def test_each_raised_variable_is_judged() -> None:
    shown = warned(made(wait_timeout="900", max_allowed_packet="64M"), confirmed("idle-timeout"))
    said = " ".join(shown.notes)
    assert "Raising max_allowed_packet will not help" in said
    assert "Raising wait_timeout will not help" not in said
