"""Adds a block to an option file, and takes it out again leaving what others have written."""

from pathlib import PurePath

from wizard.hosts.protocol import ByteEdit
from wizard.remedies.files import Files, FilesHere
from wizard.remedies.files_here import FileChangeError
from wizard.remedies.journal_entry import FileRecord
from wizard.remedies.option_file_edit import DROP_IN, digest, without
from wizard.remedies.place import Machine
from wizard.safety.sanitize import sanitize

__all__ = ["FileChangeError", "add_block", "elsewhere", "file_conflict", "in_doubt", "remove_block"]

HERE = FilesHere()


def add_block(record: FileRecord, files: Files = HERE) -> None:
    """Add the block to the end of the file. Raises FileChangeError if it is not the file that
    was previewed, or another wizard is writing."""
    before = record.before_sha256 if record.existed else None
    files.edit(ByteEdit(record.path, before, record.after_sha256, added=record.block))


def elsewhere(record: FileRecord, here: Machine) -> str:
    """Why the file cannot be reached from this machine, or an empty string."""
    if not record.machine.is_another(here):
        return ""
    there, this = (
        sanitize(machine.name) or "another machine" for machine in (record.machine, here)
    )
    if there == this:
        there, this = (f"{m.name} ({sanitize(m.id, 12)})" for m in (record.machine, here))
    return (
        f"{record.path} was changed on {there}, and this is {this}: run goneaway-wizard undo there"
    )


def in_doubt(record: FileRecord, here: Machine) -> str:
    """Why the file may be another machine's, or an empty string."""
    if not record.machine.is_in_doubt(here):
        return ""
    return (
        f"{record.path} was changed on a machine named {sanitize(record.machine.name)}, and"
        f" this one is {sanitize(here.name)}"
    )


def file_conflict(
    record: FileRecord, written: bool, here: Machine | None = None, files: Files = HERE
) -> str:
    """What stands in the way of taking the block out, or an empty string. `written`: the change
    is known to have reached the file, so that a file without it was changed by others."""
    here = here or files.machine
    if reason := elsewhere(record, here):
        return reason
    return in_doubt(record, here) or content_conflict(record, written, files)


def content_conflict(record: FileRecord, written: bool, files: Files = HERE) -> str:
    """What others have made of the file, whichever machine's it is; as `file_conflict`."""
    content = files.content(record.path)
    if content is not None and record.block and without(content, record.block) is not None:
        return ""
    if content is None and written:
        return f"{record.path} is not there any more: somebody removed it, or it is elsewhere"
    if digest(content or b"") == record.before_sha256 and not written:
        return ""
    return f"{record.path}: the lines that were added are no longer there as they were"


def remove_block(record: FileRecord, files: Files = HERE) -> str:
    """Take the block out again, leaving whatever others have written; one line about it.
    A file that came into being with the block and holds nothing else is removed. Raises
    FileChangeError."""
    content = files.content(record.path)
    if content is None or digest(content) == record.before_sha256:
        files.clear(record.path)
        return f"{record.path} is as it was before"
    rest = without(content, record.block)
    if rest is None:
        raise FileChangeError(
            f"{record.path}: the lines that were added are no longer there as they were;"
            " look at the file and mend it by hand"
        )
    # A later change may have found our own drop-in file, and be taken back after the first.
    is_ours = not record.existed or PurePath(record.path).name.endswith(DROP_IN)
    if not rest and is_ours:
        files.edit(ByteEdit(record.path, digest(content), None))
        return f"{record.path} is removed"
    start = content.rfind(record.block)
    files.edit(
        ByteEdit(
            record.path, digest(content), digest(rest), start=start, end=start + len(record.block)
        )
    )
    if digest(rest) == record.before_sha256:
        return f"{record.path} is as it was before, byte for byte"
    return f"{record.path}: our lines are taken out; what others changed since was left"
