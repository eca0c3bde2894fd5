"""The figures of a recipe, worked out from what was measured, in each option's unit."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.recipe import PLACE, Quantity, Recipe, RecipeValue, Snippet, Unit
from wizard.probes.shared.safe_pause import margin_below
from wizard.recipes.measure import DEFAULT_PACKET, DEFAULT_WAIT_TIMEOUT, RecipeFigures
from wizard.units import duration

MAX_LIFETIME = 1800
"""Seconds. A longer one wins nothing, and a firewall that nobody knows of may forget sooner; it
is HikariCP's default."""

MAX_KEEPALIVE = 120
"""Seconds: below the idle limits of the usual load balancers (240 s, 350 s, 600 s)."""

MAX_PATH = 86400
"""Seconds. A proxy that waits longer than a day waits for clients that are dead."""

MAX_CHUNK = 1 << 20
"""Bytes: what mysqldump puts into one INSERT (net_buffer_length)."""

_TIMES = {Unit.MILLISECONDS: 1, Unit.SECONDS: 1000, Unit.MINUTES: 60_000}


@dataclass(frozen=True, slots=True)
class FilledSnippet:
    """A snippet with its figures. `text` is empty where the option cannot take what it would
    need; then `remark` says what to do instead."""

    snippet: Snippet
    text: str
    remark: str = ""


def filled(recipe: Recipe, measured: RecipeFigures) -> tuple[FilledSnippet, ...]:
    """The recipe's snippets with their figures in place, in the recipe's order."""
    return tuple(_filled(snippet, measured) for snippet in recipe.snippets)


def values(recipe: Recipe, measured: RecipeFigures) -> Mapping[str, str]:
    """Each named place and its figure; what an option cannot take is left out."""
    return {
        value.name: str(number)
        for snippet in recipe.snippets
        for value in snippet.values
        if (number := figure(value, measured)) is not None
    }


def figure(value: RecipeValue, measured: RecipeFigures) -> int | None:
    """The whole number for one place, never below 1; None where the option's smallest value is
    already too large to help."""
    if value.unit is Unit.BYTES:
        number = _size(value.quantity, measured)
    else:
        unit = _TIMES[value.unit]
        wanted = _time(value.quantity, measured)
        # What must not be shorter than the server's limit is rounded up, all else down.
        number = -(-wanted // unit) if value.quantity is Quantity.PATH_TIMEOUT else wanted // unit
    if value.maximum is not None:
        number = min(number, value.maximum)
    return number if number >= max(value.minimum, 1) else None


def shortest(measured: RecipeFigures) -> int:
    """The shortest timeout on the path in seconds, or the server's default."""
    known = [t for t in (measured.shortest, measured.proxy_timeout) if t is not None]
    return max(1, min(known, default=DEFAULT_WAIT_TIMEOUT))


def _filled(snippet: Snippet, measured: RecipeFigures) -> FilledSnippet:
    found = {v.name: figure(v, measured) for v in snippet.values}
    impossible = [v for v in snippet.values if found[v.name] is None]
    if impossible:
        return FilledSnippet(snippet, "", _too_short(impossible[0], measured))
    return FilledSnippet(snippet, PLACE.sub(lambda m: str(found[m[1]]), snippet.text))


def _too_short(value: RecipeValue, measured: RecipeFigures) -> str:
    if value.unit is Unit.BYTES:
        limit = measured.packet_limit or DEFAULT_PACKET
        return f"max_allowed_packet is only {limit} bytes: raise it first."
    return (
        f"This setting takes no less than {value.minimum} {value.unit.value}, and connections end"
        f" after {duration(shortest(measured))}: raise that timeout first, or open a connection"
        " for each piece of work."
    )


def _time(quantity: Quantity, measured: RecipeFigures) -> int:
    """Milliseconds."""
    limit = shortest(measured)
    lifetime = min(limit * 1000 - margin_below(limit), MAX_LIFETIME * 1000)
    match quantity:
        case Quantity.IDLE_LIMIT:
            return lifetime // 2
        case Quantity.KEEPALIVE:
            return min(limit * 500, MAX_KEEPALIVE * 1000)
        case Quantity.PATH_TIMEOUT:
            wait = measured.wait_timeout or DEFAULT_WAIT_TIMEOUT
            return min(wait + 60, MAX_PATH) * 1000
        case _:
            return lifetime


def _size(quantity: Quantity, measured: RecipeFigures) -> int:
    """Bytes. Escaping may double a value, so a chunk is half the limit at most."""
    limit = measured.packet_limit or DEFAULT_PACKET
    return limit if quantity is Quantity.PACKET_LIMIT else min(limit // 2, MAX_CHUNK)
