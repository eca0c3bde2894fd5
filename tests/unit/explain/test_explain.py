"""`explain`: any entry by name, number or message; the same pages for a terminal and a screen."""

import io
import sys
from pathlib import Path

import pytest

from knowledge.codes import codes, programs
from knowledge.load import errors, load, myths, needed_privileges
from knowledge.recipe import recipes
from knowledge.server_logs import statement_logs
from wizard.cli import main
from wizard.explain import Explanation, Kind, NoSuchTopic, explain, lines, page, search, topics

Captured = pytest.CaptureFixture[str]


def text(found: Explanation) -> str:
    return "\n".join(lines(found))


def flat(found: Explanation) -> str:
    return " ".join(text(found).split())


def test_everything_has_a_page() -> None:
    by_kind = {kind: [t for t in topics() if t.kind is kind] for kind in Kind}
    known = load()
    assert len(by_kind[Kind.CAUSE]) == len(known.causes)
    assert len(by_kind[Kind.ERROR]) == len(errors())
    assert len(by_kind[Kind.MYTH]) == len(myths())
    assert len(by_kind[Kind.VARIABLE]) == len(known.variables)
    assert len(by_kind[Kind.REMEDY]) == len(known.remedies)
    assert len(by_kind[Kind.RECIPE]) == len(recipes())
    for topic in topics():
        assert page(topic).sections, topic


def test_pages_fit_80_columns() -> None:
    shown = [line for topic in topics() for line in lines(page(topic))]
    assert not [line for line in shown if len(line) > 80 and "https://" not in line]


@pytest.mark.parametrize(
    ("word", "kind", "name"),
    [
        ("idle-timeout", Kind.CAUSE, "idle-timeout"),
        ("Idle_Timeout", Kind.CAUSE, "idle-timeout"),
        ("wait_timeout", Kind.VARIABLE, "wait_timeout"),
        ("max-allowed-packet", Kind.VARIABLE, "max_allowed_packet"),
        ("offline_mode", Kind.VARIABLE, "offline_mode"),
        ("offline-mode", Kind.CAUSE, "offline-mode"),
        ("2006", Kind.ERROR, "2006"),
        ("ERROR 1153 (08S01)", Kind.ERROR, "1153"),
        ("MY-004031", Kind.ERROR, "4031"),
        ("er_con_count_error", Kind.ERROR, "1040"),
        ("CR_SERVER_LOST", Kind.ERROR, "2013"),
        ("SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", Kind.ERROR, "2006"),
        ("(2013, 'Lost connection to MySQL server during query')", Kind.ERROR, "2013"),
        ("restart-to-apply", Kind.MYTH, "restart-to-apply"),
        ("raise-wait-timeout", Kind.REMEDY, "raise-wait-timeout"),
        ("hikaricp", Kind.RECIPE, "hikaricp"),
        ("article", Kind.ARTICLE, "article"),
    ],
)
def test_an_entry_is_found(word: str, kind: Kind, name: str) -> None:
    topic = explain(word).topic
    assert (topic.kind, topic.id) == (kind, name)


@pytest.mark.parametrize("word", ["offline-mode", "offline_mode"])
def test_one_name_for_two_entries_leads_to_both(word: str) -> None:
    found = explain(word)
    kinds = {found.topic.kind, *(t.kind for t in found.related)}
    assert {Kind.CAUSE, Kind.VARIABLE} <= kinds


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("gone away", "2006"),
        ("firewall", "network-idle-drop"),
        ("oom killer", "server-oom-killed"),
        ("restart to apply", "restart-to-apply"),
    ],
)
def test_loose_words_find_what_speaks_of_them(words: str, first: str) -> None:
    with pytest.raises(NoSuchTopic) as nothing:
        explain(words)
    assert first in [t.id for t in nothing.value.matches[:4]]


@pytest.mark.parametrize("words", ["general log", "slow query log", "slow-log"])
def test_a_log_of_statements_has_a_page_with_each_of_its_patterns(words: str) -> None:
    found = explain(words)
    assert found.topic.kind is Kind.LOG
    log = statement_logs()[found.topic.id]
    text = "\n".join(lines(found, 80))
    assert {told.signal for told in log.tells} == {
        s.id for s in load().signals.values() if s.step == log.step
    }
    for told in log.tells:
        assert " ".join(told.means.split()[:3]) in " ".join(text.split())


