"""Whatever text stands where a parser reads: an answer or one clear refusal, in linear time."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cpu_time import cpu_seconds
from wizard.case.window import parse_window
from wizard.health.containers import parse_inspect
from wizard.health.host_boots import parse_last
from wizard.health.kernel_lines import drops_in, faults_in, kills_in, ring_line, syslog_line
from wizard.health.network_counters import parse_netstat
from wizard.health.pressure import parse_pressure
from wizard.health.process_limits import parse_limits
from wizard.health.services import parse_units
from wizard.hosts.protocol import NOTHING_ALONG
from wizard.hosts.remote.log_answers import parse_blocks, parse_sifted
from wizard.hosts.remote.metrics import parse_metrics
from wizard.hosts.remote.prefetched import described, parse_ahead
from wizard.hosts.remote.processes import parse_processes
from wizard.hosts.sifting import Stretch
from wizard.hosts.ssh.config import SshFiles, settings_for
from wizard.hosts.ssh.host_certificate import BadCertificate, parse_certificate
from wizard.hosts.ssh.known_hosts import authorities, judge, read_entries, revoked
from wizard.logs.engine.stamps import parse_stamp
from wizard.logs.recorded.read import parsed
from wizard.probes.path.machine_ends import parsed_route
from wizard.probes.path.proxy_files import (
    haproxy_timeouts,
    maxscale_timeouts,
    proxysql_timeouts,
    router_timeouts,
)
from wizard.safety.errors import WizardError
from wizard.safety.find_sql import find_statement
from wizard.safety.redact import mask_secrets
from wizard.safety.sanitize import sanitize, sanitize_block
from wizard.server.privileges import parse_grants
from wizard.target.login_path import unscramble
from wizard.target.model import SshPlace
from wizard.target.option_files import parse_options
from wizard.target.url import parse_url
from wizard.units import parse_duration, parse_size

NOW = datetime(2026, 8, 5, 15, tzinfo=UTC)
REFUSALS = (ValueError, TypeError, KeyError, RecursionError, BadCertificate)
"""What those who call a parser of plain JSON, or of one word, take for "not ours"."""
HERE = Path("/etc/my.cnf")

MARK = "m4rk"


def _kernel(text: str) -> object:
    """All that is made of a kernel log, in each of its formats."""
    rows = text.splitlines()
    lines = [line for row in rows if (line := syslog_line(row, UTC, NOW))]
    lines += [line for row in rows if (line := ring_line(row, NOW))]
    return kills_in(lines, "x"), faults_in(lines, "x"), drops_in(lines, "x")


def _known(text: str) -> object:
    """What known_hosts(5) holds, asked for a name and an address."""
    with NamedTemporaryFile("w", encoding="utf-8", errors="replace") as file:
        file.write(text)
        file.flush()
        entries = read_entries((Path(file.name),))
    judge(entries, "[db.example]:2222", b"key")
    return revoked(entries, "db.example", b"key"), authorities(entries, "db.example")


def _ssh_config(text: str) -> object:
    with TemporaryDirectory() as home:
        place = Path(home, ".ssh")
        place.mkdir()
        (place / "config").write_text(text, encoding="utf-8", errors="replace")
        return settings_for(SshPlace("db"), SshFiles(Path(home), Path(home, "none"), ()))


PARSERS: dict[str, Callable[[str], object]] = {
    "kernel": _kernel,
    "ssh config": _ssh_config,
    "known hosts": _known,
    "host certificate": lambda text: parse_certificate(text.encode("utf-8", "replace")),
    "login path": lambda text: unscramble(text.encode("utf-8", "replace"), HERE),
    "haproxy": lambda text: haproxy_timeouts(text, 3306),
    "router": lambda text: router_timeouts(text, 3306),
    "maxscale": lambda text: maxscale_timeouts(text, 3306),
    "proxysql": lambda text: proxysql_timeouts(text, 3306),
    "since": lambda text: parse_window(text, None, NOW),
    "processes there": lambda text: parse_processes(text.encode("utf-8", "replace"), MARK),
    "metrics there": lambda text: parse_metrics(text.encode("utf-8", "replace"), MARK, ("/",)),
    "files there": lambda text: parse_ahead(text.encode("utf-8", "replace"), MARK, NOTHING_ALONG),
    "blocks there": lambda text: parse_blocks(text.encode("utf-8", "replace"), MARK, 3),
    "sifted there": lambda text: parse_sifted(
        text.encode("utf-8", "replace"), Stretch("x", 0, 0, 1 << 20)
    ),
    "listing there": described,
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
    "Nov 28 20:10:30 h kernel: Out of memory: Killed process 7 (mysqld) total-vm:1kB, "
    "anon-rss:1kB\n", "[ 1.5] Out of memory: Killed process 7 (mysqld) anon-rss:1kB\n",
    "kernel: ", "@cert-authority * ssh-rsa AAAA\n", "db.example,1.2.3.4 ssh-rsa AAAA\n",
    "|1|AAAA|BBBB ssh-rsa AAAA\n", "@revoked ", "*.example,!db ",
    "listen x\n", "bind *:3306\n", "timeout client 1m\n", "defaults\n",
    "default_backend x\n", "backend x\n", "[x]\n", "port=3306\n", "mysql_variables=\n{\n", "# ",
    'interfaces="0.0.0.0:3306"\n', "wait_timeout=1\n", "; ", "m4rk ", "m4rk tcp\n", "process 7 m\n",
    "Host *\n", "Include x\n", "ProxyJump a,b\n", "%h", "81a4 10 1 a\n", "1 2 3\n",
    '"', "`", "\\", "{", "}", "[", "]", ":", "@", "%", "=", ",", " ", "\t", "\n", "\n\n", "\0",
    "\x1b[2J", "9" * 30, "-1", "1e9", "٣", "inf", "nan", "10G", "2h", "\ud800", "\u202e", "é",
)  # fmt: skip

_EXAMPLES = int(os.environ.get("GONEAWAY_SEARCH") or 15)

texts = st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=24).map("".join)


def _seconds(parse: Callable[[str], object], text: str) -> float:
    def answered() -> None:
        with suppress(WizardError, *REFUSALS):
            parse(text)

    return cpu_seconds(answered)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=_EXAMPLES, suppress_health_check=list(HealthCheck))
@given(text=texts)
@example(text=f"{MARK} \n{MARK} process ² m\n")
def test_a_parser_answers_or_refuses(name: str, text: str) -> None:
    _seconds(PARSERS[name], text)


def _kills(count: int) -> str:
    """As many programs, each killed for want of memory."""
    return "".join(
        f"[{n}.5] Out of memory: Killed process {n + 2} (php) total-vm:1kB, anon-rss:1kB\n"
        for n in range(count)
    )


def test_a_machine_that_kills_all_the_time_is_read_in_linear_time() -> None:
    """A kernel log of 8 MiB holds 70,000 of them."""
    _seconds(_kernel, _kills(100))
    few = min(_seconds(_kernel, _kills(500)) for _ in range(2))
    assert _seconds(_kernel, _kills(8_000)) < 16 * 3 * few + 0.5


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_no_more_than_linear_time(name: str) -> None:
    """16 times the text may take 16 times as long, and four times that on a busy machine."""
    slow = []
    for piece in _PIECES:
        few, many = piece * (1_000 // len(piece)), piece * (16_000 // len(piece))
        if (much := _seconds(PARSERS[name], many)) > 0.3:
            little = min(_seconds(PARSERS[name], few) for _ in range(3))
            much = min(much, *(_seconds(PARSERS[name], many) for _ in range(2)))
            if much > 64 * little + 0.3:
                slow.append((piece, little, much))
    assert not slow
