"""A slow log's digest as tables for a screen or a report. Pure."""

from wizard import units
from wizard.case.evidence import Table
from wizard.logs.slow.digest import Shape, SlowDigest
from wizard.server.statement_limits import SlowLimits

MOST_ROWS = 50
_BARS = 24


def tables(found: SlowDigest, limits: SlowLimits) -> tuple[Table, ...]:
    return (_by_shape(found), _by_time(found, limits)) if found.entries else ()


def _by_shape(found: SlowDigest) -> Table:
    columns = (
        "count", "total", "p50", "p95", "max", "lock", "examined", "sent", "bytes", "account",
        "statement",
    )  # fmt: skip
    more = len(found.shapes) - MOST_ROWS
    return Table(
        "Statements by shape, those that took most time first",
        columns,
        tuple(_row(shape) for shape in found.shapes[:MOST_ROWS]),
        units.many(more, "more shape") if more > 0 else "",
    )


def _row(shape: Shape) -> tuple[str, ...]:
    account = shape.accounts.most_common(1)[0][0] if shape.accounts else "-"
    others = len(shape.accounts) - 1
    return (
        str(shape.count),
        _seconds(shape.seconds),
        _seconds(shape.median),
        _seconds(shape.p95),
        _seconds(shape.longest),
        _seconds(shape.lock_seconds),
        str(shape.rows_examined),
        str(shape.rows_sent),
        units.size(shape.bytes_sent),
        account + (f" +{others}" if others > 0 else ""),
        shape.shown[:160],
    )


_STEPS = (0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)


def _by_time(found: SlowDigest, limits: SlowLimits) -> Table:
    """How many statements took how long, with the limits where they lie."""
    marks = limits.named
    edges = sorted({*_STEPS, *marks.values()})
    over = [found.at_least(edge) for edge in (0.0, *edges)]
    counts = [more - fewer for more, fewer in zip(over, (*over[1:], 0), strict=True)]
    most = max(counts) or 1
    rows = tuple(
        (
            f"{edges[-1]:g} s and more" if high is None else f"below {high:g} s",
            str(count),
            "#" * -(-count * _BARS // most),
            ", ".join(f"{name} {value:g} s" for name, value in marks.items() if value == high),
        )
        for high, count in zip((*edges, None), counts, strict=True)
    )
    columns = ("time", "count", "", "limit")
    return Table("Statements by time, against the limits", columns, rows, _note(found, limits))


def _note(found: SlowDigest, limits: SlowLimits) -> str:
    unknown = [
        name
        for name, seconds in (
            (f"{limits.variable} is not set", limits.statement),
            ("how long the client waits is not known", limits.client),
            ("nor is a proxy's timeout" if not limits.client else "no proxy's timeout is known",
             limits.proxy),
        )
        if not seconds
    ]  # fmt: skip
    if found.untimed:
        unknown.append(f"{found.untimed} more statements are in the sums alone")
    return "; ".join(unknown)


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 10 else f"{value:.1f} s"
