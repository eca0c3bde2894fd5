"""Makes a planned change of the database host, proves it, and takes it back.

Journal first; a step that fails takes back what was done before it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from wizard.case.case import BeforeAfter, Outcome
from wizard.hosts.protocol import Host, HostError
from wizard.remedies.apply import Applied
from wizard.remedies.as_root import CommandFailed, as_root
from wizard.remedies.files import Files
from wizard.remedies.files_here import FileChangeError
from wizard.remedies.host_plan import HostPlan, running
from wizard.remedies.host_record import HostRecord, KernelSetting
from wizard.remedies.journal import Journal, JournalError
from wizard.remedies.journal_entry import ChangeState, FileRecord, JournalEntry, new_id
from wizard.remedies.option_file_write import add_block, file_conflict, remove_block
from wizard.remedies.undo import (
    Undone,
    UndoRefused,
    file_back,
    out_of_sight,
    require_newest,
)
from wizard.remedies.verify import Verification
from wizard.safety.sanitize import sanitize

Progress = Callable[[str], None]


class _Stopped(Exception):
    """A value was not taken; the message is one line."""


def apply_host(
    plan: HostPlan, host: Host, files: Files, journal: Journal, progress: Progress
) -> Applied:
    """Raises JournalError before anything is changed."""
    now = datetime.now(UTC)
    edit = plan.edit
    record = FileRecord(
        str(edit.path), edit.block, edit.existed, edit.before_sha256, edit.after_sha256,
        files.machine,
    )  # fmt: skip
    entry = JournalEntry(
        new_id(now), now, ChangeState.PLANNED, plan.remedy.id, plan.label, plan.identity,
        plan.flavor, (), file=record, place=plan.place, host=plan.record,
    )  # fmt: skip
    journal.record(entry)
    lines: list[str] = []
    done: list[KernelSetting] = []
    try:
        for setting in plan.record.settings:
            progress(f"sysctl -w {setting.name}={setting.new}")
            _require_unchanged(host, setting)
            # Before it is tried: a command that gave no answer may have done it all the same.
            done.append(setting)
            _set(host, setting, lines)
        progress(f"writing {record.path}")
        add_block(record, files)
        lines.append(f"written: {record.path}")
        _reload(host, plan.record, lines)
    except (_Stopped, CommandFailed, FileChangeError, HostError) as stopped:
        lines.append(sanitize(str(stopped)))
        clean = _back_out(host, files, record, plan.record, done, lines)
        state = ChangeState.FAILED if clean else ChangeState.PLANNED
        moved = journal.note(entry, state, lines, lines[-1])
        return Applied(moved, False, tuple(lines))
    moved = journal.note(entry, ChangeState.APPLIED, lines, lines[-1])
    return Applied(moved, True, tuple(lines))


def prove_host(entry: JournalEntry, host: Host, journal: Journal) -> Verification:
    """What the kernel and the service manager say now."""
    assert entry.host is not None
    rows, lines = [], []
    for setting in entry.host.settings:
        now = running(host, setting.name)
        rows.append(BeforeAfter(setting.name, setting.old, now))
        lines.append(f"{setting.name} is {now}")
        if now != setting.new:
            return _told(entry, journal, Outcome.NO_DIFFERENCE, rows, lines, "")
    if entry.host.unit:
        names = [name for name, _value in entry.host.lines]
        shown = _shown(host, entry.host.unit, names)
        lines.append(f"systemctl show {entry.host.unit}: {shown or 'no answer'}")
    needed = (
        "an idle ladder beyond the limit that was found (check --probe idle, or the Network screen)"
        if entry.host.settings
        else "the next time that the server dies or is started: fix --follow"
    )
    return _told(entry, journal, Outcome.CHANGED, rows, lines, needed)


def host_conflicts(entry: JournalEntry, host: Host | None, files: Files) -> tuple[str, ...]:
    """What others have changed since, one line each. Raises UndoRefused where a file cannot be
    looked at."""
    assert entry.host is not None
    assert entry.file is not None
    found = []
    for setting in entry.host.settings if host is not None else ():
        assert host is not None
        now = _now(host, setting.name)
        if now not in (setting.new, setting.old):
            found.append(
                f"{setting.name} is {now} now, neither {setting.new} as it was set nor"
                f" {setting.old} as before: somebody changed it since"
            )
    written = entry.state in (ChangeState.APPLIED, ChangeState.VERIFIED)
    try:
        conflict = file_conflict(entry.file, written, files=files)
    except FileChangeError as error:
        raise UndoRefused(str(error)) from None
    return (*found, conflict) if conflict else tuple(found)


def host_undo_preview(entry: JournalEntry) -> tuple[str, ...]:
    assert entry.host is not None
    assert entry.file is not None
    back = [f"sysctl -w {s.name}={s.old}" for s in reversed(entry.host.settings)]
    reload = ["systemctl daemon-reload"] if entry.host.unit else []
    return (*back, f"take the added lines out of {entry.file.path}", *reload)


def undo_host(
    entry: JournalEntry, host: Host | None, files: Files, journal: Journal, overwrite: bool
) -> Undone:
    """Raises UndoRefused, JournalError."""
    assert entry.host is not None
    assert entry.file is not None
    if reason := out_of_sight(entry, entry.file, files):
        raise UndoRefused(reason)
    if host is None:
        raise UndoRefused("the server's machine is not seen: run goneaway-wizard undo there")
    require_newest(entry, journal)
    if (conflicts := host_conflicts(entry, host, files)) and not overwrite:
        raise UndoRefused("; ".join(conflicts))
    lines: list[str] = []
    # Where the journal can no longer be written, what was changed can be taken back all the same.
    with suppress(JournalError):
        journal.move(entry, ChangeState.UNDOING, entry.text)
    try:
        for setting in reversed(entry.host.settings):
            if _now(host, setting.name) != setting.old:
                as_root(host, ["sysctl", "-w", f"{setting.name}={setting.old}"])
            lines.append(f"{setting.name} is {running(host, setting.name)}")
        lines.append(file_back(entry, overwrite, files))
        _reload(host, entry.host, lines)
    except (_Stopped, CommandFailed, FileChangeError, HostError) as error:
        lines.append(f"not taken back: {sanitize(str(error))}")
        journal.note(entry, entry.state, lines)
        return Undone(entry.state, tuple(lines))
    journal.note(entry, ChangeState.UNDONE, lines)
    return Undone(ChangeState.UNDONE, tuple(lines))


def _require_unchanged(host: Host, setting: KernelSetting) -> None:
    now = running(host, setting.name)
    if now != setting.old:
        raise _Stopped(
            f"{setting.name} is {now} now, {setting.old} was shown and {setting.new} was to be"
            " set: somebody changed it meanwhile; look at it again"
        )


def _set(host: Host, setting: KernelSetting, lines: list[str]) -> None:
    as_root(host, ["sysctl", "-w", f"{setting.name}={setting.new}"])
    now = running(host, setting.name)
    if now != setting.new:
        raise _Stopped(f"{setting.name} is {now} after it was set to {setting.new}")
    lines.append(f"sysctl -w {setting.name}={setting.new}: it is {now}")


def _reload(host: Host, record: HostRecord, lines: list[str]) -> None:
    if record.unit:
        as_root(host, ["systemctl", "daemon-reload"])
        lines.append("systemctl daemon-reload: done")


def _back_out(
    host: Host,
    files: Files,
    file: FileRecord,
    record: HostRecord,
    done: Sequence[KernelSetting],
    lines: list[str],
) -> bool:
    """Whether nothing is left changed."""
    try:
        for setting in reversed(done):
            as_root(host, ["sysctl", "-w", f"{setting.name}={setting.old}"])
        lines.append(remove_block(file, files))
        if record.unit:
            _reload(host, record, [])
    except FileChangeError as error:
        lines.append(f"not taken back: {error}")
        return False
    except (_Stopped, CommandFailed, HostError) as error:
        # Without a service manager that answers there is nothing that it could have taken over.
        lines.append(f"taken back as far as it goes: {sanitize(str(error))}")
        return bool(record.unit)
    lines.append("nothing is left changed")
    return True


def _shown(host: Host, unit: str, names: Sequence[str]) -> str:
    try:
        done = host.run(["systemctl", "show", unit, *(f"--property={n}" for n in names)])
    except HostError as error:
        return str(error)
    return sanitize(done.stdout.strip().replace("\n", " "), 300)


def _now(host: Host, name: str) -> str:
    try:
        return running(host, name)
    except HostError:
        return "not readable"


def _told(
    entry: JournalEntry,
    journal: Journal,
    outcome: Outcome,
    rows: list[BeforeAfter],
    lines: list[str],
    needed: str,
) -> Verification:
    ok = outcome is not Outcome.NO_DIFFERENCE
    state = ChangeState.VERIFIED if ok else entry.state
    journal.note(entry, state, lines, "; ".join([str(outcome), *lines]), tuple(rows))
    return Verification(tuple(lines), ok, False, outcome, tuple(rows), needed)
