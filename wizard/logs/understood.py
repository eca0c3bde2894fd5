"""Why nothing follows from a file that is no log of the kind that it was named as.

A file in which no line has the form of such a log was not looked at: it is no quiet log.
"""

from wizard.hosts.protocol import Host, HostError
from wizard.logs.application.read import AppLogScan
from wizard.logs.engine.line_ends import as_line_feeds, ends_in_returns
from wizard.logs.engine.rotated import unpack_by_magic
from wizard.logs.engine.wide_text import wide_encoding
from wizard.logs.kind import LogKind, looks_like
from wizard.logs.log_tables import LogTable, table_of
from wizard.logs.not_text import HEAD, no_text

_TITLES = {
    LogKind.ERROR: "a server's error log",
    LogKind.GENERAL: "a general log",
    LogKind.SLOW: "a slow log",
    LogKind.APP: "an application's log",
}

_FLAGS = {
    LogKind.ERROR: "--error-log",
    LogKind.GENERAL: "--general-log",
    LogKind.SLOW: "--slow-log",
    LogKind.APP: "--app-log",
}


class NotUnderstood(HostError):
    """A file that could be read is no log of its kind; the message says what to do."""


def head_of(host: Host, path: str) -> bytes:
    """The first bytes of a file, unpacked and as UTF-8. Raises HostError, NotUnderstood where it
    is damaged so that nothing of it can be unpacked."""
    head = host.read(path, 0, HEAD)
    if unpack := unpack_by_magic(head):
        head = host.read_unpacked(path, unpack, 0, HEAD, lambda: None)
        if not head and (complaint := host.cells(path, unpack).complaint):
            raise NotUnderstood(
                f"{path} is damaged or cut, and nothing of it can be unpacked: {complaint}"
            )
    if encoding := wide_encoding(head):
        head = head.decode(encoding, "replace").encode("utf-8", "replace")
    return as_line_feeds(head) if ends_in_returns(head) else head


def why_not(path: str, wanted: LogKind, head: bytes) -> str:
    """What to say of a file with these first bytes, in which no line is of a log of this kind."""
    if not head:
        return f"{path} is empty: nothing follows from it"
    if told := no_text(head):
        return path + told
    if (table := table_of(head)) is not None:
        return f"{path} is not understood as {_TITLES[wanted]}: {_of_table(table)}"
    other = looks_like(head)
    if other not in (None, wanted):
        return (
            f"{path} is not understood as {_TITLES[wanted]}: it looks like {_TITLES[other]}, so "
            f"name it as that ({_FLAGS[other]}, or logs --kind {other})"
        )
    told = "no line of it tells a time" if wanted is LogKind.APP else "no line of it has that form"
    return (
        f"{path} is not understood as {_TITLES[wanted]}: {told}, so nothing follows from it; look "
        "whether it is the right file"
    )


def require_no_table(path: str, head: bytes) -> None:
    """Raises NotUnderstood where these first bytes of a file are rows of a log's table."""
    if (table := table_of(head)) is not None:
        raise NotUnderstood(f"{path} is no log file: {_of_table(table)}")


def require_application_log(host: Host, path: str, scan: AppLogScan) -> None:
    """Raises NotUnderstood where the log is none, so that nothing follows from it.

    The statements in a log's table may hold the texts of errors; nobody met them there.
    """
    head = head_of(host, path)
    if table_of(head) is not None:
        raise NotUnderstood(why_not(path, LogKind.APP, head))
    if scan.total or scan.outside:
        return
    has_none = scan.first is None and not scan.not_understood
    if has_none or looks_like(head) is not None:
        why = why_not(path, LogKind.APP, head)
        raise NotUnderstood(f"{why}; {scan.truncated}" if scan.truncated else why)


def _of_table(table: LogTable) -> str:
    return (
        f"it holds rows of the table mysql.{table}_log (log_output=TABLE); goneaway-wizard capture "
        f"{table} reads on the server what comes from now on, and log_output=FILE writes a log file"
    )
