"""The settings step: which limits are in force, where they come from, who has others.

Facts: each variable of `IMPORTANT` that the server has, by its own name (a whole number as
int, anything else as the server prints it); `session_wait_timeout_min` in seconds: the
smallest wait_timeout among the sessions of others, absent where that is not known; for the
limits of `TIMED`, `NAME_changed` where it was set while the server ran, and `NAME_changed_at`
(ISO 8601) where the server tells when; `of_server_started_at` (ISO 8601).
"""

from collections.abc import Iterator, Sequence

from knowledge.load import load
from wizard.case.evidence import (
    MAX_OCCURRENCES,
    Evidence,
    Occurrence,
    Scalar,
    StepResult,
    StepStatus,
)
from wizard.case.evidence import Table as RowTable
from wizard.case.facts import STARTED_AT
from wizard.server.session import ServerInfo
from wizard.server.values import in_words, same
from wizard.server.variables import (
    SessionSetting,
    SessionSettings,
    Settings,
    default_for,
    read_session_settings,
    read_settings,
    whole,
)
from wizard.steps import names
from wizard.steps.step import Context, Step
from wizard.units import duration

IMPORTANT = (
    "wait_timeout", "interactive_timeout", "max_allowed_packet", "net_read_timeout",
    "net_write_timeout", "connect_timeout", "max_connections", "max_user_connections",
    "max_connect_errors", "net_buffer_length", "idle_transaction_timeout",
    "idle_readonly_transaction_timeout", "idle_write_transaction_timeout",
    "max_statement_time", "max_execution_time", "lock_wait_timeout", "log_error_verbosity",
    "log_warnings", "log_error", "skip_name_resolve", "host_cache_size", "init_connect",
    "offline_mode", "require_secure_transport", "connection_memory_limit", "thread_handling",
    "tcp_keepalive_time", "tcp_keepalive_interval", "tcp_keepalive_probes", "back_log",
    "extra_port", "admin_port", "admin_address", "innodb_buffer_pool_size",
    "innodb_redo_log_capacity", "innodb_log_file_size", "open_files_limit",
    "performance_schema", "general_log", "slow_query_log", "long_query_time",
)  # fmt: skip

TIMED = ("wait_timeout", "interactive_timeout", "max_allowed_packet")
"""Limits that are held against failures of an earlier time."""

IDLE_TRANSACTION = (
    "idle_transaction_timeout",
    "idle_readonly_transaction_timeout",
    "idle_write_transaction_timeout",
)

# The command-line clients set CLIENT_INTERACTIVE, so their wait_timeout is interactive_timeout
# (Reference Manual, interactive_timeout).
_COMMAND_LINES = ("mysql", "mariadb")


def run(context: Context) -> StepResult:
    session = context.need_server()
    context.progress("reading the server's settings")
    settings = read_settings(session)
    context.progress("reading the settings of the open sessions")
    sessions = read_session_settings(session, ("wait_timeout",))
    shorter = _shorter(settings, sessions)
    evidence = (*_session_evidence(settings, shorter), *_global_evidence(settings))
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline=_headline(settings, session.info),
        evidence=evidence,
        looked_for=_looked_for(sessions),
        tables=(_settings_table(settings, session.info), *_sessions_table(settings, sessions)),
        notes=tuple(_notes(settings, sessions)),
        facts={**_facts(settings, sessions), **_of_server(context)},
    )


def _looked_for(sessions: SessionSettings) -> tuple[str, ...]:
    """A variable that this server does not have cannot be in force, so it was looked for."""
    always = ("setting.idle-transaction", "setting.offline-mode", "setting.init-connect")
    return always if sessions.reason else ("setting.session-timeout", *always)


def _headline(settings: Settings, info: ServerInfo) -> str:
    known = load().variables
    changed = [
        name
        for name in ("wait_timeout", "max_allowed_packet", "max_connections")
        if (value := settings.value(name)) is not None
        and (default := default_for(known[name], info)) is not None
        and not same(value, default)
    ]
    idle = settings.number("wait_timeout")
    packet = settings.value("max_allowed_packet")
    text = []
    if idle is not None:
        text.append(f"idle sessions end after {duration(idle)}")
    if packet is not None:
        text.append(f"largest packet {in_words(known['max_allowed_packet'], packet)}")
    if changed:
        text.append(f"not the default: {', '.join(changed)}")
    return "; ".join(text)


def _settings_table(settings: Settings, info: ServerInfo) -> RowTable:
    known = load().variables
    rows = []
    for name in IMPORTANT:
        setting = settings.globals.get(name)
        if setting is None:
            continue
        default = default_for(known[name], info)
        rows.append(
            (
                name,
                in_words(known[name], setting.value) or "(empty)",
                "-" if default is None else in_words(known[name], default) or "(empty)",
                setting.origin or "-",
                _remark(name, setting.value, default, settings),
            )
        )
    return RowTable(
        "Global variables", ("VARIABLE", "VALUE", "DEFAULT", "FROM", "NOTE"), tuple(rows)
    )


def _remark(name: str, value: str, default: str | None, settings: Settings) -> str:
    parts = []
    if default is not None and not same(value, default):
        parts.append("changed")
    persisted = (settings.persisted or {}).get(name)
    if persisted is not None and not same(persisted, value):
        parts.append(f"becomes {persisted} at the next start (SET PERSIST)")
    elif settings.globals[name].origin.startswith("set while running") and persisted is None:
        parts.append("lost at the next start")
    if name == "interactive_timeout" and value != settings.value("wait_timeout"):
        parts.append("what the command line shows as wait_timeout")
    return "; ".join(parts)


