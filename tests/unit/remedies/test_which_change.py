"""Which change is taken back: of this server, still in force, and before those beneath it."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import MARIADB, FakeServer, situation
from wizard.remedies.apply import apply
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import ChangeState, JournalEntry
from wizard.remedies.plan import plan
from wizard.remedies.situation import identity_of
from wizard.remedies.undo import UndoRefused, undo
from wizard.remedies.which_change import in_force, later_change, perhaps_the_same, same_server
from wizard.server.variables import Setting, Settings

WAIT, PACKET = "wait_timeout", "max_allowed_packet"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "goneaway-wizard" / "journal.jsonl")


def changed(server: FakeServer, journal: Journal, name: str, value: str) -> JournalEntry:
    remedy = load().remedies["raise-wait-timeout" if name == WAIT else "raise-max-allowed-packet"]
    where = situation(MARIADB, None, None, None, **{name: server.values[name]})
    assert apply(plan(remedy, where, {name: value}), server.connect(), server, journal).ok
    return journal.entries()[-1]


@pytest.mark.parametrize("last", ["28800", "36000"])
def test_a_later_change_of_the_same_is_taken_back_first(journal: Journal, last: str) -> None:
    """Also where it brought the first value back: both would be undone, and the server with
    neither's."""
    server = FakeServer(MARIADB)
    first = changed(server, journal, WAIT, "32400")
    second = changed(server, journal, WAIT, last)
    with pytest.raises(UndoRefused, match=f"undo {second.id}"):
        undo(first, server.connect(), journal, overwrite=True)
    assert [e.state for e in journal.entries()] == [ChangeState.APPLIED] * 2
    for entry in (second, first):
        assert undo(entry, server.connect(), journal).ok
    assert server.values[WAIT] == "28800"


def test_a_later_change_of_something_else_stays(journal: Journal) -> None:
    server = FakeServer(MARIADB)
    first = changed(server, journal, WAIT, "32400")
    second = changed(server, journal, PACKET, "128M")
    assert undo(first, server.connect(), journal).ok
    assert in_force(journal.entries()) == (second,)


def test_what_was_changed_on_another_server_is_in_no_way(journal: Journal) -> None:
    server = FakeServer(MARIADB)
    first = changed(server, journal, WAIT, "32400")
    other = replace(first, id="other", identity="server-2")
    assert not later_change(first, (first, other))
    assert later_change(first, (first, replace(other, identity=first.identity)))
    assert not later_change(first, (other, first))


def test_what_another_wizard_took_back_meanwhile_is_not_taken_back_again(
    journal: Journal,
) -> None:
    """Else it would take back what was changed since to the same value."""
    server = FakeServer(MARIADB)
    stale = changed(server, journal, WAIT, "32400")
    assert undo(stale, server.connect(), journal).ok
    again = changed(server, journal, WAIT, "32400")
    with pytest.raises(UndoRefused, match="nothing to take back"):
        undo(stale, server.connect(), journal)
    assert server.values[WAIT] == "32400"
    assert in_force(journal.entries()) == (again,)


def test_a_proof_that_ends_after_the_undo_brings_nothing_in_force_again(journal: Journal) -> None:
    server = FakeServer(MARIADB)
    entry = changed(server, journal, WAIT, "32400")
    assert undo(entry, server.connect(), journal).ok
    journal.move(entry, ChangeState.VERIFIED, "changed, not proven")
    assert journal.entries()[0].state is ChangeState.UNDONE


def settings(**values: str) -> Settings:
    return Settings({name: Setting(name, value) for name, value in values.items()})


MARIA = {"server_uid": "JSit=", "hostname": "db1", "port": "3306", "datadir": "/var/lib/mysql/"}


@pytest.mark.parametrize(
    ("now", "is_same", "perhaps"),
    [
        ({}, True, False),
        ({"datadir": "/srv/new/"}, False, True),
        ({"hostname": "db2"}, False, True),
        ({"server_uid": "other="}, False, True),
        ({"hostname": "db2", "datadir": "/srv/new/"}, False, False),
    ],
)
def test_a_server_in_anothers_place_is_another(
    now: dict[str, str], is_same: bool, perhaps: bool
) -> None:
    """MariaDB makes server_uid of the port and the network card, whatever data it serves."""
    known, found = identity_of(settings(**MARIA)), identity_of(settings(**{**MARIA, **now}))
    assert same_server(known, found) is is_same
    differs = perhaps_the_same(known, found)
    assert bool(differs) is perhaps
    assert not perhaps or next(iter(now.values())) in differs


def test_identities_of_every_kind() -> None:
    uid = identity_of(settings(**MARIA))
    assert same_server("JSit=", uid), "as earlier versions kept it"
    assert same_server(uid, "JSit="), "a change of today's on top of one of theirs"
    assert not same_server("other=", uid)
    uuid = identity_of(settings(server_uuid="a-b", hostname="db1", port="1", datadir="/x"))
    assert uuid == "a-b"
    assert same_server("a-b", uuid)
    assert not perhaps_the_same("a-b", "c-d")
    old = identity_of(settings(hostname="db1", port="3306", datadir="/x"))
    assert not same_server(old, identity_of(settings(hostname="db1", port="3306", datadir="/y")))


def test_a_server_that_tells_its_uid_since_an_upgrade_is_the_same() -> None:
    """It may come with a release of the same series."""
    old = identity_of(settings(**{**MARIA, "server_uid": ""}))
    now = identity_of(settings(**MARIA))
    assert old != now
    assert same_server(old, now)
    assert same_server(now, old)
    for name in ("hostname", "datadir"):
        other = identity_of(settings(**{**MARIA, name: "/other/"}))
        assert not same_server(old, other)
        assert not perhaps_the_same(old, other)
