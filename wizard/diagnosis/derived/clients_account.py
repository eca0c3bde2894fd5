"""What a client's own words say of how its connection ended. Pure.

None of it confirms anything: it says which way to look where the server is silent.
"""

import re
from collections.abc import Iterator, Sequence

from wizard.case.evidence import Evidence, Failure, Phase
from wizard.diagnosis.derived.failures import from_failures

ETIMEDOUT = 110
"""The kernel's own end of an established connection: nothing was acknowledged for minutes
(tcp(7), tcp_retries2 and keepalive). A server that closes answers at once, with FIN or RST."""

_UNANSWERED = 1.0
"""Seconds without an answer after a rest that are no matter of a slow statement: a pool's test."""

_IN_BATCH = re.compile(r"\bERROR 2006 \(HY000\) at line \d")
"""The command-line client in batch mode: it sends one statement after another."""


def clients_account(untold: Sequence[Failure]) -> Iterator[Evidence]:
    """Evidence from the failures of whose end the server tells nothing."""
    silent = [f for f in untold if _unanswered(f)]
    if silent:
        text = "a statement went out and nothing came back, not even an end"
        yield from_failures("derived.unanswered", text, silent)
    batch = [f for f in untold if _IN_BATCH.search(f.text)]
    if batch:
        text = "a script broke off at one of its statements, without a rest before it: too large?"
        yield from_failures("derived.lost-in-batch", text, batch)


def _unanswered(failure: Failure) -> bool:
    if failure.phase is Phase.CONNECT:
        return False
    if failure.signal == "client.lost" and failure.errno == ETIMEDOUT:
        return True
    return (failure.waited_seconds or 0.0) >= _UNANSWERED
