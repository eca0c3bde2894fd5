"""A fix on the server's machine within one investigation, and the restart that some need."""

from collections.abc import Mapping

from knowledge.model import Remedy
from wizard.case import facts
from wizard.remedies.apply import Applied
from wizard.remedies.figures import measure
from wizard.remedies.files import files_of
from wizard.remedies.files_here import FileChangeError
from wizard.remedies.host_change import apply_host, prove_host
from wizard.remedies.host_plan import HostPlan, HostView, host_plan, unit_of
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import JournalEntry
from wizard.remedies.keeping import process_of
from wizard.remedies.place import place_of
from wizard.remedies.plan import PlanError
from wizard.remedies.restart import Restarted, restart, would_cut
from wizard.remedies.running_values import living_session
from wizard.remedies.session import Progress, server_of, with_change, with_newest, with_server
from wizard.remedies.situation import identity_of
from wizard.remedies.verify import Verification
from wizard.server.variables import read_settings
from wizard.steps.step import Context


def prepare_host(context: Context, remedy: Remedy, wanted: Mapping[str, str]) -> HostPlan:
    """What would be changed on the database host. Raises PlanError, HostError."""
    if context.host is None:
        raise PlanError(context.host_reason or "the server's machine is not seen")
    pid = context.case.fact(facts.SERVER_PID)
    settings, identity, flavor = None, "", context.case.target.flavor
    if context.server is not None:
        with living_session(context.server, context.connector) as living:
            settings = read_settings(living)
            identity, flavor = identity_of(settings), living.info.flavor
    view = HostView(
        context.target.label,
        identity,
        flavor,
        place_of(context.target, context.host),
        measure(context.case),
        settings,
        pid if isinstance(pid, int) else None,
    )
    try:
        return host_plan(remedy, view, wanted, context.host, files_of(context.host))
    except FileChangeError as error:
        raise PlanError(str(error)) from None


def carry_out_on_host(
    context: Context, planned: HostPlan, journal: Journal, progress: Progress
) -> Applied:
    """Raises JournalError before anything is changed."""
    assert context.host is not None
    files = files_of(context.host)
    applied = apply_host(planned, context.host, files, journal, progress)
    context.case = with_change(context.case, applied.entry)
    return applied


def restart_needed(context: Context, entry: JournalEntry) -> tuple[str, tuple[str, ...]]:
    """The unit to restart, and the sessions that it cuts. Raises PlanError, ServerError."""
    if context.host is None:
        raise PlanError(context.host_reason or "the server's machine is not seen")
    unit = entry.host.unit if entry.host is not None else ""
    if not unit:
        unit = unit_of(context.host, _server_pid(context))
    return unit, with_server(context, would_cut)


def restart_now(context: Context, unit: str, entry: JournalEntry, progress: Progress) -> Restarted:
    """Restart the server, and look at what comes of it."""
    assert context.host is not None
    log = context.case.fact(facts.LOG_ERROR)
    if log is None and context.server is not None:
        log = with_server(context, lambda living: str(living.value("SELECT @@global.log_error")))
    told = restart(
        unit, entry, context.host, context.connector, str(log) if log else None, progress
    )
    if context.server is not None:
        context.server.close()
        context.server = None
    return told


def prove_on_host(context: Context, applied: Applied, journal: Journal) -> Verification:
    """What the kernel and the service manager say now. Raises HostError."""
    assert context.host is not None
    try:
        return prove_host(applied.entry, context.host, journal)
    finally:
        context.case = with_newest(context.case, applied.entry, journal)


def _server_pid(context: Context) -> int | None:
    pid = context.case.fact(facts.SERVER_PID)
    if isinstance(pid, int) or context.host is None:
        return pid if isinstance(pid, int) else None
    with living_session(server_of(context), context.connector) as living:
        settings = read_settings(living)
        process = process_of(context.host, context.target, living.info, settings)
    return None if process is None else process.pid
