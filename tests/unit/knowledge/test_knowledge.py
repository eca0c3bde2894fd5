"""The knowledge base hangs together, is plain to read, and leaves nothing out."""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from knowledge.load import article, errors, load, myths, supported_until
from knowledge.model import Reference
from wizard.steps.order import STEPS

MOST_WORDS = 40

CONTRACT = """
idle-timeout idle-transaction-timeout packet-too-large net-read-timeout net-write-timeout
connection-killed query-timeout shared-connection
server-restarted server-crash server-oom-killed server-killed crash-loop server-unreachable
network-idle-drop proxy-timeout network-unstable path-mtu name-resolution
stale-pooled-connection client-not-closing client-read-timeout client-packet-limit
too-many-connections user-limit host-blocked connect-timeout access-denied tls-failure
init-connect-failure offline-mode
disk-full memory-pressure cpu-saturation file-limit thread-limit connection-memory-limit
redo-log-too-small table-corruption outdated-version cluster-not-ready failover
health-check-noise
"""
"""The ids that other programs rely on."""

CATALOGUE = {
    # timeouts of the server
    "A1": "idle-timeout",
    "A2": "idle-timeout interactive-timeout-for-applications",
    "A3": "replication-reader-cut",
    "A4": "idle-timeout my-session-shows-it",
    "A5": "idle-transaction-timeout",
    "A6": "net-read-timeout",
    "A7": "net-write-timeout",
    "A8": "connect-timeout",
    "A9": "net-read-timeout network-unstable",
    "A10": "query-timeout",
    "A11": "lock-wait",
    # packets and limits
    "B1": "packet-too-large",
    "B2": "client-packet-limit",
    "B3": "packet-too-large replication-reader-cut",
    "B4": "wrong-protocol shared-connection",
    "B5": "redo-log-too-small redo-log-cures-gone-away",
    # ended on purpose
    "C1": "connection-killed",
    "C2": "connection-killed",
    "C3": "offline-mode",
    "C4": "connection-memory-limit",
    "C5": "init-connect-failure",
    "C6": "user-limit access-denied",
    "C7": "access-denied",
    "C8": "connection-memory-limit",
    # the server ended
    "D1": "server-oom-killed",
    "D2": "server-oom-killed",
    "D3": "server-oom-killed",
    "D4": "server-crash",
    "D5": "server-crash",
    "D6": "semaphore-wait",
    "D7": "crash-loop table-corruption",
    "D8": "server-killed",
    "D9": "server-restarted",
    "D10": "container-first-start",
    "D11": "start-failure crash-loop",
    "D12": "start-failure",
    "D13": "host-rebooted client-frozen",
    "D14": "managed-maintenance",
    # resources
    "E1": "disk-full",
    "E2": "cpu-saturation memory-pressure",
    "E3": "file-limit",
    "E4": "thread-limit",
    "E5": "too-many-connections",
    "E6": "listen-backlog",
    "E7": "thread-pool-exhausted",
    "E8": "memory-pressure",
    # the way in
    "F1": "host-blocked flush-hosts-everywhere",
    "F2": "health-check-noise unauthenticated-lines-mean-trouble",
    "F3": "name-resolution",
    "F4": "name-resolution failover",
    "F5": "server-unreachable",
    "F6": "server-unreachable",
    "F7": "tls-failure",
    "F8": "auth-plugin-mismatch",
    "F9": "server-unreachable",
    "F10": "tunnel-dropped",
    # the network
    "G1": "network-idle-drop",
    "G2": "network-idle-drop",
    "G3": "network-idle-drop",
    "G4": "conntrack-full",
    "G5": "network-unstable",
    "G6": "path-mtu",
    "G7": "network-unstable client-not-closing",
    "G8": "content-filter",
    # proxies
    "H1": "proxy-timeout",
    "H2": "proxy-timeout",
    "H3": "proxy-timeout",
    "H4": "proxy-timeout",
    "H5": "proxy-timeout host-blocked",
    "H6": "proxy-timeout",
    # clients
    "I1": "stale-pooled-connection",
    "I2": "shared-connection",
    "I3": "shared-connection unread-result",
    "I4": "use-after-close",
    "I5": "client-read-timeout",
    "I6": "driver-does-not-recover",
    "I7": "auto-reconnect-cures",
    "I8": "stale-pooled-connection pooling-prevents-it",
    "I9": "client-not-closing aborted-clients-means-trouble",
    "I10": "client-frozen",
    "I11": "client-not-closing",
    "I12": "unread-result net-write-timeout",
    "I13": "outdated-version",
    "I14": "packet-too-large",
    # replication and clusters
    "J1": "replication-reader-cut",
    "J2": "duplicate-server-id",
    "J3": "lock-wait",
    "J4": "cluster-not-ready",
    "J5": "cluster-not-ready offline-mode failover",
    "J6": "failover",
}
"""The catalogue of causes that the knowledge base was written from, and what became of each."""

