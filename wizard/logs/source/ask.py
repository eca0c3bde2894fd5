"""Asks for a reading of a log where it lies, in one round trip."""

import json
import zlib
from collections.abc import Callable
from datetime import tzinfo
from typing import TypeVar

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.logs.engine.second_process import LOADER, preamble
from wizard.logs.source.converted import NotConvertible
from wizard.logs.source.plain import from_plain
from wizard.logs.source.program import SERVES, program
from wizard.logs.source.zone_of import steps_of

MAX_ANSWER = 64 << 20
"""Bytes of an answer, unpacked, that are taken."""

T = TypeVar("T")


def ask_there(
    host: Host,
    reader: Callable[..., T],
    kind: type[T],
    path: str,
    window: Window,
    zone: tzinfo | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> T | None:
    """What `reader`, which gives a `kind`, says of the log there.

    None where it must be read another way: the log is here, or there is no Python there, or it
    did not come to an end. Raises HostError where the operator stopped it.
    """
    if isinstance(host, LocalHost):
        return None
    module = reader.__module__
    try:
        sent = program(module)
    except NotConvertible:
        return None
    question = {
        "module": module,
        "reader": reader.__name__,
        "path": path,
        "window": (window.since.timestamp(), window.until.timestamp()),
        "zone": steps_of(zone, window.until),
    }
    asked = json.dumps(question).encode()
    given = preamble(sent, SERVES, "serve") + b"%d\n%s" % (len(asked), asked)
    answer = host.run_python(path, LOADER, given, say)
    return None if answer is None else _understood(answer, kind)


def _understood(answer: bytes, kind: type[T]) -> T | None:
    unpacker = zlib.decompressobj()
    try:
        told = json.loads(unpacker.decompress(answer, MAX_ANSWER))
        found: T = from_plain(kind, told["answer"])
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return None
    return found
