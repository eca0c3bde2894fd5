"""Who the server is and what this account may see, in words and tables. Pure."""

from wizard.case.evidence import Table
from wizard.safety.sanitize import sanitize
from wizard.server.flavor import PRODUCTS
from wizard.server.privileges import grant
from wizard.server.session import ServerInfo
from wizard.steps.connection_identity import ServerIdentity
from wizard.steps.step import Context
from wizard.units import duration

SKEW = 5.0
"""Seconds by which the server's clock may differ from this one before a note says so."""

LATE_GREETING = 1.0
"""Seconds of waiting for the greeting from which on a note says so."""


def headline(seen: ServerIdentity) -> str:
    info = seen.info
    up = "started before its clock was put back"
    if info.uptime_seconds is not None:
        up = f"up {duration(info.uptime_seconds)} since {seen.started:%Y-%m-%d %H:%M:%S} UTC"
    return f"{PRODUCTS.get(info.flavor, 'A server')} {info.version}, as {info.account}, {up}"


def setters(info: ServerInfo) -> tuple[str, ...]:
    return ("SUPER",) if info.is_mariadb else ("SYSTEM_VARIABLES_ADMIN", "SUPER")


def identity_table(context: Context, seen: ServerIdentity) -> Table:
    info, variables = seen.info, seen.variables
    rows = (
        ("server", f"{PRODUCTS.get(info.flavor, 'unknown')} {info.version}"),
        ("reached by", sanitize(context.target.label)),
        ("path", context.target.path),
        ("target", sanitize(context.target.origin) or "as given"),
        ("account", info.account),
        ("TLS", info.tls or "none"),
        ("connection id", str(info.connection_id)),
        ("host name", variables.get("hostname", "")),
        ("data directory", variables.get("datadir", "")),
        ("error log", variables.get("log_error") or "standard error (journal or console)"),
        ("time zone", _zone(seen)),
    )
    return Table("Server", ("what", "value"), rows)


def _zone(seen: ServerIdentity) -> str:
    name = seen.variables.get("system_time_zone", "")
    if seen.offset is None:
        return name
    sign = "-" if seen.offset < 0 else "+"
    hours, minutes = divmod(abs(seen.offset) // 60, 60)
    return f"{name} (UTC{sign}{hours:02d}:{minutes:02d})".strip()


def privileges_table(seen: ServerIdentity) -> Table:
    """What this account may see and do here, and the GRANT that would add what is missing."""
    info = seen.info
    setter = setters(info)[0]
    asked = [
        ("every account's sessions", seen.may("PROCESS"), "PROCESS", "*.*"),
        ("the state of InnoDB", seen.may("PROCESS"), "PROCESS", "*.*"),
        ("change a setting", seen.may(*setters(info)), setter, "*.*"),
    ]
    if seen.has_schema:
        reads = ("counters by error and by host", seen.reads_schema, "SELECT")
        asked.insert(1, (*reads, "performance_schema.*"))
    rows = tuple(
        (what, _WORDS[may], "" if may else grant(privilege, place, info.account))
        for what, may, privilege, place in asked
    )
    note = "" if seen.has_schema else "performance_schema is off: errors are not counted by kind"
    return Table("What this account may see", ("what", "may", "granted by"), rows, note)


_WORDS = {True: "yes", False: "no", None: "unknown"}


def notes(context: Context, seen: ServerIdentity) -> tuple[str, ...]:
    notes: list[str] = []
    greeting = seen.info.laps.greeting
    if greeting is not None and greeting >= LATE_GREETING:
        notes.append(
            f"the greeting came {greeting:.1f} s after the connection: the server may look up"
            " names; --probe latency tells"
        )
    if seen.may("PROCESS") is False:
        notes.append("without PROCESS this account sees its own sessions only")
    if not seen.info.tls and not context.target.is_loopback:
        notes.append("the connection is not encrypted")
    skew = seen.ahead or 0.0
    if abs(skew) > SKEW:
        way = "ahead of" if skew > 0 else "behind"
        notes.append(f"the server's clock is {duration(abs(skew))} {way} this one")
    if seen.started is None:
        notes.append(
            "the server's clock was put back since it started (its Uptime is below 0), so when it"
            " started is not known; times in its logs from before that are ahead"
        )
    return tuple(notes)