STAGED = ("query-killed", "unknown-database")
"""Causes that the catalogue has not; staging faults brought them up."""

IN_ARTICLE = "A1 A2 A6 A7 B1 D1 D4 D9 E2 G1 G5 I1 I4 I7 I8"
"""The catalogue entries that the article touches."""

MYTHS = """
redo-log-cures-gone-away wait-timeout-ends-long-queries net-timeouts-end-long-queries
result-above-packet-limit packet-limit-in-client-section file-edit-takes-effect restart-to-apply
general-log-tells-why packet-default-is-4-mb aborted-clients-means-trouble reset-means-firewall
net-timeouts-swapped number-tells-cause raise-wait-timeout-always error-log-tells-everything
interactive-timeout-for-applications auto-reconnect-cures
"""
"""The false advice that was collected."""

NUMBERS = """
1040 1043 1044 1045 1047 1053 1129 1130 1135 1152 1153 1154 1155 1156 1157 1158 1159 1160 1161
1184 1203 1205 1226 1290 1317 1698 1836 1927 1969 2000 2001 2002 2003 2005 2006 2007 2012 2013
2014 2020 2026 2027 2055 2059 2061 3024 3032 3118 3159 4031 4082
"""


def prose() -> Iterator[tuple[str, str]]:
    """Every text that a reader meets, with the name of its entry."""
    for cause in load().causes.values():
        yield from ((cause.id, t) for t in (cause.title, cause.summary, cause.wire))
        yield from ((cause.id, t) for t in (*cause.confirm, *cause.rules_out))
        yield from ((cause.id, t) for c in cause.clients for t in (c.client, c.text))
    for remedy in load().remedies.values():
        yield from ((remedy.id, t) for t in (remedy.title, remedy.text))
        yield from ((remedy.id, t) for t in (remedy.risk, remedy.verify) if t)
    for myth in myths().values():
        yield from ((myth.id, t) for t in (myth.claim, myth.fact))
    for error in errors().values():
        for meaning in error.meanings:
            yield from ((str(error.number), t) for t in (meaning.means, meaning.look))
    for point in article():
        yield from ((point.id, t) for t in (point.says, point.correction or "-"))


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?:;])\s+", text)


def references() -> Iterator[tuple[str, Reference]]:
    known = load()
    for cause in known.causes.values():
        yield from ((cause.id, reference) for reference in cause.references)
    for remedy in known.remedies.values():
        yield from ((remedy.id, reference) for reference in remedy.references)
    for myth in myths().values():
        yield from ((myth.id, reference) for reference in myth.references)


def test_no_text_is_empty_and_no_sentence_is_long() -> None:
    long = [
        (name, sentence)
        for name, text in prose()
        for sentence in sentences(text)
        if not text.strip() or len(sentence.split()) > MOST_WORDS
    ]
    assert not long


def test_texts_are_plain_for_any_terminal() -> None:
    odd = {(name, char) for name, text in prose() for char in text if not 32 <= ord(char) < 127}
    assert not odd


def test_every_reference_is_a_web_address_with_a_title() -> None:
    for name, reference in references():
        assert re.fullmatch(r"https://[\w.-]+/\S*", reference.url), name
        assert reference.title.strip(), name


@pytest.mark.parametrize("name", sorted(load().causes))
def test_a_cause_says_what_an_operator_needs(name: str) -> None:
    cause = load().causes[name]
    assert all((cause.confirm, cause.rules_out, cause.clients, cause.references))
    assert cause.noise or cause.remedies
    assert set(cause.fits) <= set(load().signals)


def test_every_id_of_the_contract_exists() -> None:
    assert set(CONTRACT.split()) <= set(load().causes)


