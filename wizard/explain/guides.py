"""The pages that tell of the wizard itself: what its account needs, how a capture ends. Pure."""

from collections.abc import Iterator

from knowledge.model import CaptureFinding, NeededPrivilege
from wizard.explain.entry import EntrySection
from wizard.explain.topics import Privileges, WayBack

ACCOUNT = "goneaway@localhost"

_SERVERS = {"mysql": "MySQL 8.0 and later", "mariadb": "MariaDB 10.5 and later"}


def privileges_sections(entry: Privileges) -> Iterator[EntrySection]:
    """The statements first, to be copied; then what each is for, and what is lost without it."""
    yield EntrySection("", (entry.summary,))
    for server, name in _SERVERS.items():
        yield EntrySection(name, verbatim=tuple(_statements(entry, server)))
    for needed in entry.needed:
        where = "" if len(needed.servers) > 1 else f" ({_SERVERS[needed.servers[0]]})"
        heading = f"{needed.grant}{where}"
        yield EntrySection(heading, items=(f"for {needed.purpose}", f"without it: {needed.lost}"))


def grant_statements(needed: tuple[NeededPrivilege, ...], server: str, extra: bool) -> list[str]:
    """Those of the account for diagnosis, or those that captures and fixes need besides."""
    return [
        f"GRANT {n.grant} TO {ACCOUNT};"
        for n in needed
        if server in n.servers and n.extra is extra and not n.grant.startswith("USAGE")
    ]


def _statements(entry: Privileges, server: str) -> Iterator[str]:
    yield f"  CREATE USER {ACCOUNT} IDENTIFIED BY '...';"
    yield from (f"  {told}" for told in grant_statements(entry.needed, server, extra=False))
    yield "  -- for captures and fixes:"
    yield from (f"  {told}" for told in grant_statements(entry.needed, server, extra=True))


def way_back_sections(entry: WayBack) -> Iterator[EntrySection]:
    yield EntrySection("", (entry.summary,))
    held = tuple(_told(f) for f in entry.findings if f.holds)
    defeated = tuple(_told(f) for f in entry.findings if not f.holds)
    yield EntrySection("What defeats the switch in the server", items=defeated)
    yield EntrySection("What does not", items=held)


def _told(finding: CaptureFinding) -> str:
    return f"{finding.happens}: {finding.then}"
