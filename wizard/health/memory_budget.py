"""How much memory the server may take by its own settings, beside what there is.

The sum of what is shared and what every session may take at once is the worst case of the
manual ("How MySQL Uses Memory"); most servers never reach it, so it is a table, not evidence.
"""

from collections.abc import Mapping

from wizard.case.evidence import Table
from wizard.units import size

SHARED = (
    "innodb_buffer_pool_size",
    "innodb_log_buffer_size",
    "key_buffer_size",
    "query_cache_size",
    "aria_pagecache_buffer_size",
)
PER_SESSION = (
    "sort_buffer_size",
    "join_buffer_size",
    "read_buffer_size",
    "read_rnd_buffer_size",
    "binlog_cache_size",
    "thread_stack",
    "tmp_table_size",
)
NAMES = (*SHARED, *PER_SESSION, "max_connections")


def budget(
    values: Mapping[str, int], limit: int | None, resident: int | None, of: str = "the host"
) -> Table | None:
    """`values` by variable name, bytes; `limit` is the memory that counts, which `of` sets.
    None where the sessions' number is not known."""
    sessions = values.get("max_connections")
    if not sessions:
        return None
    pool = values.get("innodb_buffer_pool_size", 0)
    others = sum(values.get(name, 0) for name in SHARED) - pool
    each = sum(values.get(name, 0) for name in PER_SESSION)
    worst = pool + others + sessions * each
    left = None if limit is None else limit - worst
    rows = (
        ("Buffer pool", size(pool)),
        ("Other shared buffers", size(others)),
        (f"{sessions} sessions x {size(each)}", size(sessions * each)),
        ("Sum, the worst case", size(worst)),
        (f"Memory of {of}", size(limit)),
        ("Left", size(left)),
        ("Resident now", size(resident)),
    )
    over = left is not None and left < 0
    return Table(
        "Memory budget of the server",
        ("What", "Size"),
        rows,
        "The worst case is above what there is: many large queries at once can wake the OOM killer."
        if over
        else "",
    )
