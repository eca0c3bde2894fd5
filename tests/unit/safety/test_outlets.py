"""No shape of the corpus can be read in any place that lets something out of the process.

Each outlet is driven once with all shapes: `logs` in its formats, logs read as a statement log,
recorder, fleet, the last line of an error, what a screen copies.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.fleet.test_fleet import host
from tests.unit.safety.corpus import PASSWORD, SPREAD
from tests.unit.safety.test_corpus import LINES, SAID, STATEMENTS, TOLD, filled, readable
from wizard.case.evidence import Failure
from wizard.cli import main
from wizard.commands import log_reports
from wizard.commands.terminal import remark
from wizard.fleet.formats import FLEET_FORMATS, render_fleet
from wizard.fleet.host_check import not_answered
from wizard.fleet.look import result_of_event
from wizard.fleet.request import HostRequest
from wizard.fleet.table import fleet_of
from wizard.logs import file_report
from wizard.logs.general.sessions import masked
from wizard.logs.slow.fingerprint import fingerprint
from wizard.logs.slow.masked import masked_statement, whole_shape
from wizard.recorder.app_words import AppWords
from wizard.recorder.event import EventKind, RecorderEvent, as_json, as_text
from wizard.recorder.recording import Recording
from wizard.recorder.statement import _changed
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.target.flags import TargetParser

AT = datetime(2026, 8, 5, 13, tzinfo=UTC)
GONE = "(2006, 'MySQL server has gone away')"
ENOUGH = 10_000


def leaks(text: str) -> list[str]:
    return [line for line in text.splitlines() if readable(line)]


@pytest.fixture
def all_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line is an example, where a signature has three."""
    for module in (file_report, log_reports):
        monkeypatch.setattr(module, "EXAMPLES", ENOUGH)


def application_lines() -> Iterator[str]:
    for number, said in enumerate((*SAID, *TOLD)):
        yield f"2026-08-05 13:{number // 60:02}:{number % 60:02} ERROR {GONE} [SQL: {said}]"
    for secret in TOLD:
        yield f"2026-08-05 14:00:00 ERROR {secret} {GONE}"


