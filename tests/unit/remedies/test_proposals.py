"""Values from the evidence: the reason names the rule, and the shortest link limits it."""

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import MARIADB, MYSQL, situation
from wizard.remedies.figures import Link, ObservedFigures
from wizard.remedies.plan import Plan, PlanError, plan
from wizard.remedies.situation import Situation

REMEDIES = load().remedies
MiB, GiB = 1 << 20, 1 << 30


def made(remedy: str, where: Situation, **wanted: str) -> Plan:
    return plan(REMEDIES[remedy], where, wanted)


@pytest.mark.parametrize(
    ("gap", "value", "rule"),
    [
        (3.0, "60", "less than 60 s is never proposed"),
        (40.0, "60", "less than 60 s is never proposed"),
        (700.0, "900", "with a quarter more 875 s, rounded up to full minutes 900 s"),
        (100000.0, "28800", "more than the default of 8 h"),
    ],
)
def test_the_reason_names_the_rule_that_made_the_number(gap: float, value: str, rule: str) -> None:
    where = situation(measured=ObservedFigures(longest_idle=gap), wait_timeout="2")
    (change,) = made("raise-wait-timeout", where).changes
    assert change.new == value
    assert rule in change.because


@pytest.mark.parametrize("seconds", [20.0, 300.0, 600.0])
def test_above_the_shortest_link_it_is_in_vain(seconds: float) -> None:
    link = Link(seconds, "a firewall", "measured by the idle ladder")
    where = situation(measured=ObservedFigures(longest_idle=900, link=link), wait_timeout="600")
    with pytest.raises(PlanError, match=r"a firewall ends connections.* in vain"):
        made("raise-wait-timeout", where)


def test_the_value_stays_below_the_shortest_link() -> None:
    link = Link(350.0, "the proxy on the way", "as its configuration says")
    where = situation(measured=ObservedFigures(longest_idle=300, link=link), wait_timeout="100")
    (change,) = made("raise-wait-timeout", where).changes
    assert change.new == "315"
    assert "a tenth less" in change.because
    close = situation(measured=ObservedFigures(longest_idle=340, link=link), wait_timeout="330")
    with pytest.raises(PlanError, match="nothing fits between"):
        made("raise-wait-timeout", close)


def test_a_packet_that_the_way_cuts_is_in_vain() -> None:
    figures = ObservedFigures(5 * MiB, packet_path=3 * MiB)
    with pytest.raises(PlanError, match="lets no more than 3 MiB pass"):
        made("raise-max-allowed-packet", situation(measured=figures, max_allowed_packet="1048576"))


def test_other_limits_of_a_packet_are_named() -> None:
    where = situation(
        measured=ObservedFigures(memory=4 * GiB, memory_of="the machine"),
        replica_max_allowed_packet=str(64 * MiB),
    )
    said = " ".join(made("raise-max-allowed-packet", where, max_allowed_packet="256M").costs)
    for part in ("replica_max_allowed_packet = 64 MiB", "mysqldump", "ProxySQL",
                 "MORE than the 4 GiB of the machine"):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("most", "refused", "unfounded"), [(151, 0, False), (100, 7, False), (3, 0, True)]
)
def test_more_sessions_are_founded_on_the_high_water_mark(
    most: int, refused: int, unfounded: bool
) -> None:
    figures = ObservedFigures(most_sessions=most, refused=refused)
    planned = made("raise-max-connections", situation(measured=figures))
    assert planned.changes[0].new == "230"
    assert str(most) in planned.changes[0].because
    assert bool(planned.unfounded) is unfounded


def test_sessions_are_bounded_by_memory_and_files() -> None:
    small = ObservedFigures(most_sessions=151, memory=50 * MiB, memory_of="the control group")
    bounded = made("raise-max-connections", situation(measured=small)).changes[0]
    assert bounded.new == "200"
    assert "the control group" in bounded.because
    less = ObservedFigures(most_sessions=151, memory=10 * MiB, memory_of="the control group")
    with pytest.raises(PlanError, match="do not fit"):
        made("raise-max-connections", situation(measured=less))
    files = situation(measured=ObservedFigures(most_sessions=151), open_files_limit="190")
    assert made("raise-max-connections", files).changes[0].new == "180"


@pytest.mark.parametrize("info", [MYSQL, MARIADB])
def test_what_nothing_asks_for_is_marked(info: object) -> None:
    where = situation(MYSQL if info is MYSQL else MARIADB, wait_timeout="600")
    assert made("raise-wait-timeout", where).unfounded == ("wait_timeout",)
    assert made("raise-net-read-timeout", where).unfounded == ("net_read_timeout",)
    assert made("raise-max-allowed-packet", where).unfounded == ("max_allowed_packet",)
    assert made("raise-wait-timeout", where, wait_timeout="9h").unfounded == ()