def test_a_code_and_a_program_have_a_page() -> None:
    known = {t.id for t in topics() if t.kind in (Kind.CODE, Kind.PROGRAM)}
    assert known == {*codes(), *programs()}
    for code in codes().values():
        assert set(code.causes) <= set(load().causes), code.id
    assert {p.recipe for p in programs().values() if p.recipe} <= set(recipes())


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("08S01", "08S01"),
        ("10054", "ECONNRESET"),
        ("errno 32", "EPIPE"),
        ("Errno: 10061", "ECONNREFUSED"),
        ("PROTOCOL_CONNECTION_LOST", "PROTOCOL_CONNECTION_LOST"),
        ("p1017", "P1017"),
        ("45013", "45013"),
        ("rlm_sql", "freeradius"),
        ("Vert.x", "vertx"),
    ],
)
def test_what_is_no_number_of_mysql_is_found_too(word: str, name: str) -> None:
    assert explain(word).topic.id == name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Communications link failure", ("idle-timeout", "lost its connection")),
        (
            "2026-03-01 10:00:00 ERROR [main] x - (conn=7) Socket error",
            ("MariaDB Connector/J", "lost its connection"),
        ),
        (
            "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
            ("Error 2013", "PyMySQL", "while a statement ran"),
        ),
        (
            "Aborted connection 5 to db: 'a' user: 'b' host: 'c' (Got timeout reading communication"
            " packets)",
            ("idle-timeout", "server's own log"),
        ),
    ],
)
def test_a_pasted_text_is_read_as_a_log_is(text: str, says: tuple[str, ...]) -> None:
    shown = flat(explain(text))
    for words in says:
        assert words in shown


def test_a_number_that_nobody_knows_is_not_taken_for_another() -> None:
    with pytest.raises(NoSuchTopic):
        explain("60053")


def test_packets_lead_to_the_packet_limit() -> None:
    assert "packet-too-large" in [t.id for t in search("packet")]


def test_all_words_must_be_there() -> None:
    assert search("firewall")
    assert not search("firewall zebra")


@pytest.mark.parametrize("word", ["", " ", "of the", "\x1b[31m", "(((", "%s", "é" * 1000])
def test_odd_words_find_nothing(word: str) -> None:
    with pytest.raises(NoSuchTopic) as nothing:
        explain(word)
    assert not nothing.value.matches


def test_4031_is_decoded_for_each_server() -> None:
    shown = flat(explain("4031"))
    mysql, mariadb = shown.split("From MariaDB:")
    assert "idle-timeout" in mysql
    assert "trigger" in mariadb
    assert "idle-timeout" not in mariadb


def test_a_cause_tells_what_clears_it_and_what_does_not_help() -> None:
    shown = flat(explain("connection-killed"))
    assert "What rules it out: - Com_kill stands still" in shown
    assert "number-tells-cause" in shown
    assert "1317" in shown


def test_a_variable_tells_what_it_does_not_do() -> None:
    shown = flat(explain("net_read_timeout"))
    assert '"Raise net_read_timeout and net_write_timeout for long queries."' in shown
    assert "mysql-8.4" in shown
    assert "raise-net-read-timeout" in shown


def test_a_remedy_that_the_wizard_applies_shows_the_command() -> None:
    assert "  goneaway-wizard fix raise-wait-timeout" in text(explain("raise-wait-timeout"))
    assert "goneaway-wizard fix" not in text(explain("find-the-blocker"))


def test_the_article_is_mended() -> None:
    shown = flat(explain("article"))
    assert "Outdated: 4 MiB was the default up to MySQL 5.7" in shown
    assert "path-mtu: " in shown.split("Causes that it does not name:")[1]


MYTH_PAGE = """\
wait-timeout-ends-long-queries (myth)

It is said: Long queries run into wait_timeout.

wait_timeout counts only while the session is idle. A statement may run for
hours under wait_timeout = 1. If a long statement is lost, look at the client's
read timeout, a proxy, max_execution_time or max_statement_time, a KILL, or a
crash.

Where it tempts:
  - client-read-timeout: The client gave up waiting for the answer
  - query-timeout: A statement ran into the server's execution limit
  - proxy-timeout: A proxy between client and server closed the connection
  - lock-wait: The statement waited for a lock longer than the client did
  - connection-killed: Somebody or something killed the connection (KILL)

See also:
  variable: wait_timeout, interactive_timeout

  wait_timeout
    https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_wait_timeout"""

