"""Client error texts: every signature recognises its own examples, and nothing else does."""

import re

import pytest
from knowledge.load import load, signatures
from wizard.client_errors import Recognised, merge, recognise
from wizard.evidence import Phase

CLIENT = signatures("client")
MATCHES = [(s.id, line) for s in CLIENT for line in s.matches]
REJECTS = [(s.id, line) for s in CLIENT for line in s.rejects]


def known(line: str, flavor: str = "unknown") -> Recognised:
    found = recognise(line, flavor)
    assert found is not None, line
    return found


@pytest.mark.parametrize(("signature", "line"), MATCHES)
def test_an_example_is_recognised_by_its_own_signature(signature: str, line: str) -> None:
    assert known(line).signature == signature


@pytest.mark.parametrize(("signature", "line"), REJECTS)
def test_a_look_alike_is_nothing(signature: str, line: str) -> None:
    found = recognise(line)
    assert found is None, (signature, found)


@pytest.mark.parametrize("signature", CLIENT, ids=lambda s: s.id)
def test_a_signature_has_examples_and_its_literal_is_in_them(signature) -> None:  # type: ignore[no-untyped-def]
    assert signature.matches
    assert signature.rejects
    assert len(signature.literal) >= 2
    for line in signature.matches:
        assert signature.literal.lower() in line.lower()
        assert re.search(signature.pattern, line, re.IGNORECASE)


def test_every_client_signal_has_a_signature() -> None:
    client = {s for s in load().signals if s.startswith("client.")}
    assert client <= {s.signal for s in CLIENT}
