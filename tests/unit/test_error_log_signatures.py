"""Every signature of the error log against its own example lines."""

import pytest

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.logs.events import Chunk, Scan
from wizard.logs.scan import scan

KNOWN = signatures("error-log")
MATCHES = [(s, line) for s in KNOWN for line in s.matches]
REJECTS = [(s, line) for s in KNOWN for line in s.rejects]


def _scanned(line: str) -> Scan:
    return scan([Chunk(line.encode() + b"\n", "error.log", 0, 1)])


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
