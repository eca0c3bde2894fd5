"""The error-log step on files, without a server, and the `logs` command."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.cli import main
from wizard.hosts.local.host import LocalHost
from wizard.logs.engine.log_file import CHUNK
from wizard.steps import error_log
from wizard.steps.step import Context, Skip
from wizard.target.model import Sources, Target

DATA = Path(__file__).parents[2] / "data" / "error-log"
DAY = datetime(2026, 11, 23, tzinfo=UTC)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{text}+00:00")


def run(
    log: Path | None, since: str = "00:00:00", until: str = "23:59:59", refused: bool = False,
    answered: str = "", refused_at: str = "",
) -> StepResult:  # fmt: skip
    case = Case(DAY, Window(clock(since), clock(until)), TargetFacts("db"))
    at = clock(refused_at) if refused_at else None
    down = Evidence("state.refused", "refused", "connect", first=at, last=at)
    evidence = (down,) if refused or refused_at else ()
    case = case.with_step(
        StepResult(
            "connection", StepStatus.DONE, evidence=evidence,
            facts={
                "server_time_offset_seconds": 0,
                "answered_at": clock(answered).isoformat() if answered else None,
            },
        )
    )  # fmt: skip
    context = Context(
        Target(host="127.0.0.1"),
        Sources(error_log=log),
        case,
        None,  # type: ignore[arg-type]
        LocalHost(),
    )
    return error_log.STEP.run(context)


def counts(result: StepResult) -> dict[str, int]:
    return {e.signal: e.count for e in result.evidence}


def test_every_session_that_mariadb_ended() -> None:
    result = run(DATA / "mariadb-10.11-warnings-4.log")
    assert counts(result) == {
        "log.shutdown": 2,
        "log.crash": 1,
        "log.aborted-timeout": 2,
        "log.aborted-packet": 1,
        "log.aborted-read-error": 2,
        "log.aborted-write-error": 1,
        "log.aborted-init-connect": 1,
        # Two KILLs; the other three of the log are sessions that the shutdown ended.
        "log.aborted-killed": 2,
        "log.preauth": 3,
        "log.access-denied": 1,
    }


def test_every_session_that_mysql_ended() -> None:
    result = run(DATA / "mysql-9.7-verbosity-3.log")
    assert counts(result) == {
        "log.shutdown": 2,
        "log.crash": 1,
        "log.idle-timeout": 1,
        "log.aborted-packet": 1,
        "log.aborted-read-error": 2,
        "log.aborted-write-timeout": 1,
        "log.aborted-init-connect": 1,
        "log.handshake-timeout": 1,
        "log.preauth": 2,
        "log.access-denied": 1,
    }
    (idle,) = (e for e in result.evidence if e.signal == "log.idle-timeout")
    assert idle.occurrences[0].seconds == 1
    assert idle.occurrences[0].account == "'root'@'localhost'"
    assert result.tables[0].columns == ("COUNT", "WHAT", "WHO", "LAST (UTC)")


def test_only_the_window_is_told_and_the_run_before_it_is_known() -> None:
    log = DATA / "mysql-9.7.log"
    result = run(log, "12:41:40.4", "12:41:41.9")
    # The kill was before the window's first line; only the start is in it.
    assert counts(result) == {"log.unclean-end": 1}
    assert result.facts["dead_pids"] == "13664"
    after = run(log, "12:41:44.1", "12:41:44.2")
    assert after.evidence == ()
    assert after.facts["last_state"] == "running"


def test_a_log_that_breaks_off_counts_only_when_nothing_listens(tmp_path: Path) -> None:
    text = (DATA / "mysql-9.7.log").read_text(encoding="utf-8")
    log = tmp_path / "error.log"
    log.write_text(text[: text.index("2026-11-23T12:41:40.536127Z")], encoding="utf-8")
    assert "log.unclean-end" not in counts(run(log))
    (end,) = (e for e in run(log, refused=True).evidence if e.signal == "log.unclean-end")
    assert end.occurrences[0].at == clock("12:41:40.358329")
    assert end.occurrences[0].until is None


def test_a_log_without_any_time_does_not_break_off(tmp_path: Path) -> None:
    """A pasted line says nothing of where the server's run ended."""
    log = tmp_path / "error.log"
    ended = (
        "Aborted connection 41 to db: 'a' user: 'b' host: 'c' (Got timeout reading communication"
    )
    log.write_text(f"[Note] {ended} packets)\n", encoding="utf-8")
    result = run(log, refused=True)
    assert "log.unclean-end" not in counts(result)
    assert result.facts["dead_pids"] == ""


