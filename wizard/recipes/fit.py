"""Which recipes suit a case, by the drivers and frameworks in its failures and its causes."""

from collections import Counter

from knowledge.recipe import Purpose, Recipe, recipes
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis

ANY_POOL = "any-pool"
"""The recipe for a client that is not known."""


def fitting(
    case: Case, diagnosis: Diagnosis, connected: frozenset[str] = frozenset()
) -> tuple[Recipe, ...]:
    """The recipes to offer, the most particular first.

    `connected` are drivers of clients that the server sees now; they count where no failure names
    one.

    None where no cause is at work that the application's settings have a say in.
    """
    causes = helped(diagnosis)
    if not causes:
        return ()
    useful = [r for r in recipes().values() if set(r.causes) & causes]
    framed = [r for r in useful if r.marks and _marked(r, case)]
    drivers = Counter(f.driver for f in case.failures if f.driver) or Counter(connected)
    driven = sorted(
        (r for r in useful if not r.marks and set(r.drivers) & set(drivers)),
        key=lambda r: -max(drivers[d] for d in r.drivers),
    )
    hosted = [r for r in useful if _hosted(r, case)]
    shared = [r for r in useful if any(set(p.causes) & causes for p in r.anyone)]
    covered = {name for r in (*framed, *driven) for name in r.covers}
    own = [r for r in (*framed, *driven) if r.id not in covered]
    own = own or [r for r in useful if r.id == ANY_POOL]
    found = {r.id: r for r in (*own, *hosted, *shared)}
    return tuple(found.values())


def helped(diagnosis: Diagnosis) -> frozenset[str]:
    """The accused causes that some purpose of a snippet helps against."""
    known = {cause for purpose in Purpose for cause in purpose.causes}
    return frozenset(f.cause for f in diagnosis.accused if not f.noise) & known


def _marked(recipe: Recipe, case: Case) -> bool:
    """The marks are looked for in the failures' own words and in the name of their log."""
    return any(
        mark in text
        for failure in case.failures
        for text in (failure.text.lower(), failure.source.lower())
        for mark in recipe.marks
    )


def _hosted(recipe: Recipe, case: Case) -> bool:
    host = (case.target.host or "").lower().rstrip(".")
    return bool(recipe.hosts) and host.endswith(recipe.hosts)
