"""A row of numbers as a row of blocks. Pure functions."""

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = " "
"""A moment of which nothing is known."""


def sparkline(values: Sequence[float | None], width: int, top: float | None = None) -> str:
    """The newest `width` values, the newest at the right edge; the row grows from the left.

    `top` is what the full block stands for; without it, it is the largest value shown. Zero and
    less is the lowest block, anything above zero a higher one: a little is not nothing.
    """
    shown = values[-width:] if width > 0 else ()
    highest = top if top is not None else max((v for v in shown if v is not None), default=0.0)
    return "".join(_block(value, highest) for value in shown).ljust(width)


def _block(value: float | None, top: float) -> str:
    if value is None:
        return GAP
    if value <= 0 or top <= 0:
        return BLOCKS[0]
    step = round(value / top * (len(BLOCKS) - 1))
    return BLOCKS[min(max(step, 1), len(BLOCKS) - 1)]