@pytest.mark.parametrize(
    "printed", ["mysql 12:40:00.12 INFO  ==> ** Starting MySQL **\n", "x\n" * 9]
)
def test_what_a_script_printed_before_the_first_start_is_no_run(
    tmp_path: Path, printed: str
) -> None:
    text = (DATA / "mysql-9.7.log").read_text(encoding="utf-8")
    begun = text.index("2026-11-23T12:41:37.574143Z")
    log = tmp_path / "error.log"
    log.write_text(printed + text[begun : text.index("\n", begun) + 1], encoding="utf-8")
    assert "log.unclean-end" not in counts(run(log, since="12:00:00"))


TAKEN = (
    "2026-11-23T12:00:00.1Z 0 [ERROR] [MY-010262] [Server] Can't start server: Bind on TCP/IP "
    "port: Address already in use\n"
    "2026-11-23T12:00:00.2Z 0 [ERROR] [MY-010257] [Server] Do you already have another mysqld "
    "server running on port: 3306 ?\n"
    "2026-11-23T12:00:00.3Z 0 [ERROR] [MY-010119] [Server] Aborting\n"
)


def test_a_start_whose_place_is_taken_counts_where_no_server_is_known(tmp_path: Path) -> None:
    log = tmp_path / "error.log"
    log.write_text(TAKEN, encoding="utf-8")
    assert counts(run(log, refused=True)) == {"log.startup-failed": 1}
    assert counts(run(log)) == {}, "the server that has the place answers"
    first = "2026-11-23T11:00:00.1Z 0 [Note] mysqld: ready for connections.\n"
    log.write_text(first + TAKEN, encoding="utf-8")
    assert "log.startup-failed" not in counts(run(log, refused=True)), "it may be the first one's"


@pytest.mark.parametrize("lines", [2, 3], ids=["cut", "whole"])
@pytest.mark.parametrize("since", ["00:00:00", "12:30:00"])
def test_lines_long_after_a_place_was_found_taken_are_the_first_servers(
    tmp_path: Path, since: str, lines: int
) -> None:
    log = tmp_path / "error.log"
    later = "2026-11-23T13:00:00.1Z 9 [Note] [MY-010914] [Server] Aborted connection 9 to db: 'x'"
    later += " user: 'y' host: 'z' (Got timeout reading communication packets).\n"
    log.write_text("".join(TAKEN.splitlines(True)[:lines]) + later, encoding="utf-8")
    told = counts(run(log, refused=True, since=since))
    assert told == {"log.aborted-timeout": 1, "log.unclean-end": 1}


def test_a_log_that_was_written_to_after_the_refusal_does_not_break_off(tmp_path: Path) -> None:
    """Who starts the server and reads at once was told of a second death."""
    text = (DATA / "mysql-9.7.log").read_text(encoding="utf-8")
    log = tmp_path / "error.log"
    log.write_text(text[: text.index("2026-11-23T12:41:40.536127Z")], encoding="utf-8")
    for refused_at, dead in (("12:41:40.2", False), ("12:41:40.4", True), ("12:50:00", True)):
        read = run(log, refused_at=refused_at)
        assert ("log.unclean-end" in counts(read)) is dead, refused_at
        assert (read.facts["dead_pids"] != "") is dead
    ahead = text.replace("2026-11-23T", "2126-11-23T")
    log.write_text(ahead[: ahead.index("2126-11-23T12:41:40.536127Z")], encoding="utf-8")
    assert run(log, refused_at="12:41:40.2").evidence == run(log, refused=True).evidence


