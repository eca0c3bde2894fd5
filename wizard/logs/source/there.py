"""What runs where the log lies, and answers one question: progress comes on stderr."""

import json
import os
import sys
import threading
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import IO, Any

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.logs.source.told import to_plain
from wizard.logs.source.zone_steps import SteppedZone

SAYS = "\x01"
"""Begins a line of progress on stderr."""


def serve(stdin: IO[bytes]) -> None:
    """Answer the one question, and end as soon as nobody waits for the answer."""
    question = json.loads(stdin.read(int(stdin.readline())).decode())
    threading.Thread(target=_end_with, args=(stdin.fileno(),), daemon=True).start()
    try:
        answer: dict[str, Any] = {"answer": to_plain(_answer(question))}
    except HostError as error:
        answer = {"error": str(error), "kind": type(error).__name__}
    packed = zlib.compress(json.dumps(answer).encode(), 6)
    sys.stdout.buffer.write(packed)
    sys.stdout.flush()
    os._exit(0)  # the other thread waits for a stdin that stays open


def _answer(question: dict[str, Any]) -> Any:
    read: Callable[..., Any] = getattr(import_module(question["module"]), question["reader"])
    asked = question["window"]
    since, until = (datetime.fromtimestamp(at, UTC) for at in asked or (0, 0))
    return read(
        LocalHost(),
        question["path"],
        Window(since, until) if asked else None,
        SteppedZone(*question["zone"]),
        _nothing,
        _say,
    )


def _nothing() -> None:
    """Nobody stops this side but by ending it."""


def _say(text: str) -> None:
    sys.stderr.write(SAYS + text + "\n")
    sys.stderr.flush()


def _end_with(descriptor: int) -> None:
    """End when the asking side of the channel is closed."""
    while os.read(descriptor, 1):
        pass
    os._exit(1)
