"""Connections that were last used in the same moment: a pool's, or a batch's."""

from collections.abc import Sequence

from wizard.case.evidence import Failure, Occurrence

SAME_USE = 0.5
"""Seconds between the last uses of connections that were used together."""

SAME_END = 1.5
"""Seconds within which ends are of one moment, whole seconds of the log included."""


def last_use(failure: Failure) -> float | None:
    if failure.at is None or failure.idle_seconds is None:
        return None
    return failure.at.timestamp() - failure.idle_seconds


def alike(failures: Sequence[Failure], names: Sequence[str] | None = None) -> list[int]:
    """How many connections of the same log were last used in the same moment, for each failure.

    It counts itself; 1 where no rest is told. `names` are those of the logs, where known.
    """
    counts = [1] * len(failures)
    logs: dict[str, list[tuple[float, int]]] = {}
    for index, failure in enumerate(failures):
        use = last_use(failure)
        if use is not None:
            name = log_of(failure) if names is None else names[index]
            logs.setdefault(name, []).append((use, index))
    for uses in logs.values():
        _count(sorted(uses), counts)
    return counts


def log_of(failure: Failure) -> str:
    """Which log told of it: a program's own, as a rule."""
    return failure.source.rpartition(":")[0] or failure.source


def _count(uses: Sequence[tuple[float, int]], counts: list[int]) -> None:
    group: list[int] = []
    newest = float("-inf")
    for use, index in [*uses, (float("inf"), -1)]:
        if use - newest > SAME_USE:
            for member in group:
                counts[member] = len(group)
            group = []
        group.append(index)
        newest = use


def possible_timeouts(failures: Sequence[Failure], ends: Sequence[Occurrence]) -> list[Occurrence]:
    """The timeouts that can have ended these connections. Those last used together reach a
    timeout together: where no more than half of them can have ended with it, it is another's.

    `ends` are in order of time. Any may be, where some failure tells no rest or there is none.
    """
    if not ends or not failures or any(f.idle_seconds is None or not f.at for f in failures):
        return list(ends)
    uses = [last_use(f) for f in failures]
    counts = alike(failures)
    spans = sorted(
        (use, f.at.timestamp(), count)
        for use, f, count in zip(uses, failures, counts, strict=True)
        if use is not None and f.at is not None
    )
    kept: list[Occurrence] = []
    newest: dict[int, float] = {}  # by the cohort's size: its latest failure so far
    begun = 0
    for group in _together(ends):
        ended = group[0].at.timestamp() if group[0].at else 0.0
        while begun < len(spans) and spans[begun][0] <= ended + 1.0:
            _, at, size = spans[begun]
            newest[size] = max(at, newest.get(size, at))
            begun += 1
        if any(size < 2 * len(group) and at >= ended - 0.5 for size, at in newest.items()):
            kept += group
    return kept


def _together(ends: Sequence[Occurrence]) -> list[list[Occurrence]]:
    groups: list[list[Occurrence]] = []
    for end in ends:
        newest = groups[-1][-1].at if groups else None
        if (
            newest is not None
            and end.at is not None
            and (end.at - newest).total_seconds() <= SAME_END
        ):
            groups[-1].append(end)
        else:
            groups.append([end])
    return groups