def test_a_silent_death_comes_after_the_last_answer(tmp_path: Path) -> None:
    """Whatever failed before the server answered was not this death."""
    text = (DATA / "mysql-9.7.log").read_text(encoding="utf-8")
    log = tmp_path / "error.log"
    log.write_text(text[: text.index("2026-11-23T12:41:40.536127Z")], encoding="utf-8")
    late = run(log, refused=True, answered="12:55:00")
    (end,) = (e for e in late.evidence if e.signal == "log.unclean-end")
    assert end.occurrences[0].at == end.first == clock("12:55:00")
    assert "still answered at" in end.text
    early = run(log, refused=True, answered="12:41:39")
    (end,) = (e for e in early.evidence if e.signal == "log.unclean-end")
    assert end.occurrences[0].at == clock("12:41:40.358329")
    started = run(DATA / "mysql-9.7.log", answered="12:41:40.5")
    (end,) = (e for e in started.evidence if e.signal == "log.unclean-end")
    assert end.occurrences[0].at == clock("12:41:40.5")
    long_after = run(DATA / "mysql-9.7.log", answered="13:55:00")
    (end,) = (e for e in long_after.evidence if e.signal == "log.unclean-end")
    assert end.occurrences[0].at == clock("12:41:40.358329")


def test_a_log_that_begins_inside_the_window_does_not_tell_the_life(tmp_path: Path) -> None:
    log = tmp_path / "error.log"
    lines = (DATA / "mariadb-10.11.log").read_text(encoding="utf-8").splitlines(keepends=True)
    aborted = next(x for x in lines if "Got timeout" in x)
    log.write_text(aborted, encoding="utf-8")
    rotated = run(log)
    assert "log.unclean-end" not in rotated.looked_for
    assert "log.aborted-timeout" in rotated.looked_for
    assert any("rotated away" in note for note in rotated.notes)
    assert "log.unclean-end" in run(log, "13:00:00").looked_for


def test_the_rotated_log_is_read_where_the_window_reaches_into_it(tmp_path: Path) -> None:
    lines = (DATA / "mysql-9.7.log").read_text(encoding="utf-8").splitlines(keepends=True)
    cut = next(n for n, x in enumerate(lines) if x.startswith("2026-11-23T12:41:40.536127Z"))
    (tmp_path / "error.log.1").write_text("".join(lines[:cut]), encoding="utf-8")
    (tmp_path / "error.log").write_text("".join(lines[cut:]), encoding="utf-8")
    whole = run(DATA / "mysql-9.7.log")
    assert counts(run(tmp_path / "error.log")) == counts(whole)


