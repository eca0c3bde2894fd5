"""Every signature of the error log against its own example lines."""

import pytest

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.logs.engine.block import cut
from wizard.logs.error.scan import scan
from wizard.logs.error.scan_model import Scan

KNOWN = signatures("error-log")
MATCHES = [(s, line) for s in KNOWN for line in s.matches]
REJECTS = [(s, line) for s in KNOWN for line in s.rejects]


def _scanned(line: str) -> Scan:
    return scan(cut(line.encode() + b"\n", "error.log"))


def _met(result: Scan) -> list[str]:
    """Signature ids, with the marks of lines that MySQL prints again."""
    marked = [mark.kind.value for mark in result.marks if mark.again]
    return [tally.signature.id for tally in result.tallies] + marked


@pytest.mark.parametrize(("signature", "line"), MATCHES, ids=lambda v: getattr(v, "id", v))
def test_a_line_is_known_by_its_own_signature_alone(signature: Signature, line: str) -> None:
    assert _met(_scanned(line)) == [signature.id]


@pytest.mark.parametrize(("signature", "line"), REJECTS, ids=lambda v: getattr(v, "id", v))
def test_a_look_alike_is_not_taken(signature: Signature, line: str) -> None:
    assert signature.id not in _met(_scanned(line))


@pytest.mark.parametrize("signature", KNOWN, ids=lambda s: s.id)
def test_every_signature_is_complete(signature: Signature) -> None:
    assert signature.matches
    assert signature.title
    assert all(signature.literal in line for line in signature.matches)


def test_the_reason_is_found_in_json_too() -> None:
    line = (
        '{ "prio" : 3, "err_code" : 10914, "subsystem" : "Server", "msg" : "Aborted connection 65 '
        "to db: 'unconnected' user: 'root' host: 'localhost' (The client was disconnected by the "
        'server because of inactivity.).", "time" : "2026-11-23T10:59:24.515041Z", "thread" : 65, '
        '"label" : "Note" }'
    )
    result = _scanned(line)
    assert _met(result) == ["aborted-inactivity"]
    (event,) = result.tallies[0].events
    assert (event.connection_id, event.account) == (65, "'root'@'localhost'")


@pytest.mark.parametrize("before", ["mysql_1  | ", "Nov 22 08:00:01 db1 mysqld[3]: ", ""])
def test_the_session_is_named_in_every_language(before: str) -> None:
    aborted = [line for s, line in MATCHES if s.signal.startswith("log.aborted-")]
    framed = [line for line in aborted if "'root'" in line and "'localhost'" in line]
    assert len(framed) > 50
    for line in framed:
        (tally,) = _scanned(before + line).tallies
        assert tally.events[0].account == "'root'@'localhost'", line
        assert tally.events[0].connection_id, line


def test_a_reason_that_the_server_cut_within_a_character() -> None:
    broken_off = next(s for s in KNOWN if "\ufffd" in s.pattern)
    line = broken_off.matches[0].encode()
    assert line.endswith(b")")
    broken = line[:-1] + "შ".encode()[:2] + b")\n"
    result = scan(cut(broken, "error.log"))
    assert _met(result) == [broken_off.id]
    assert result.tallies[0].events[0].account == "'root'@'localhost'"
