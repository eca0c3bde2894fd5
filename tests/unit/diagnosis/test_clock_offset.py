"""Clocks that differ by a constant are found, told and corrected for; rests are no such thing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.diagnosis.test_diagnosis import LOG, NOW, case, ended, lost, outage, step
from wizard.case.case import Case
from wizard.case.evidence import Failure, Phase
from wizard.diagnosis.derived.clock_offset import clock_offset
from wizard.diagnosis.diagnose import diagnose

PACKETS = ("13:20:00", "13:31:07", "13:58:40", "14:12:02")


def moved(failure: Failure, seconds: float) -> Failure:
    assert failure.at is not None
    return replace(failure, at=failure.at + timedelta(seconds=seconds))


def packets(offset: float) -> Case:
    told = tuple(moved(lost(t, signal="client.sending-packet"), offset) for t in PACKETS)
    log = step("error-log", ended("log.aborted-packet", *PACKETS), looked=LOG)
    return case(step("symptom", failures=told), log)


@pytest.mark.parametrize("offset", [90, -90, 3600, -7200, 12])
def test_a_constant_difference_is_found_told_and_corrected_for(offset: int) -> None:
    seen = packets(offset)
    found = clock_offset(seen)
    assert found is not None
    assert found.seconds == pytest.approx(offset, abs=2)
    diagnosis = diagnose(seen)
    assert [a.cause for a in diagnosis.attributions] == ["packet-too-large"] * 4
    assert [a.failure for a in diagnosis.attributions] == list(seen.failures), "as they were told"
    assert "clock" in diagnosis.remarks[0]
    assert ("after" if offset > 0 else "before") in diagnosis.remarks[0]


def test_clocks_that_agree_are_left_alone() -> None:
    assert clock_offset(packets(0)) is None
    assert clock_offset(packets(1.5)) is None
    assert not diagnose(packets(0)).remarks


def test_a_rest_that_is_always_as_long_is_no_offset() -> None:
    times = ("13:20:00", "13:31:07", "13:58:40", "14:12:02")
    told = tuple(moved(lost(t, idle=150), 90) for t in times)
    log = step("error-log", ended("log.aborted-timeout", *times), looked=LOG)
    assert clock_offset(case(step("symptom", failures=told), log)) is None


def test_a_connection_that_was_used_after_its_end_proves_an_offset() -> None:
    times = ("13:20:00", "13:31:07", "13:58:40", "14:12:02")
    told = tuple(moved(lost(t, idle=5), 90) for t in times)
    log = step("error-log", ended("log.aborted-read-error", *times), looked=LOG)
    found = clock_offset(case(step("symptom", failures=told), log))
    assert found is not None
    assert found.seconds == pytest.approx(90, abs=2)


def test_refused_connects_at_another_time_than_the_only_outage_tell_the_offset() -> None:
    refused = tuple(
        replace(lost(f"14:01:{s:02}", signal="client.refused"), phase=Phase.CONNECT)
        for s in (30, 34, 38, 42)
    )
    log = step("error-log", outage("log.shutdown", "14:00:00", "14:00:20"), looked=LOG)
    diagnosis = diagnose(case(step("symptom", failures=refused), log))
    assert {a.cause for a in diagnosis.attributions} == {"server-restarted"}
    assert diagnosis.remarks


def test_failures_that_only_happen_to_lie_apart_from_events_are_no_offset() -> None:
    told = tuple(lost(t) for t in ("13:15:00", "13:40:13", "14:05:44", "14:20:01"))
    log = step("error-log", ended("log.aborted-packet", *PACKETS), looked=LOG)
    assert clock_offset(case(step("symptom", failures=told), log)) is None


@pytest.mark.parametrize("offset", [90, -90])
def test_a_quick_restart_fits_a_clock_that_the_logs_own_file_tells(offset: int) -> None:
    """The file's last line is as far from the time of its writing as the failures from the
    restart."""
    told = tuple(moved(lost("14:00:02", idle=3), offset) for _ in range(3))
    log = step("error-log", outage("log.shutdown", "14:00:00", "14:00:06"), looked=LOG)
    last = NOW + timedelta(seconds=offset)
    facts = {"log_to": last.isoformat(), "log_written": NOW.isoformat()}
    diagnosis = diagnose(case(step("symptom", failures=told, facts=facts), log))
    assert {a.cause for a in diagnosis.attributions} == {"server-restarted"}
    assert "clock" in diagnosis.remarks[0]


@pytest.mark.parametrize(
    ("restart", "rest", "written_after"),
    [("14:05:00", 3.0, 90), ("14:00:00", 3.0, 0), ("14:01:30", 200.0, 90)],
    ids=["another distance", "clocks that agree", "a rest that reaches over it"],
)
def test_a_file_that_is_younger_than_its_last_line_proves_nothing_else(
    restart: str, rest: float, written_after: int
) -> None:
    told = tuple(lost("13:50:02", idle=rest) for _ in range(3))
    back = f"{restart[:-1]}6"
    log = step("error-log", outage("log.shutdown", restart, back), looked=LOG)
    facts = {
        "log_to": (NOW - timedelta(seconds=written_after)).isoformat(),
        "log_written": NOW.isoformat(),
    }
    assert clock_offset(case(step("symptom", failures=told, facts=facts), log)) is None


def test_this_machines_clock_against_the_servers_tells_a_quick_restart_too() -> None:
    told = tuple(moved(lost("14:00:02", idle=3), -70) for _ in range(3))
    log = step("error-log", outage("log.shutdown", "14:00:00", "14:00:06"), looked=LOG)
    here = step("connection", facts={"clock_skew_seconds": 70.0})
    facts = {"log_to": NOW.isoformat(), "log_written": NOW.isoformat()}
    diagnosis = diagnose(case(step("symptom", failures=told, facts=facts), log, here))
    assert {a.cause for a in diagnosis.attributions} == {"server-restarted"}


def test_clocks_that_are_known_to_agree_need_no_offset() -> None:
    """A tunnel that is down refuses connects at another time than the server's own restart."""
    refused = tuple(
        replace(lost(f"14:01:{s:02}", signal="client.refused"), phase=Phase.CONNECT)
        for s in (30, 34, 38, 42)
    )
    log = step("error-log", outage("log.shutdown", "14:00:00", "14:00:20"), looked=LOG)
    here = step("connection", facts={"clock_skew_seconds": 0.2})
    facts = {"log_to": NOW.isoformat(), "log_written": (NOW + timedelta(seconds=1)).isoformat()}
    assert clock_offset(case(step("symptom", failures=refused, facts=facts), log, here)) is None