def test_every_entry_of_the_catalogue_has_a_place() -> None:
    assert len(CATALOGUE) == 90
    places = {place for names in CATALOGUE.values() for place in names.split()}
    assert places <= {*load().causes, *myths()}


def test_every_cause_comes_from_somewhere() -> None:
    places = {place for names in CATALOGUE.values() for place in names.split()}
    assert set(load().causes) <= {*places, *STAGED}


def test_what_the_article_names_is_marked() -> None:
    named = {CATALOGUE[entry] for entry in IN_ARTICLE.split()}
    causes = {name for names in named for name in names.split()} & set(load().causes)
    marked = {c.id for c in load().causes.values() if c.in_article}
    assert marked == causes | {"outdated-version"}, "its last troubleshooting step names that one"


def test_every_known_myth_is_answered() -> None:
    assert set(MYTHS.split()) <= set(myths())
    for myth in myths().values():
        assert myth.references, myth.id
        assert myth.causes or myth.variables, myth.id


def test_every_number_is_decoded() -> None:
    assert {int(n) for n in NUMBERS.split()} <= set(errors())
    for error in errors().values():
        speakers = [m.speaker for m in error.meanings]
        assert len(set(speakers)) == len(speakers), error.number
        assert set(speakers) <= {"server", "mysql", "mariadb", "galera", "client"}
        assert all(m.symbol and m.text for m in error.meanings), error.number
        of_client = 2000 <= error.number < 3000 or 5000 <= error.number < 5100
        assert of_client == ("client" in speakers)


@pytest.mark.parametrize("number", [4031, 4082])
def test_numbers_that_mean_something_else_to_mariadb_accuse_nobody_there(number: int) -> None:
    by_speaker = {m.speaker: m for m in errors()[number].meanings}
    assert by_speaker["mysql"].causes
    assert not by_speaker["mariadb"].causes


@pytest.mark.parametrize(("number", "speaker"), [(1927, "mariadb"), (1969, "mariadb"),
                                                 (3024, "mysql"), (3159, "mysql")])  # fmt: skip
def test_numbers_that_one_server_lacks_are_not_its_own(number: int, speaker: str) -> None:
    assert [m.speaker for m in errors()[number].meanings] == [speaker]


def test_every_point_of_the_article_is_covered_and_mended() -> None:
    steps = {step.id for step in STEPS}
    for point in article():
        assert point.causes or point.remedies or point.myths or point.steps, point.id
        assert set(point.steps) <= steps, point.id
        assert point.verdict in {"right", "partly", "outdated", "wrong"}
        assert bool(point.correction) == (point.verdict != "right"), point.id


def test_the_whole_article_is_there() -> None:
    counts: dict[str, int] = {}
    for point in article():
        counts[point.section] = counts.get(point.section, 0) + 1
    assert counts == {
        "causes": 6,
        "diagnosis": 2,
        "first variables table": 5,
        "second variables table": 7,  # with how to apply it
        "best practices": 6,
        "troubleshooting steps": 6,
        "expert advice": 3,
        "questions": 6,
    }


@pytest.mark.parametrize("name", ["wait_timeout", "interactive_timeout", "max_allowed_packet",
                                  "net_read_timeout", "net_write_timeout",
                                  "innodb_log_file_size"])  # fmt: skip
def test_every_variable_of_the_article_is_known(name: str) -> None:
    assert name in load().variables
    assert any(name in point.variables for point in article())


@pytest.mark.parametrize("point", ["first-table-max-allowed-packet", "edit-and-restart",
                                   "cause-long-queries",
                                   "second-table-innodb-log-file-size"])  # fmt: skip
def test_what_is_out_of_date_is_not_called_right(point: str) -> None:
    (found,) = (p for p in article() if p.id == point)
    assert found.verdict in {"outdated", "wrong"}
    assert found.myths


def test_a_series_gets_corrections_until_its_makers_day() -> None:
    assert supported_until("mysql-8.0") == date(2026, 4, 30)
    assert supported_until("mysql-9.7") == date(2034, 4, 21)
    assert supported_until("mysql-9.6") is None


def test_the_days_of_support_are_of_known_series() -> None:
    series = {s for v in load().variables.values() for s in v.defaults}
    assert sum(supported_until(s) is not None for s in series) >= 6
