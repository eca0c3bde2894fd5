"""A reading comes back as it was, and nothing else is taken for one."""

import json
import subprocess
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path, PurePath
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benches.planted import general_log, slow_log
from tests.servers.sshd.pythons import oldest
from tests.unit.health.fake_host import TableHost
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError, NotPermitted, Unfinished
from wizard.logs.application.read import scan_where_it_lies
from wizard.logs.engine.stamps import located
from wizard.logs.error.in_place import read_in_place
from wizard.logs.general.limits import GeneralLimits
from wizard.logs.general.read import (
    GeneralFile,
    GeneralReading,
    read_general_log,
    read_general_logs,
)
from wizard.logs.general.tables import tables
from wizard.logs.slow.patterns import patterns
from wizard.logs.slow.read import SlowReading, read_slow_log, read_slow_logs
from wizard.logs.slow.tables import tables as slow_tables
from wizard.logs.source import ask
from wizard.logs.source.ask import ask_there, read_at_source
from wizard.logs.source.converted import NotConvertible
from wizard.logs.source.plain import from_plain
from wizard.logs.source.told import to_plain
from wizard.logs.source.zone_files import zone_of_file
from wizard.logs.source.zone_of import steps_of
from wizard.logs.source.zone_steps import SteppedZone
from wizard.server.statement_limits import SlowLimits

