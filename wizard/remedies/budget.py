"""How much memory and how many files the server's sessions may need, at the worst. Pure."""

from dataclasses import dataclass

from wizard.remedies.situation import Situation
from wizard.server.variables import Settings
from wizard.units import size

# What one working session may take beside its packets (Reference Manual, "How MySQL Uses
# Memory"). Most sessions use a fraction of it.
_SESSION_BUFFERS = (
    "thread_stack", "net_buffer_length", "read_buffer_size", "read_rnd_buffer_size",
    "sort_buffer_size", "join_buffer_size", "binlog_cache_size",
)  # fmt: skip

_GLOBAL_BUFFERS = (
    "innodb_buffer_pool_size", "innodb_log_buffer_size", "key_buffer_size", "query_cache_size",
    "aria_pagecache_buffer_size",
)  # fmt: skip

OWN_FILES = 10
"""Descriptors that the server keeps beside sessions and tables (Reference Manual,
open_files_limit)."""


@dataclass(frozen=True, slots=True)
class Fits:
    """How many sessions fit, and by what limit, in words."""

    sessions: int
    told: str


def for_each_session(settings: Settings) -> int:
    """Bytes that a working session may take at the worst, without its packets."""
    return sum(settings.number(name) or 0 for name in _SESSION_BUFFERS)


def for_all(settings: Settings) -> int:
    """Bytes that the server's own buffers take, however many sessions there are."""
    return sum(settings.number(name) or 0 for name in _GLOBAL_BUFFERS)


def sessions_that_fit(situation: Situation) -> Fits | None:
    """The most sessions for which the machine has memory, and the server descriptors; None where
    neither is known to be a limit."""
    found = [fits for fits in (_in_memory(situation), _in_files(situation)) if fits is not None]
    return min(found, default=None, key=lambda fits: fits.sessions)


def _in_memory(situation: Situation) -> Fits | None:
    memory, settings = situation.measured.memory, situation.settings
    each, own = for_each_session(settings), for_all(settings)
    if memory is None or not each:
        return None
    left = max(0, memory - own)
    return Fits(
        left // each // 10 * 10,
        f"{size(memory)} of {situation.measured.memory_of} less {size(own)} of buffers, at"
        f" {size(each)} a working session, hold {left // each} sessions",
    )


def _in_files(situation: Situation) -> Fits | None:
    """Only the connections' own descriptors: tables that find none are closed and opened again."""
    files = situation.settings.number("open_files_limit")
    if not files:
        return None
    room = max(0, files - OWN_FILES)
    return Fits(
        room // 10 * 10,
        f"the server may open {files} files, and each connection needs one",
    )