def _sessions_table(settings: Settings, sessions: SessionSettings) -> Iterator[RowTable]:
    if sessions.reason:
        return
    groups: dict[tuple[str, str, str], int] = {}
    for row in sessions.rows:
        key = (row.account, row.program or "-", row.value)
        groups[key] = groups.get(key, 0) + 1
    known = load().variables["wait_timeout"]
    current = settings.value("wait_timeout")
    ordered = sorted(groups.items(), key=lambda item: (whole(item[0][2]) or 0, item[0]))
    yield RowTable(
        "wait_timeout of the open sessions",
        ("ACCOUNT", "PROGRAM", "SESSIONS", "WAIT_TIMEOUT", "NOTE"),
        tuple(
            (account, program, str(count), in_words(known, value), _difference(value, current))
            for (account, program, value), count in ordered[:200]
        ),
        note="without the wizard's own sessions",
    )


def _difference(value: str, current: str | None) -> str:
    return "" if same(value, current) else "differs from the global value"


def _shorter(settings: Settings, sessions: SessionSettings) -> tuple[SessionSetting, ...]:
    """Sessions that idle less long than the server would let them, command lines left out."""
    limit = settings.number("wait_timeout")
    interactive = settings.value("interactive_timeout")
    if limit is None:
        return ()
    return tuple(
        s
        for s in sessions.rows
        if (own := whole(s.value)) is not None
        and own < limit
        and not (s.program in _COMMAND_LINES and s.value == interactive)
    )


def _session_evidence(settings: Settings, shorter: Sequence[SessionSetting]) -> Iterator[Evidence]:
    if not shorter:
        return
    smallest = min(whole(s.value) or 0 for s in shorter)
    accounts = sorted({s.account.partition("@")[0] for s in shorter})
    interactive = settings.number("interactive_timeout")
    why = (
        "; they announce themselves as interactive and get interactive_timeout"
        if all(whole(s.value) == interactive for s in shorter)
        else "; the client set it, or logged in before the server's value was raised"
    )
    yield Evidence(
        "setting.session-timeout",
        f"{len(shorter)} open session(s) of {', '.join(accounts[:5])} end after {smallest} s of"
        f" idling, the server's wait_timeout is {settings.value('wait_timeout')} s{why}",
        "performance_schema.variables_by_thread",
        count=len(shorter),
        value=float(smallest),
        occurrences=tuple(
            Occurrence(connection_id=s.connection_id, account=s.account, seconds=float(s.value))
            for s in shorter[:MAX_OCCURRENCES]
        ),
    )


def _global_evidence(settings: Settings) -> Iterator[Evidence]:
    for name in IDLE_TRANSACTION:
        limit = settings.number(name)
        if limit:
            yield Evidence(
                "setting.idle-transaction",
                f"{name} is {limit} s: a session that idles longer in a transaction is closed",
                f"SHOW GLOBAL VARIABLES: {name}",
                value=float(limit),
            )
    if settings.value("offline_mode") == "ON":
        yield Evidence(
            "setting.offline-mode",
            "offline_mode is ON: ordinary accounts are thrown out and kept out",
            "SHOW GLOBAL VARIABLES: offline_mode",
        )
    if command := settings.value("init_connect"):
        yield Evidence(
            "setting.init-connect",
            "init_connect is set: if it fails, ordinary accounts lose the connection at once",
            "SHOW GLOBAL VARIABLES: init_connect",
            excerpt=command,
        )


def _notes(settings: Settings, sessions: SessionSettings) -> Iterator[str]:
    idle, interactive = settings.value("wait_timeout"), settings.value("interactive_timeout")
    if idle != interactive:
        yield (
            f"Programs get wait_timeout ({idle} s), command-line clients interactive_timeout"
            f" ({interactive} s) under the same name: what you see in the mysql client is not"
            " what the application has."
        )
    yield (
        "A changed value reaches new sessions only; open ones keep what they copied at login."
        " Recycle the application's pool after a change."
    )
    if sessions.reason:
        yield f"What the application's sessions have was not looked at: {sessions.reason}."
    if sessions.truncated:
        yield f"Only {len(sessions.rows)} sessions were read."
    for remark in settings.remarks:
        yield f"Not looked at: {remark}."


def _facts(settings: Settings, sessions: SessionSettings) -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {}
    for name in IMPORTANT:
        value = settings.value(name)
        if value is not None:
            number = whole(value)
            facts[name] = value if number is None else number
    for name in TIMED:
        setting = settings.globals.get(name)
        if setting is not None and setting.changed:
            facts[f"{name}_changed"] = True
            if setting.changed_at is not None:
                facts[f"{name}_changed_at"] = setting.changed_at.isoformat()
    known = [n for s in sessions.rows if (n := whole(s.value)) is not None]
    if known:
        facts["session_wait_timeout_min"] = min(known)
    return facts


def _of_server(context: Context) -> dict[str, Scalar]:
    """The start of the server that was asked. What it said is kept where it is lost later."""
    started = context.case.fact(STARTED_AT)
    return {"of_server_started_at": started} if started else {}


STEP = Step(*names.SETTINGS, run)
