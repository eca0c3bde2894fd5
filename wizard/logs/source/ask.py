"""Asks for a reading of a log where it lies, in one round trip.

A reader is a function that takes (host, path, window, zone, checkpoint, say) and whose result is
data: it runs here, or, by its name, on the host where the log is.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, get_type_hints

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError, Unfinished
from wizard.logs.engine.second_process import LOADER, preamble
from wizard.logs.source.converted import NotConvertible
from wizard.logs.source.plain import from_plain
from wizard.logs.source.program import SERVES, program
from wizard.logs.source.zone_of import steps_of
from wizard.safety.sanitize import sanitize

MAX_ANSWER = 64 << 20
"""Bytes of an answer, unpacked, that are taken."""

_NO_ANSWER = (zlib.error, ValueError, TypeError, KeyError, RecursionError)

T = TypeVar("T")


def read_at_source(
    reader: Callable[..., T],
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> T:
    """What `reader` says of the log: there if it can run there, else from here.

    Where it ran there and came to no end, the reading's remarks say why. Raises HostError.
    """
    checkpoint()
    try:
        there = ask_there(reader, host, path, window, zone, say)
    except Unfinished as error:
        found: T = _after(error, lambda: reader(host, path, window, zone, checkpoint, say))
        return found
    return reader(host, path, window, zone, checkpoint, say) if there is None else there


def _after(failed: Unfinished, read: Callable[[], Any]) -> Any:
    """What is read from here, with what happened to the reading there."""
    try:
        reading = read()
    except HostError as error:
        if type(error) is not HostError:
            raise
        raise HostError(f"{failed}; {error}") from None
    if "remarks" not in {each.name for each in fields(reading)}:
        return reading
    told = f"{failed}: what follows was read from here instead"
    return replace(reading, remarks=(told, *reading.remarks))


def ask_there(
    reader: Callable[..., T],
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> T | None:
    """The same where it can run there.

    None where it must be read another way: the log is here, or there is no Python there, or the
    account there may not read it. Raises Unfinished where it cannot be sent, came to no end or gave
    an answer that is none, HostError where the log cannot be read or the operator stopped it.
    """
    if isinstance(host, LocalHost):
        return None
    module = reader.__module__
    try:
        sent = program(module)
    except NotConvertible as error:
        raise Unfinished(f"{path}: what reads it cannot be sent to the host ({error})") from None
    question = {
        "module": module,
        "reader": reader.__name__,
        "path": path,
        "window": window and (window.since.timestamp(), window.until.timestamp()),
        "zone": steps_of(zone, window.until if window else datetime.now(UTC)),
    }
    asked = json.dumps(question).encode()
    given = preamble(sent, SERVES, "serve") + b"%d\n%s" % (len(asked), asked)
    answer = host.run_python(path, LOADER, given, say)
    if answer is None:
        return None
    try:
        told: T | None = _understood(answer, get_type_hints(reader)["return"])
        return told
    except _NO_ANSWER:
        raise Unfinished(f"{path}: the reading on the host gave an answer that is none") from None


def _understood(answer: bytes, kind: Any) -> Any:
    """None where another account may do what this one may not. Raises HostError, _NO_ANSWER."""
    unpacker = zlib.decompressobj()
    told = json.loads(unpacker.decompress(answer, MAX_ANSWER))
    if "error" in told:
        if told["kind"] == HostError.__name__:
            raise HostError(sanitize(str(told["error"])))
        return None
    return from_plain(kind, told["answer"])
