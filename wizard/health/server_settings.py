"""The server's directories and buffers, asked of it or read from its option files."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from wizard.case.case import Case
from wizard.case.evidence import Scalar
from wizard.health.memory_budget import NAMES
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.hosts.server_process import speak_of
from wizard.safety.sanitize import sanitize
from wizard.server.answers import life_of, number_of, pairs_of
from wizard.server.session import ServerError, ServerSession
from wizard.target.model import Target
from wizard.target.option_files import server_options

PLACES = (
    "datadir",
    "tmpdir",
    "innodb_tmpdir",
    "innodb_log_group_home_dir",
    "log_error",
    "log_bin_basename",
    "slow_query_log_file",
    "general_log_file",
    "pid_file",
    "socket",
    "hostname",
)

_MAX_PATH = 4096


def known_settings(
    case: Case, target: Target, server: ServerSession | None, host: Host | None
) -> dict[str, Scalar]:
    """Settings by variable name, from the server or its option files.

    First the connection step's facts, then the server's own answers; where it cannot be reached,
    the option files of a server on this machine. `started_at` is ISO 8601.
    """
    step = case.step("connection")
    known: dict[str, Scalar] = dict(step.facts) if step is not None else {}
    if server is not None:
        known.update(_asked(server))
    elif isinstance(host, LocalHost):
        known = {**_from_option_files(target, case.target.flavor), **known}
    return known


def _asked(server: ServerSession) -> Mapping[str, Scalar]:
    """The settings as the server tells them; none where it dies under the question.

    That is for the next step to tell: the host's own records are wanted then most of all.
    """
    listed = ", ".join(f"'{name}'" for name in (*PLACES, *NAMES, "port"))
    try:
        rows = server.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({listed})")
        uptime = server.rows("SHOW GLOBAL STATUS LIKE 'Uptime'")
        known: dict[str, Scalar] = {name: _scalar(value) for name, value in pairs_of(rows)}
        lives = [life_of(number_of(seconds)) for _, seconds in pairs_of(uptime)]
    except ServerError:
        return {}
    for seconds in lives:
        if seconds is not None:
            started = datetime.now(UTC) - timedelta(seconds=seconds)
            known["started_at"] = started.isoformat(timespec="seconds")
    return known


def _scalar(value: str) -> Scalar:
    return int(value) if value.isdecimal() and len(value) < 20 else sanitize(value, _MAX_PATH)


def _from_option_files(target: Target, flavor: str) -> Mapping[str, Scalar]:
    """Only where they speak of the target: another instance may have files of its own."""
    given = target.server_option_files
    try:
        options = server_options(
            "mariadb" if flavor == "unknown" else flavor, defaults_file=given[0] if given else None
        )
    except (OSError, ValueError):
        return {}
    values = {
        name: sanitize(option.value, _MAX_PATH)
        for name, option in options.options.items()
        if option.value and name in (*PLACES, "port")
    }
    if not given and not speak_of(target, options):
        return {}
    return {name: int(v) if name == "port" and v.isdecimal() else v for name, v in values.items()}