ERROR_PAGE = """\
Error 1047

From MySQL and MariaDB:
1047 ER_UNKNOWN_COM_ERROR: "Unknown command"
The server does not know the command: another protocol, or a proxy in between.
Look at: What stands between client and server.
Usual causes:
  - wrong-protocol: The client speaks another protocol than the port
  - shared-connection: One connection is used by two processes or threads

From a Galera node:
1047 ER_UNKNOWN_COM_ERROR: "WSREP has not yet prepared node for application use"
This Galera node is not ready: it left the primary component or has not
synchronised yet. The connection lives.
Look at: SHOW STATUS LIKE 'wsrep%'.
Usual causes:
  - cluster-not-ready: The cluster node does not accept statements"""


@pytest.mark.parametrize(
    ("word", "shown"), [("wait-timeout-ends-long-queries", MYTH_PAGE), ("1047", ERROR_PAGE)]
)
def test_a_page_reads_like_this(word: str, shown: str) -> None:
    assert text(explain(word)) == shown


def test_the_command_prints_a_page(capsys: Captured) -> None:
    assert main(["explain", "2006"]) == 0
    assert capsys.readouterr().out.startswith("Error 2006\n")


def test_the_command_takes_several_words(capsys: Captured) -> None:
    assert main(["explain", "gone", "away"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("  2006  MySQL server has gone away\n")
    assert "gone away" in shown.err


def test_without_a_word_the_command_lists_all_there_is(capsys: Captured) -> None:
    assert main(["explain"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {topic.id}  " in shown for topic in topics())
    assert max(map(len, shown.splitlines())) <= 80


def test_an_unknown_word_is_wrong_usage_and_near_names_are_told(capsys: Captured) -> None:
    assert main(["explain", "idle-timeot"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "did you mean idle-timeout" in shown.err


def test_a_hostile_word_reaches_the_terminal_clean(capsys: Captured) -> None:
    assert main(["explain", "\x1b]0;title\x07zzzz"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_a_terminal_without_utf_8_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["explain"]) == 0


@pytest.mark.parametrize(
    ("word", "kind", "name"),
    [
        ("5014", Kind.ERROR, "5014"),
        ("CR_ERR_NET_READ", Kind.ERROR, "5013"),
        ("4151", Kind.ERROR, "4151"),
        ("1034", Kind.ERROR, "1034"),
        ("ER_CRASHED_ON_USAGE", Kind.ERROR, "1194"),
        ("1712", Kind.ERROR, "1712"),
        ("9002", Kind.CODE, "9001"),
        ("45059", Kind.CODE, "45023"),
        ("P2037", Kind.CODE, "P2037"),
        ("42000", Kind.CODE, "42000"),
        ("CommunicationsException", Kind.CODE, "CommunicationsException"),
        ("MySqlConnector.MySqlException", Kind.CODE, "MySqlException"),
        ("django.db.utils.OperationalError", Kind.CODE, "OperationalError"),
        ("Connector/J", Kind.RECIPE, "hikaricp"),
        ("node mariadb", Kind.RECIPE, "node-mariadb"),
        ("Mysql2::Error::ConnectionError", Kind.RECIPE, "rails"),
        ("mysqli_sql_exception", Kind.RECIPE, "php-mysqli"),
    ],
)
def test_numbers_classes_and_drivers_have_an_answer(word: str, kind: Kind, name: str) -> None:
    topic = explain(word).topic
    assert (topic.kind, topic.id) == (kind, name)


@pytest.mark.parametrize("word", ["privileges", "capture"])
def test_the_wizards_own_pages_are_found_by_name(word: str) -> None:
    assert explain(word).topic.id == word


def test_the_readmes_privileges_are_those_of_the_knowledge_base() -> None:
    readme = Path("README.md").read_text(encoding="utf-8")
    shown = "\n".join(lines(explain("privileges"), 10_000))
    for needed in needed_privileges():
        extra = " (extra)" if needed.extra else ""
        assert f"| `{needed.grant}`{extra} |" in readme
        assert f"| {needed.purpose} | {needed.lost} |" in readme
        assert needed.purpose in shown
        assert needed.lost in shown
        if "USAGE" not in needed.grant:
            assert f"GRANT {needed.grant} TO goneaway@localhost;" in shown
