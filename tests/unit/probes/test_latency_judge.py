"""What the latency probe's figures accuse, clear, and leave open."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from wizard.case.evidence import Evidence
from wizard.probes.latency.judge import evidence_of, looked_for
from wizard.probes.latency.logins import Logins
from wizard.probes.latency.measured import LatencyMeasured
from wizard.probes.latency.name_lookups import Lookup, is_name
from wizard.probes.latency.round_trips import RoundTrips
from wizard.probes.latency.tables import headline, notes, samples, tables
from wizard.probes.latency.tcp_info import TcpInfo
from wizard.probes.shared.icmp import Echoes
from wizard.probes.shared.way import APPLICATION, HERE, Way
from wizard.server.login_stages import LoginStages
from wizard.target.model import Target

NOW = datetime(2026, 8, 5, tzinfo=UTC)
TARGET = Target(host="db.example.test")
FOUND = Lookup(0.002, ("192.0.2.7",))
QUICK = LoginStages(resolve=0.002, open=0.0004, greeting=0.001, tls=0.003, login=0.002)


def way(target: Target = TARGET, id_: str = HERE) -> Way:
    label = "from here" if id_ == HERE else "from the application (app1)"
    return Way(id_, label, target, cast("Any", None), None, own_sockets=id_ == HERE)


def trips(segments: int, resent: int = 0, late: int = 0, returned: int = 0) -> RoundTrips:
    seconds = [0.0005] * (segments // 2 - late) + [0.21] * late
    before = TcpInfo(total_retrans=1, data_segs_out=9, data_segs_in=9, dsack_dups=0)
    last = TcpInfo(
        total_retrans=1 + resent,
        data_segs_out=9 + segments // 2,
        data_segs_in=9 + segments // 2,
        dsack_dups=returned,
        rtt=0.4,
        snd_mss=1448,
        pmtu=1500,
    )
    return RoundTrips(seconds, before, last)


CLEAN = LatencyMeasured(
    way(),
    (FOUND,) * 5,
    Logins((QUICK,) * 10, (), ("192.0.2.7",)),
    trips(800),
    first_greeting=0.001,
    skips_names=False,
    client="192.0.2.1",
)
LOSSY = replace(CLEAN, trips=trips(400, 16, late=17, returned=7))
LATE = replace(CLEAN, first_greeting=5.0)


def found(*ways: LatencyMeasured) -> dict[str, Evidence]:
    return {e.signal: e for e in evidence_of(ways, NOW)}


def test_a_clean_way_accuses_nobody_and_clears_the_network() -> None:
    assert found(CLEAN) == {}
    assert {"probe.loss", "probe.greeting-late", "probe.name-slow"} <= set(looked_for((CLEAN,)))
    assert "loss below 0.46 %" in headline((CLEAN,))


def test_loss_is_told_with_its_bounds_and_its_direction() -> None:
    loss = found(LOSSY)["probe.loss"]
    assert loss.text == (
        "16 retransmits of 400 segments, between 2.3 and 6.7 % lost (7 of them on the way back)"
    )
    assert loss.count == 16


def test_what_loss_explains_is_not_put_down_to_names() -> None:
    """A lost acknowledgement makes the first greeting a second late."""
    assert set(found(replace(LOSSY, first_greeting=1.02))) == {"probe.loss"}
    assert set(found(LATE)) == {"probe.greeting-late"}


def test_what_is_not_decided_is_neither_accused_nor_cleared() -> None:
    open_ = replace(CLEAN, trips=trips(400, 3, late=3))
    assert found(open_) == {}
    assert "probe.loss" not in looked_for((open_,))
    assert "loss not decided" in headline((open_,))
    assert any("more segments would tell" in note for note in notes((open_,)))


def test_late_answers_without_a_retransmit_of_ours_point_beyond_a_proxy() -> None:
    beyond = replace(CLEAN, trips=trips(800, 0, late=12))
    assert found(beyond) == {}
    assert "probe.loss" not in looked_for((beyond,))
    assert any("lost beyond a proxy" in note for note in notes((beyond,)))


def test_where_no_kernel_tells_late_round_trips_are_a_hint() -> None:
    hidden = replace(CLEAN.trips or RoundTrips(), before=None, last=None)
    hidden.seconds[-1] = 0.4
    blind = replace(CLEAN, way=way(id_=APPLICATION), trips=hidden)
    assert found(blind) == {}
    assert "probe.loss" not in looked_for((blind,))
    assert any("1 were as late as a loss makes" in note for note in notes((blind,)))


@pytest.mark.parametrize(
    "inside",
    [
        replace(CLEAN, way=way(Target(host="127.0.0.1"))),
        replace(CLEAN, way=way(Target(socket="/run/mysqld/mysqld.sock"))),
        replace(CLEAN, stays_inside=True),
    ],
)
def test_a_way_without_a_network_clears_no_network(inside: LatencyMeasured) -> None:
    assert "probe.loss" not in looked_for((inside,))
    assert any("no network" in note or "on this machine" in note for note in notes((inside,)))


def test_the_applications_way_decides() -> None:
    there = replace(CLEAN, way=way(id_=APPLICATION))
    loopback = replace(CLEAN, way=way(Target(host="localhost")))
    assert "probe.loss" in looked_for((loopback, there))
    open_ = replace(there, trips=trips(40))
    assert "probe.loss" not in looked_for((CLEAN, open_))
    lossy = found(CLEAN, replace(LOSSY, way=way(id_=APPLICATION)))["probe.loss"]
    assert lossy.source == "ss -tin of the probe's connection, from the application (app1)"


def test_a_server_that_skips_names_is_not_suspected_of_looking_them_up() -> None:
    skips = replace(LATE, skips_names=True, backward=Lookup(9.0, failed="no answer"))
    assert found(skips) == {}
    assert "probe.greeting-late" not in looked_for((skips,))
    assert "probe.greeting-late" not in looked_for((replace(LATE, skips_names=None),))


def test_a_slow_reverse_lookup_counts_fully_where_a_greeting_was_late() -> None:
    slow = Lookup(5.0, failed="no such entry, or no answer")
    assert not found(replace(LATE, backward=slow))["probe.reverse-slow"].weak
    assert found(replace(CLEAN, backward=slow))["probe.reverse-slow"].weak
    assert found(replace(LATE, backward=FOUND)).keys() == {"probe.greeting-late"}


def test_names_that_resolve_slowly_or_not_each_time() -> None:
    bad = Lookup(0.01, failed="Temporary failure in name resolution")
    seen = found(replace(CLEAN, lookups=(FOUND, bad, Lookup(2.5, ("192.0.2.7",)))))
    assert seen["probe.name-failed"].text == (
        "db.example.test did not resolve 1 of 3 times (Temporary failure in name resolution)"
    )
    assert seen["probe.name-slow"].value == 2.5


def test_it_says_what_a_stale_answer_would_mean() -> None:
    moved = replace(CLEAN, lookups=(FOUND, Lookup(0.002, ("192.0.2.8",))))
    assert any("192.0.2.7 or 192.0.2.8" in note for note in notes((moved,)))
    elsewhere = replace(CLEAN, logins=replace(CLEAN.logins, addresses=("192.0.2.99",)))
    assert any("connected to 192.0.2.99" in note for note in notes((elsewhere,)))


def test_the_tables_hold_each_stage_and_fit_a_terminal() -> None:
    stages, tcp = tables((replace(LOSSY, echoes=Echoes(20, (0.0004,) * 19)),))
    assert [row[0] for row in stages.rows] == [
        "name lookup", "TCP connect", "greeting", "TLS", "authentication", "query", "ICMP echo",
    ]  # fmt: skip
    assert all(len("  ".join(row)) < 78 for row in stages.rows)
    assert ("ICMP", "19 of 20 echoes came back") in tcp.rows
    assert ("path MTU", "1500 bytes") in tcp.rows
    assert [series.unit for series in samples((LOSSY,))] == ["ms", "ms"]


@pytest.mark.parametrize(
    ("host", "asked"),
    [("db", True), ("192.0.2.7", False), ("fe80::1%eth0", False), ("localhost", False),
     (None, False), ("-x", False)],
)  # fmt: skip
def test_only_a_name_is_looked_up(host: str | None, asked: bool) -> None:
    assert is_name(host) is asked
