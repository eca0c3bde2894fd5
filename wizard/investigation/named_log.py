"""A log that the operator named without its kind, perhaps with no server at hand."""

from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case.case import Window
from wizard.hosts.protocol import HostError
from wizard.logs.application.open_file import BROKEN, open_log
from wizard.logs.kind import LogKind, kind_of
from wizard.logs.not_text import HEAD
from wizard.target.at_home import at_home
from wizard.target.model import Sources

ALONE = timedelta(days=1)
"""What is looked at of a server's log that is read alone, back from its last line."""


def named_log(path: str) -> Sources:
    """A file that was named without its kind, as the kind that its first lines look like.

    Raises HostError where it cannot be read.
    """
    log = at_home(path)
    try:
        with open_log(log) as stream:
            kind = kind_of(stream.read(HEAD))
    except BROKEN as error:
        raise HostError(f"{log} cannot be unpacked: {error}") from None
    match kind:
        case LogKind.ERROR:
            return Sources(error_log=log)
        case LogKind.GENERAL:
            return Sources(general_log=log)
        case LogKind.SLOW:
            return Sources(slow_log=log)
    return Sources(app_logs=(log,))


def beside(given: Sources, path: str) -> Sources:
    """What was given, and the log at `path`, if there is one. Raises HostError."""
    if not path:
        return given
    named = named_log(path)
    return replace(
        given,
        app_logs=tuple(dict.fromkeys((*given.app_logs, *named.app_logs))),
        error_log=named.error_log or given.error_log,
        general_log=named.general_log or given.general_log,
        slow_log=named.slow_log or given.slow_log,
    )


def window_alone(sources: Sources) -> Window | None:
    """The last day of a server's log that is read alone: it may be an old copy."""
    log = sources.error_log or sources.general_log or sources.slow_log
    if log is None:
        return None
    now = datetime.now().astimezone()
    written = datetime.fromtimestamp(log.stat().st_mtime, now.tzinfo)
    return Window(min(written, now) - ALONE, now)
