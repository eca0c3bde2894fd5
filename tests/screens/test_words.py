"""Words and lines on the screens, without any screen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from rich.cells import cell_len

from screens.state import State
from screens.text.knowledge_page import MOST, found, linked, row
from screens.text.status import standing, status_line, top_line
from screens.text.words import cell_cut, wrapped, wrapped_sql
from tests.screens.fake import CASE, result
from wizard.case.evidence import StepStatus
from wizard.explain import explain
from wizard.explain.pages import page
from wizard.explain.topics import topics
from wizard.steps.names import PROBE_IDS, title_of

STARTED = datetime(2026, 3, 1, 13, 33, tzinfo=UTC)


def top(now: datetime, width: int = 120) -> str:
    connected = replace(result("connection"), facts={"started_at": STARTED.isoformat()})
    return top_line(State(case=CASE.with_step(connected), up=True), width, now)


def test_the_start_of_the_server_is_told_not_its_age() -> None:
    assert "up since 13:33 UTC " in top(STARTED + timedelta(hours=1))
    assert "up since 2026-03-01 13:33 UTC " in top(STARTED + timedelta(days=1))


def test_times_are_in_utc_wherever_the_case_was_made() -> None:
    east = timezone(timedelta(hours=12))
    case = replace(CASE, created=CASE.created.astimezone(east))
    connected = replace(result("connection"), facts={"started_at": STARTED.isoformat()})
    state = State(case=case.with_step(connected), up=True)
    assert "up since 13:33 UTC " in top_line(state, 120, STARTED + timedelta(hours=1))


def test_a_narrow_top_line_gives_its_room_to_the_server() -> None:
    assert top(STARTED, 120).startswith(" goneaway-wizard  MariaDB")
    narrow = top(STARTED, 60)
    assert narrow.startswith(" MariaDB 10.11.19  127.0.0.1:3306")
    assert narrow.endswith("connected ")
    assert len(narrow) == 60


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("- one two three", 10, ["- one two", "  three"]),
        ("  for  a  b", 30, ["  for  a  b"]),
        (
            "see performance_schema.events_errors now",
            24,
            ["see performance_schema.", "  events_errors now"],
        ),
        ("/var/log/mysql/error.log", 14, ["/var/log/", "  mysql/", "  error.log"]),
        ("[/srv/my.app_1/the-error.log:25]", 20, ["[/srv/my.app_1/", "  the-error.log:25]"]),
        ("/a-very-long-name.log", 14, ["/a-very-long-", "  name.log"]),
        ("last 03-01 15:00:00 UTC", 20, ["last 03-01", "  15:00:00 UTC"]),
        ("x" * 25, 12, ["x" * 10, "  " + "x" * 10, "  xxxxx"]),
        ("日本語日本語", 9, ["日本語", "  日本語"]),
        ("", 20, []),
    ],
)
def test_words_break_at_separators(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width, 2) == lines


def test_a_search_puts_the_name_first_and_is_bounded() -> None:
    assert found("4031")[0].id == "4031"
    assert found("General error: 2006 MySQL server has gone away")[0].id == "2006"
    assert found("wait_t")[0].id == "wait_timeout"
    assert {topic.kind for topic in found("myths")[:20]} == {"myth"}
    assert found("wait-timeuot")[0].id.replace("_", "-").startswith("wait-timeout")
    assert len(found("e")) <= MOST
    assert found("") == list(topics())
    assert found("zzzz qqqq") == []


def test_a_page_leads_to_what_it_names() -> None:
    ids = [topic.id for topic in linked(explain("idle-timeout"))]
    assert {"wait_timeout", "4031", "shorten-pool-lifetime"} <= set(ids)
    assert "number-tells-cause" in ids, "a myth is named in brackets"
    assert "idle-timeout" not in ids
    assert len(ids) == len(set(ids))


def test_every_topic_has_a_row_and_links_that_exist() -> None:
    known = set(topics())
    for topic in topics():
        assert topic.title in row(topic)
        assert set(linked(page(topic))) <= known


@pytest.mark.parametrize("width", [40, 60, 76])
def test_a_statement_that_is_wrapped_is_still_the_same_statement(width: int) -> None:
    """Blanks between words may become line breaks, those within a string may not."""
    path = "/srv/my data/a file.log"
    statement = (
        f"SET GLOBAL general_log_file = IF(@@GLOBAL.general_log_file = '{path}', 'it''s', "
        "@@GLOBAL.general_log_file)"
    )
    lines = wrapped_sql(statement, width, 4)
    assert len(lines) > 1
    assert all(len(line) <= width for line in lines)
    assert " ".join(line.strip() for line in lines) == statement
    assert any(path in line for line in lines)


PHASES = (
    "from this machine: login 3 of 20",
    "from app7.shop.example.org over SSH: 1,200 round trips",
    "from this machine to 127.0.0.1:3306: 16.0 MiB tried",
    "12 clients, 9 s to go",
    "looking the server's name up",
)


@pytest.mark.parametrize("said", PHASES)
@pytest.mark.parametrize("probe", PROBE_IDS)
def test_a_narrow_status_line_keeps_the_figures_of_what_runs(said: str, probe: str) -> None:
    titles = {probe: title_of(probe)}
    state = State(running=probe, said=said, began=0.0)
    line = status_line(state, titles, "", 75.0, 60)
    assert len(line) <= 60, line
    assert line.endswith(said.rpartition(": ")[2])
    assert "1 min 15 s" in line or "75 s" in line
    assert status_line(state, titles, "", 75.0, 200).endswith(f"Ctrl+C stops it, {said}")


def test_a_long_socket_is_cut_in_its_middle() -> None:
    """Servers of one machine differ at the end of their paths."""
    path = "/root/.cache/of-somebody/mysql-sid/tmp/private-8f3a/server.sock"
    case = replace(CASE, target=replace(CASE.target, label=path))
    line = top_line(State(case=case, up=True), 60, STARTED)
    assert len(line) == 60
    assert "server.sock" in line
    assert line.endswith(" connected ")


def test_a_narrow_status_line_says_what_could_not_be_looked_at() -> None:
    unseen = tuple(
        replace(result(step), status=StepStatus.SKIPPED) for step in ("health", "error-log")
    )
    state = State(case=replace(CASE, steps=(result("symptom"), *unseen)), up=True)
    for width in (60, 72, 80):
        line = standing(state, "symptom", CASE.created + timedelta(minutes=3), width)
        assert len(line) < width
        assert "3 steps run, 2 could not look" in line
        assert "3 min ago" in line
    assert standing(state, "symptom", CASE.created, 120).endswith("F1 all keys")


def test_network_is_as_old_as_the_probe_that_was_run_last() -> None:
    case = replace(CASE, steps=(result("symptom"), result("latency"), result("idle")))
    first, later = CASE.created, CASE.created + timedelta(minutes=20)
    known = {"symptom": first, "latency": first + timedelta(minutes=5), "idle": later}
    state = State(case=case, up=True, read_at=known)
    assert "2 min ago" in standing(state, "network", later + timedelta(minutes=2))
    none = replace(CASE, steps=(result("symptom"),))
    assert "ago" not in standing(State(case=none, up=True), "network", later)


@pytest.mark.parametrize("label", ["数据库" * 12 + ":3306", "/run/" + "数据库/" * 9 + "m.sock"])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_wide_letters_push_no_word_off_the_line(label: str, width: int) -> None:
    case = replace(CASE, target=replace(CASE.target, label=label))
    line = top_line(
        State(case=case, up=False, was_up=True, since="since 13:33:00 UTC"), width, STARTED
    )
    assert cell_len(line) == width
    assert line.endswith("SERVER LOST since 13:33:00 UTC ")
    assert cell_len(cell_cut(label, 21)) <= 21
    assert cell_len(cell_cut("这 是 一 个 很 长 的 句 子", 9)) <= 9