DATA = Path(__file__).parents[3] / "data" / "error-log"
EVER = Window(datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


class FarHost(TableHost):
    """Gives what a program says that runs in a process of its own, as over a channel."""

    told = b""

    def run_python(  # type: ignore[override]
        self,
        path: PurePath | str,  # noqa: ARG002 - the question has it too
        code: str,
        given: bytes,
        say: Callable[[str], None],  # noqa: ARG002 - short logs tell nothing
    ) -> bytes | None:
        words = [oldest(), "-I", "-S", "-c", code]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(given)
            process.stdin.flush()
            answer = process.stdout.read()
        if process.returncode:
            return None
        self.told = zlib.decompress(answer)
        return answer


class AnsweringHost(TableHost):
    """Answers whatever it is told to."""

    answer: bytes | None = None

    def run_python(self, *_: object) -> bytes | None:  # type: ignore[override]
        return self.answer


@pytest.mark.parametrize("zone", [None, UTC, ZoneInfo("Asia/Kathmandu")])
def test_a_reading_comes_back_as_it_was(zone: tzinfo | None) -> None:
    path = str(DATA / "mariadb-10.11.log")
    ours = read_in_place(LocalHost(), path, EVER, zone)
    theirs = ask_there(read_in_place, FarHost(), path, EVER, zone)
    assert theirs == ours
    assert [(t.minutes, t.accounts, t.places) for t in theirs.scan.tallies] == [
        (t.minutes, t.accounts, t.places) for t in ours.scan.tallies
    ]
    assert ours.scan.tallies


@pytest.mark.parametrize(
    ("mysql", "zone"), [(False, ZoneInfo("Asia/Kathmandu")), (True, UTC)], ids=["mariadb", "mysql"]
)
def test_a_general_log_says_there_what_it_says_here(
    tmp_path: Path, mysql: bool, zone: tzinfo
) -> None:
    path = tmp_path / "general.log"
    general_log(path, 60_000, mysql)
    with path.open("ab") as log:
        log.write(_SAID)
    window = None if mysql else EVER
    reader: Callable[..., GeneralFile | GeneralReading] = (
        read_general_log if mysql else read_general_logs
    )
    host = FarHost()
    ours = reader(LocalHost(), str(path), window, zone)
    theirs = read_at_source(reader, host, str(path), window, zone)
    assert theirs == ours
    assert tables(theirs.work, GeneralLimits()) == tables(ours.work, GeneralLimits())
    (kept,) = (s for s in theirs.work.sessions if s.connection_id == 990001)
    assert kept.last_said == "Query SET PASSWORD FOR ? = PASSWORD(?)"
    assert kept.timeouts == {"wait_timeout": 60}
    assert [k.victim for k in kept.kills] == [17]
    assert b"Geheimnis" not in host.told
    assert b"990001" in host.told


@pytest.mark.parametrize(
    ("mysql", "zone"), [(False, ZoneInfo("Asia/Kathmandu")), (True, UTC)], ids=["mariadb", "mysql"]
)
def test_a_slow_log_says_there_what_it_says_here(tmp_path: Path, mysql: bool, zone: tzinfo) -> None:
    path = tmp_path / "slow.log"
    slow_log(path, 60_000, mysql)
    with path.open("ab") as log:
        log.write(_TOOK_LONG)
    reader: Callable[..., SlowReading] = read_slow_log if mysql else read_slow_logs
    host = FarHost()
    ours = reader(LocalHost(), str(path), None if mysql else EVER, zone)
    theirs = read_at_source(reader, host, str(path), None if mysql else EVER, zone)
    assert theirs == ours
    limits = SlowLimits(90.0, 60.0)
    shown = patterns(theirs.digest, limits, (), "a log"), slow_tables(theirs.digest, limits)
    assert shown == (
        patterns(ours.digest, limits, (), "a log"), slow_tables(ours.digest, limits)
    )  # fmt: skip
    assert theirs.digest.longest[0].text == "update t set a = ?"
    assert b"Geheimnis" not in host.told
    assert b"set a = " in host.told


def test_an_application_s_log_says_there_what_it_says_here(tmp_path: Path) -> None:
    """Also of times in a zone that is named, which older Pythons do not know."""
    path = tmp_path / "app.log"
    kinds = ("php-error.log", "spring.log", "lines.json", "go.log")
    path.write_bytes(b"".join((DATA.parent / "app-log" / name).read_bytes() for name in kinds))
    with path.open("a") as log:
        log.write("[26-Jul-2026 10:00:01 Europe/Berlin] PHP Warning: MySQL server has gone away\n")
    ours = scan_where_it_lies(LocalHost(), str(path), None, UTC)
    assert read_at_source(scan_where_it_lies, FarHost(), str(path), None, UTC) == ours
    assert ours.total >= 4
    with pytest.raises(HostError, match=r"by Python 3\.6"):
        read_at_source(scan_where_it_lies, AnsweringHost(), str(path), None, UTC)


_TOOK_LONG = b"""# User@Host: app[app] @ web1 [10.0.0.5]
# Thread_id: 15  Schema: shop  QC_hit: No
# Query_time: 4000.5  Lock_time: 0.000100  Rows_sent: 3  Rows_examined: 900
SET timestamp=1792359200;
UPDATE t SET a = 'Geheimnis which was cut;
"""

_SAID = b"""\t\t990001 Connect\tapp@web on shop using TCP/IP
\t\t990001 Query\tSET SESSION wait_timeout = 60
\t\t990001 Query\tKILL 17
\t\t990001 Query\tSET PASSWORD FOR 'app' = PASSWORD('Geheimnis')
"""


def _packed(answer: Any) -> bytes:
    return zlib.compress(json.dumps({"answer": answer}).encode())


def test_an_answer_of_another_form_is_none() -> None:
    path = str(DATA / "mariadb-10.11.log")
    good = to_plain(read_in_place(LocalHost(), path, EVER, UTC))
    host = AnsweringHost()
    host.answer = _packed(good)
    assert ask_there(read_in_place, host, path, EVER, UTC) is not None
    bent = [[], good[:-1], [None, *good[1:]], [good[0], 7, *good[2:]], {"a": 1}, "x", [[]] * 8]
    for answer in [b"", b"Traceback", _packed([])[:-4], *map(_packed, bent)]:
        host.answer = answer
        with pytest.raises(Unfinished, match="an answer that is none"):
            ask_there(read_in_place, host, path, EVER, UTC)
    host.answer = None
    assert ask_there(read_in_place, host, path, EVER, UTC) is None


def _refused(error: HostError) -> bytes:
    told = {"error": str(error), "kind": type(error).__name__}
    return zlib.compress(json.dumps(told).encode())


def test_what_keeps_the_log_from_being_read_there_is_told() -> None:
    path = str(DATA / "mariadb-10.11.log")
    host = AnsweringHost()
    host.answer = _refused(HostError("this is no\x1b text"))
    with pytest.raises(HostError, match="this is no text"):
        ask_there(read_in_place, host, path, EVER, UTC)
    host.answer = _refused(NotPermitted("permission denied"))
    assert ask_there(read_in_place, host, path, EVER, UTC) is None


def test_a_reader_that_cannot_be_sent_says_why_the_log_is_read_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfit(_module: str) -> bytes:
        raise NotConvertible("wizard.logs.general.read: its source is not at hand")

    monkeypatch.setattr(ask, "program", unfit)
    general_log(path := tmp_path / "general.log", 60_000)
    ours = read_general_logs(LocalHost(), str(path), EVER, UTC)
    host = TableHost(files={str(path): path.read_text("utf-8")})
    theirs = read_at_source(read_general_logs, host, str(path), EVER, UTC)
    assert theirs.work == ours.work
    assert "its source is not at hand" in theirs.remarks[0]
    assert "read from here instead" in theirs.remarks[0]


def test_texts_of_an_answer_pass_the_gate() -> None:
    assert from_plain(str, "a\x1b[31mb\u202e") == "a[31mb"
    with pytest.raises(ValueError, match="no "):
        from_plain(int, "7")


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


@given(
    st.sampled_from((*ZONES, "America/Sao_Paulo", "Africa/Casablanca")),
    st.datetimes(datetime(1990, 1, 1), datetime(2036, 1, 1)),
)
def test_a_zone_of_the_database_s_files_is_the_zone(name: str, at: datetime) -> None:
    try:
        zone = zone_of_file(name)
    except KeyError:
        pytest.skip("there are no files of zones")
    assert zone.utcoffset(at) == ZoneInfo(name).utcoffset(at)


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/passwd", "Nowhere/At_all", "zone.tab"])
def test_what_names_no_zone_is_none(name: str) -> None:
    with pytest.raises(KeyError):
        zone_of_file(name)


@given(
    st.sampled_from([*map(ZoneInfo, ZONES), timezone(timedelta(hours=-3)), None]),
    st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 20)),
)
def test_a_zone_that_is_told_by_its_changes_is_the_zone(zone: tzinfo | None, at: datetime) -> None:
    told = SteppedZone(*steps_of(zone, datetime(2026, 11, 23, tzinfo=UTC)))
    known = located(at, zone)
    assert known is not None
    again = known.astimezone(UTC).astimezone(known.tzinfo).replace(tzinfo=None)
    if again == at and known.fold == 0:  # not in the hour that the clock skips
        assert at.replace(tzinfo=told).astimezone(UTC) == known.astimezone(UTC)
