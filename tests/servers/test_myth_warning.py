"""On a real server whose trouble was another: the preview of a vain remedy says that it is vain."""

from pathlib import Path

import pytest

from tests.servers.conftest import StartServer
from tests.servers.fix_engine import command
from tests.servers.harness import faults

pytestmark = pytest.mark.servers


def test_raising_wait_timeout_after_a_crash(
    product: str, start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(product, wait_timeout=600)
    faults.server_crash(server)
    log = ("--error-log", str(server.error_log))
    shown = command(server, tmp_path, "fix", "raise-wait-timeout", "--dry-run", *log)
    assert shown.code == 0, shown.err
    assert "- Raising wait_timeout will not help" in shown.out
    assert "server-crash" in shown.out
    assert "goneaway-wizard explain raise-wait-timeout-always" in shown.out


def test_raising_the_packet_limit_after_a_packet(
    product: str, start_server: StartServer, tmp_path: Path
) -> None:
    verbosity = {"log_error_verbosity": 3} if product == "mysql" else {}
    server = start_server(product, max_allowed_packet=1 << 20, **verbosity)
    faults.packet_too_large(server)
    log = ("--error-log", str(server.error_log))
    shown = command(server, tmp_path, "fix", "raise-max-allowed-packet", "--dry-run", *log)
    assert shown.code == 0, shown.err
    assert "- Raising" not in shown.out
