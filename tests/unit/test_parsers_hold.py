"""Whatever text stands where a parser reads: an answer or one clear refusal, in linear time."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wizard.health.containers import parse_inspect
from wizard.health.host_boots import parse_last
from wizard.health.network_counters import parse_netstat
from wizard.health.pressure import parse_pressure
from wizard.health.process_limits import parse_limits
from wizard.health.services import parse_units
from wizard.logs.engine.stamps import parse_stamp
from wizard.logs.recorded.read import parsed
from wizard.probes.path.machine_ends import parsed_route
from wizard.safety.errors import WizardError
from wizard.safety.redact import mask_secrets
from wizard.safety.redact_sql import find_statement
from wizard.safety.sanitize import sanitize, sanitize_block
from wizard.server.privileges import parse_grants
from wizard.target.option_files import parse_options
from wizard.target.url import parse_url
from wizard.units import parse_duration, parse_size

NOW = datetime(2026, 8, 5, 15, tzinfo=UTC)
REFUSALS = (ValueError, TypeError, KeyError, RecursionError)
"""What those who call a parser of plain JSON, or of one word, take for "not ours"."""
HERE = Path("/etc/my.cnf")

PARSERS: dict[str, Callable[[str], object]] = {
    "grants": lambda text: parse_grants(text.splitlines()),
    "options": lambda text: parse_options(text, ("client",), HERE),
    "url": parse_url,
    "duration": parse_duration,
    "size": parse_size,
    "last": parse_last,
    "inspect": lambda text: parse_inspect(text, "docker"),
    "units": parse_units,
    "pressure": parse_pressure,
    "limits": parse_limits,
    "netstat": parse_netstat,
    "route": parsed_route,
    "stamp": lambda text: parse_stamp(text, UTC),
    "recorded": parsed,
    "secrets": mask_secrets,
    "sql": find_statement,
    "sanitize": sanitize,
    "block": lambda text: sanitize_block(text, 1000, 10_000),
}

_PIECES = (
    "GRANT ALL ON *.* TO `a`@`%`", "[client]", "password=", "host", "mysql://u:p@h:3306/db",
    "some ", "avg10=0.00 ", "full ", "Max open files  1024  4096  files", "TcpExt: ListenDrops",
    "reboot   ", "system boot  5.10", "Sat Nov 28 20:10:30 2026", "2026-08-05T15:00:00Z",
    "1.1.1.1 via ",
    "dev eth0", "State.ExitCode", "Id=mysqld.service", "SELECT '", "IDENTIFIED BY ", "--", "/*",
    "*/", "'",
    '"', "`", "\\", "{", "}", "[", "]", ":", "@", "%", "=", ",", " ", "\t", "\n", "\n\n", "\0",
    "\x1b[2J", "9" * 30, "-1", "1e9", "٣", "inf", "nan", "10G", "2h", "\ud800", "\u202e", "é",
)  # fmt: skip

texts = st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=24).map("".join)


def _seconds(parse: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    with suppress(WizardError, *REFUSALS):
        parse(text)
    return time.process_time() - began


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(text=texts)
def test_a_parser_answers_or_refuses(name: str, text: str) -> None:
    _seconds(PARSERS[name], text)


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_no_more_than_linear_time(name: str) -> None:
    """16 times the text may take 16 times as long, and four times that on a busy machine."""
    slow = []
    for piece in _PIECES:
        few, many = piece * (1_000 // len(piece)), piece * (16_000 // len(piece))
        if (much := _seconds(PARSERS[name], many)) > 0.3:
            little = min(_seconds(PARSERS[name], few) for _ in range(3))
            if much > 64 * little + 0.3:
                slow.append((piece, little, much))
    assert not slow