def test_what_a_damaged_archive_hides_is_not_called_absent(tmp_path: Path) -> None:
    data = (DATA / "mysql-9.7.log").read_bytes()
    packed = gzip.compress(data)
    log = tmp_path / "error.log.1.gz"
    log.write_bytes(packed)
    assert "log.crash-loop" in run(log).looked_for
    log.write_bytes(packed[: len(packed) // 2])
    result = run(log)
    assert set(result.looked_for) == {e.signal for e in result.evidence}
    assert any("is damaged or cut" in note for note in result.notes)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    log = tmp_path / "error.log"
    log.write_bytes(
        b"2026-11-23 10:00:00 9 [Warning] Aborted connection 9 to db: 'x' user: "
        b"'\x1b]0;owned\x07[red]\xe2\x80\xae' host: 'h' "
        b"(Got timeout reading communication packets)\n"
        b"2026-11-23 10:00:01 10 [Warning] Access denied for user 'mysqld got signal 11 ;'@'h' "
        b"(using password: YES)\n" + b"2026-11-23 10:00:02 1 [Note] " + b"A" * 3 * CHUNK + b"\n"
    )
    result = run(log)
    assert counts(result) == {"log.aborted-timeout": 1, "log.access-denied": 1}
    for item in result.evidence:
        assert not {c for c in item.text + item.excerpt if c < " " and c != "\n"}
        assert "\u202e" not in item.text + item.excerpt


def test_no_log_is_a_reason_to_skip(tmp_path: Path) -> None:
    with pytest.raises(Skip, match=r"nowhere\.log"):
        run(tmp_path / "nowhere.log")


def test_an_empty_log_claims_nothing(tmp_path: Path) -> None:
    log = tmp_path / "error.log"
    log.touch()
    result = run(log)
    assert result.evidence == ()
    assert "log.unclean-end" not in result.looked_for
    assert any("empty" in note for note in result.notes)


def _logs(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["logs", "--format", "json", *words]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_the_logs_command(capsys: pytest.CaptureFixture[str]) -> None:
    path = DATA / "mariadb-10.11.log"
    answer = _logs(capsys, str(path))
    assert answer["schema_version"] == 1
    (file,) = answer["files"]
    assert file["kind"] == "error"
    assert file["bytes_scanned"] == path.stat().st_size
    assert set(file) == {"path", "kind", "bytes_scanned", "first", "last", "seconds"}
    met = {s["id"]: s for s in answer["signatures"]}
    assert met["aborted-timeout"]["count"] == 1
    assert met["aborted-timeout"]["examples"][0] in path.read_text(encoding="utf-8")
    assert met["unclean-end"]["count"] == 1
    assert set(met["aborted-timeout"]) == {"id", "count", "first", "last", "examples"}


def test_the_logs_command_joins_files_and_keeps_to_the_window(
    capsys: pytest.CaptureFixture[str],
) -> None:
    both = _logs(capsys, str(DATA / "mysql-9.7.log"), str(DATA / "mysql-9.7-verbosity-3.log"))
    met = {s["id"]: s["count"] for s in both["signatures"]}
    assert met["crash-signal"] == 3
    late = _logs(
        capsys, str(DATA / "mysql-9.7.log"), "--since", "2026-11-23T12:41:52+00:00",
        "--until", str(DAY + timedelta(days=1)),
    )  # fmt: skip
    assert {s["id"]: s["count"] for s in late["signatures"]}["crash-signal"] == 1


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)]
)
def test_the_logs_command_reads_compressed_logs(
    suffix: str,
    pack: Callable[[bytes], bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = (DATA / "mariadb-10.11.log").read_bytes()
    packed = tmp_path / f"mariadb.log.2{suffix}"
    packed.write_bytes(pack(data))
    plain, answer = _logs(capsys, str(DATA / "mariadb-10.11.log")), _logs(capsys, str(packed))
    assert answer["signatures"] == plain["signatures"]
    (file,) = answer["files"]
    assert (file["kind"], file["bytes_scanned"]) == ("error", len(data))
    since = ("--since", "2026-11-23T12:41:52+00:00")
    assert (
        _logs(capsys, str(packed), *since)["signatures"]
        == (_logs(capsys, str(DATA / "mariadb-10.11.log"), *since)["signatures"])
    )


def test_the_logs_command_reads_each_named_file_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rotated files are named by the operator here: `error.log*`."""
    for name in ("error.log", "error.log.1"):
        (tmp_path / name).write_bytes((DATA / "mariadb-10.11.log").read_bytes())
    paths = [str(tmp_path / name) for name in ("error.log", "error.log.1")]
    answer = _logs(capsys, *paths, "--since", "2020-01-01T00:00:00+00:00")
    met = {s["id"]: s["count"] for s in answer["signatures"]}
    assert met["aborted-timeout"] == 2


def test_the_logs_command_says_what_of_an_archive_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "error.log.1.gz"
    data = gzip.compress((DATA / "mysql-9.7.log").read_bytes())
    packed.write_bytes(data[: len(data) // 2])
    assert main(["logs", str(packed)]) == 0
    assert "is damaged or cut" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["/nowhere.log"], "no such file"),
        (["--since", "yesterday", str(DATA / "mysql-9.7.log")], "--since takes"),
    ],
)
def test_wrong_usage_is_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["logs", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
    assert captured.err.count("\n") == 1
