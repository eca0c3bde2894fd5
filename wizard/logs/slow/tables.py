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
        f"{more} more shapes" if more > 0 else "",
    )


def _row(shape: Shape) -> tuple[str, ...]:
    account = shape.accounts.most_common(1)[0][0] if shape.accounts else "-"
    others = len(shape.accounts) - 1
    return (
        str(shape.count),
        _seconds(shape.seconds),
        _seconds(shape.quantile(0.5)),
        _seconds(shape.quantile(0.95)),
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
    marks = {"net_write_timeout": limits.net_write_timeout, "statement limit": limits.statement}
    times = [seconds for shape in found.shapes for seconds in shape.times]
    edges = sorted({*_STEPS, *(m for m in marks.values() if m)})
    counts = [
        (low, high, sum(low <= seconds < high for seconds in times))
        for low, high in zip((0.0, *edges), (*edges, float("inf")), strict=True)
    ]
    most = max((count for _low, _high, count in counts), default=0) or 1
    rows = tuple(
        (
            f"{low:g} s and more" if high == float("inf") else f"below {high:g} s",
            str(count),
            "#" * -(-count * _BARS // most),
            ", ".join(f"{name} {value:g} s" for name, value in marks.items() if value == high),
        )
        for low, high, count in counts
    )
    return Table("Statements by time, against the limits", ("time", "count", "", "limit"), rows)


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 10 else f"{value:.1f} s"