@pytest.mark.usefixtures("all_examples")
@pytest.mark.parametrize("style", ["text", "json", "csv"])
def test_logs_of_an_application(
    style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.log"
    path.write_text("\n".join(application_lines()) + "\n", encoding="utf-8")
    main(["logs", "--kind", "app", "--format", style, str(path)])
    told = capsys.readouterr()
    assert leaks(told.out + told.err) == []
    if style == "json":
        shown = [e for s in json.loads(told.out)["signatures"] for e in s["examples"]]
        assert len(shown) > 400
        assert sum("2006" in example for example in shown) > 350


@pytest.mark.usefixtures("all_examples")
def test_logs_of_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "error.log"
    lines = [
        f"2026-08-05T13:00:00.000000Z {number} [Warning] [MY-013130] [Server] Aborted connection"
        f" {number} to db: 'shop' user: 'app' host: 'web1' (init_connect command failed; {said})"
        for number, said in enumerate((*SAID, *TOLD), 10)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for style in ("text", "json", "csv"):
        assert main(["logs", "--kind", "error", "--format", style, str(path)]) == 0
        told = capsys.readouterr()
        assert "init-connect" in told.out
        assert leaks(told.out + told.err) == []


def general_entries() -> Iterator[str]:
    """A session for each, that says it and never quits."""
    for number, said in enumerate((*SAID, *TOLD), 10):
        at = f"2026-08-05T13:{number // 60 % 60:02}:{number % 60:02}.000000Z"
        yield f"{at}\t{number:5} Connect\tapp@web1 on shop using TCP/IP"
        yield f"{at}\t{number:5} Query\t{said}"


def slow_entries() -> Iterator[str]:
    for number, said in enumerate((*SAID, *TOLD), 10):
        yield f"# Time: 2026-08-05T13:{number // 60 % 60:02}:{number % 60:02}.000000Z"
        yield f"# User@Host: app[app] @ web1 [10.0.0.1]  Id: {number}"
        yield "# Query_time: 9.000000  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 1"
        yield f"SET timestamp=1785934800;\n{said};"


@pytest.mark.usefixtures("all_examples")
@pytest.mark.parametrize("kind", ["general", "slow"])
def test_logs_of_statements(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"{kind}.log"
    entries = general_entries() if kind == "general" else slow_entries()
    path.write_text("\n".join(entries) + "\n", encoding="utf-8")
    for style in ("text", "json", "csv"):
        assert main(["logs", "--kind", kind, "--format", style, str(path)]) == 0
        told = capsys.readouterr()
        assert told.out
        assert leaks(told.out + told.err) == []


BARE = re.compile(r"(?:[=(,|]|'')\s*{w}|shop\.pay")
"""To a server these are names: an unquoted value is none that it logs."""


def test_each_session_of_a_general_log_and_each_shape_of_a_slow_log() -> None:
    whole = [filled(shape) for shape in STATEMENTS if not BARE.search(shape)]
    assert len(whole) > 300
    for said in SAID:
        for cut in (len(said), len(said) - 1, len(said) * 2 // 3):
            assert not readable(masked(said[:cut].encode()))
            assert not readable(masked_statement(said[:cut]))
            if said in whole:
                assert not readable(whole_shape(fingerprint(said[:cut])))


def recorded_events() -> Iterator[RecorderEvent]:
    """The application's words and what sessions were at, as `watch` tells them."""
    words = AppWords()
    texts = [line.format(s=said) for line in LINES[:3] for said in SAID]
    texts += [f"{GONE} {secret}" for secret in TOLD]
    for at in range(0, len(texts), 20):
        failures = [
            Failure("client.lost", text, "app.log", AT, 2006) for text in texts[at : at + 20]
        ]
        yield from words.heard(AT, failures)
    for secret in TOLD:
        yield RecorderEvent(AT, EventKind.OUTAGE_EXPLAINED, f"the server says: {secret}")
    lines = "\n".join(
        json.dumps([number, "app", "web1:3", "Query", 1, "executing", said[:256], len(said)])
        for number, said in enumerate(SAID)
    )
    for session in _changed(lines, {}, AT).values():
        yield RecorderEvent(AT, EventKind.SESSION_ENDED, "ended", session)


def test_watch(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "rec")
    events = list(recorded_events())
    assert len(events) > 1500
    for event in events:
        recording.add(event)
        assert leaks(as_json(event) + as_text(event)) == []
    recording.close()
    kept = "".join(path.read_text() for path in (tmp_path / "rec").iterdir() if path.is_file())
    assert len(kept.splitlines()) >= len(events)
    assert leaks(kept) == []


@pytest.mark.parametrize("style", FLEET_FORMATS)
def test_fleet(style: str) -> None:
    request = HostRequest("db", (), "db.case.json", password="x-own-secret")
    results = [not_answered(request, 70, f"goneaway-wizard: {secret}", 1.0) for secret in TOLD]
    results += [result_of_event({"host": f"a{i}", "failed": s}) for i, s in enumerate(TOLD)]
    assert all(PASSWORD not in result.reason for result in results)
    assert leaks(render_fleet(fleet_of([host("ok"), *results]), style)) == []


def test_the_last_line_of_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    for secret in TOLD:
        assert PASSWORD not in operator_line(UsageError(f"the server says: {secret}"))
        remark(secret)
    assert leaks(capsys.readouterr().err) == []


@pytest.mark.parametrize(
    "words",
    [
        ["check", "mysqlx://app:{p}@db/x"], ["check", "app:{p}@db"], ["check", "--passwordd={p}"],
        ["check", "-P", "{p}"], ["check", "--since=mysql://app:{p}@db/"], ["mysqlx://app:{p}@db"],
        ["check", "--password-file=mysql://app:{p}@db/x"], ["check", "--ssh", "a:{p}@h:x"],
        ["logs", "mysql://app:{p}@db/x"], ["undo", "--token={p}"], ["explain", "--pass={p}"],
        ["report", "mysql://app:{p}@db/x"],
    ],
)  # fmt: skip
def test_what_was_typed_wrong_is_not_said_again_with_its_password(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main([word.format(p=PASSWORD) for word in words])
    except SystemExit as error:
        code = int(str(error.code))
    told = capsys.readouterr()
    assert code != 0
    assert told.err
    assert leaks(told.out + told.err) == []


def test_an_argument_that_holds_no_secret_is_told_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = TargetParser(prog="x")
    parser.add_argument("--password-file", type=int)
    with pytest.raises(SystemExit):
        parser.parse_args(["--password-file"])
    assert "argument --password-file: expected one argument" in capsys.readouterr().err


def test_what_a_screen_copies() -> None:
    from screens.windows.text_window import EvidenceText

    window = EvidenceText("evidence", "")
    text = "\n".join([*(LINES[1].format(s=said) for said in SAID), *TOLD])
    assert leaks(window.copied(text)) == []
    for shape in SPREAD:
        assert PASSWORD not in window.copied(filled(shape))
