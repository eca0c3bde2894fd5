"""Journal, apply, verify and undo against a server that is told to misbehave."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import MARIADB, FakeServer, FakeSession, situation
from wizard.remedies.apply import Applied, apply
from wizard.remedies.journal import Journal, JournalError
from wizard.remedies.journal_entry import ChangeState, JournalEntry, new_entry
from wizard.remedies.keeping import Keeping
from wizard.remedies.option_file_edit import OptionFilePlace
from wizard.remedies.plan import Plan, plan
from wizard.remedies.undo import UndoRefused, undo, undo_conflicts, undo_preview
from wizard.remedies.verify import verify
from wizard.remedies.which_change import in_force
from wizard.server.session import CannotConnect

REMEDIES = load().remedies


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "goneaway-wizard" / "journal.jsonl")


def two_variables(persist: bool = False) -> Plan:
    wanted = {"wait_timeout": "9h", "interactive_timeout": "9h"}
    return plan(REMEDIES["raise-wait-timeout"], situation(), wanted, persist)


def with_file(main: Path) -> Plan:
    place = OptionFilePlace(main, "mariadb", main.read_bytes() if main.exists() else None)
    where = situation(MARIADB, keeping=Keeping(places=(place,)))
    return plan(REMEDIES["raise-wait-timeout"], where, {"wait_timeout": "9h"}, True)


def run(planned: Plan, server: FakeServer, journal: Journal) -> Applied:
    return apply(planned, server.connect(), server, journal)


def only(journal: Journal) -> JournalEntry:
    (entry,) = journal.entries()
    return entry


def test_a_change_and_its_way_back(journal: Journal) -> None:
    server = FakeServer()
    applied = run(two_variables(), server, journal)
    assert applied.ok
    assert server.values["wait_timeout"] == server.values["interactive_timeout"] == "32400"
    assert only(journal).state is ChangeState.APPLIED
    assert verify(applied.entry, server.connect(), server, journal).ok
    assert only(journal).state is ChangeState.VERIFIED
    undone = undo(only(journal), server.connect(), journal)
    assert undone.ok
    assert server.values["wait_timeout"] == server.values["interactive_timeout"] == "28800"
    assert only(journal).state is ChangeState.UNDONE
    with pytest.raises(UndoRefused, match="nothing to take back"):
        undo(only(journal), server.connect(), journal)


def test_a_session_that_died_over_the_preview_is_replaced(journal: Journal) -> None:
    server = FakeServer()
    session = server.connect()
    session.lost = True
    applied = apply(two_variables(), session, server, journal)
    assert applied.ok, applied.lines
    assert verify(applied.entry, session, server, journal).ok
    assert server.values["wait_timeout"] == "32400"


def test_the_journal_is_private_and_written_before_the_change(journal: Journal) -> None:
    server = FakeServer()
    server.deny = "SET"
    applied = run(two_variables(), server, journal)
    assert not applied.ok
    assert server.said == []
    states = [json.loads(line)["state"] for line in journal.path.read_text().splitlines()]
    assert states == ["planned", "failed"]
    assert journal.path.stat().st_mode & 0o777 == 0o600
    assert journal.path.parent.stat().st_mode & 0o777 == 0o700
    assert "GRANT SYSTEM_VARIABLES_ADMIN" in " ".join(applied.lines)
    assert "nothing was changed" in applied.lines


def test_a_journal_that_cannot_be_written_prevents_the_change(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    server = FakeServer()
    with pytest.raises(JournalError, match="cannot be written"):
        run(two_variables(), server, Journal(blocked / "x" / "journal.jsonl"))
    assert server.said == []


def test_a_second_failure_takes_the_first_back(journal: Journal) -> None:
    server = FakeServer()
    server.deny = "interactive_timeout"
    applied = run(two_variables(), server, journal)
    assert not applied.ok
    assert server.values["wait_timeout"] == "28800"
    assert any("taken back: wait_timeout" in line for line in applied.lines)
    assert only(journal).state is ChangeState.FAILED


@pytest.mark.parametrize("persist", [False, True])
def test_a_lost_session_is_cleared_up_by_another(journal: Journal, persist: bool) -> None:
    server = FakeServer()
    server.lose_after = "interactive_timeout"
    applied = run(two_variables(persist), server, journal)
    assert not applied.ok
    assert server.values["wait_timeout"] == server.values["interactive_timeout"] == "28800"
    assert server.persisted == {}


def test_a_value_that_changed_since_the_preview_is_left(journal: Journal) -> None:
    server = FakeServer(wait_timeout="50")
    applied = run(two_variables(), server, journal)
    assert not applied.ok
    assert server.said == []
    assert "somebody changed it meanwhile" in applied.lines[0]


def test_what_the_server_makes_of_it_is_told_and_kept(journal: Journal) -> None:
    class Rounding(FakeServer):
        def connect(self, **_how: object) -> FakeSession:
            session = super().connect()
            carry = session._carry_out

            def rounded(sql: str) -> None:
                carry(sql)
                self.values["max_allowed_packet"] = "99999744"

            session._carry_out = rounded  # type: ignore[method-assign]
            return session

    server = Rounding()
    wanted = {"max_allowed_packet": "100M"}
    applied = run(plan(REMEDIES["raise-max-allowed-packet"], situation(), wanted), server, journal)
    assert applied.ok
    assert any("made 99999744 of 104857600" in line for line in applied.lines)
    assert only(journal).changes[0].new == "99999744"


def test_the_packet_is_proven_with_a_literal_above_the_old_limit(journal: Journal) -> None:
    server = FakeServer(max_allowed_packet="1048576")
    where = situation(max_allowed_packet="1048576")
    planned = plan(REMEDIES["raise-max-allowed-packet"], where, {"max_allowed_packet": "2M"})
    applied = run(planned, server, journal)
    proof = verify(applied.entry, server.connect(), server, journal)
    assert proof.ok
    assert proof.repeated
    server.values["max_allowed_packet"] = "1048576"
    again = verify(applied.entry, server.connect(), server, journal)
    assert not again.ok


def test_a_value_that_others_changed_is_not_overwritten(journal: Journal) -> None:
    server = FakeServer()
    run(two_variables(), server, journal)
    server.values["wait_timeout"] = "777"
    session = server.connect()
    (conflict,) = undo_conflicts(only(journal), session)
    assert "wait_timeout is 777 now" in conflict
    with pytest.raises(UndoRefused, match="somebody changed it since"):
        undo(only(journal), session, journal)
    assert server.values["wait_timeout"] == "777"
    assert server.values["interactive_timeout"] == "32400"
    assert only(journal).state is ChangeState.APPLIED
    assert undo(only(journal), session, journal, overwrite=True).ok
    assert server.values["wait_timeout"] == "28800"


def test_what_was_persisted_before_comes_back(journal: Journal) -> None:
    server = FakeServer()
    server.persisted["wait_timeout"] = "100"
    where = situation(persisted={"wait_timeout": "100"})
    planned = plan(REMEDIES["raise-wait-timeout"], where, {"wait_timeout": "9h"}, True)
    run(planned, server, journal)
    assert server.persisted["wait_timeout"] == "32400"
    assert undo(only(journal), server.connect(), journal).ok
    assert server.persisted["wait_timeout"] == "100"
    assert server.values["wait_timeout"] == "28800"


def test_undo_after_a_crash_before_the_change_does_nothing(journal: Journal) -> None:
    server = FakeServer()
    journal.record(new_entry(two_variables()))
    entry = only(journal)
    assert entry.state is ChangeState.PLANNED
    assert undo_preview(entry, server.connect()) == (
        "nothing: the old values are in force already",
    )
    assert undo(entry, server.connect(), journal).ok
    assert server.said == []


def test_undo_after_a_crash_between_two_changes(journal: Journal) -> None:
    server = FakeServer(wait_timeout="32400")
    journal.record(new_entry(two_variables()))
    assert undo(only(journal), server.connect(), journal).ok
    assert server.said == ["SET GLOBAL wait_timeout = 28800"]


def test_a_line_cut_short_by_a_crash_loses_only_itself(journal: Journal) -> None:
    server = FakeServer()
    first = run(two_variables(), server, journal).entry
    with journal.path.open("a") as file:
        file.write('{"id": "x", "chan')
    undo(first, server.connect(), journal)
    second = run(two_variables(), server, journal).entry
    assert [e.id for e in journal.entries()] == [first.id, second.id]
    assert [e.state for e in journal.entries()] == [ChangeState.UNDONE, ChangeState.APPLIED]


def test_the_file_part_without_a_server(journal: Journal, tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\n")
    server = FakeServer(MARIADB)
    run(with_file(main), server, journal)
    assert "wait_timeout = 32400" in main.read_text()
    blind = undo(only(journal), None, journal)
    assert blind.state is ChangeState.PARTLY_UNDONE
    assert main.read_text() == "[mysqld]\n"
    assert only(journal).state.in_force
    assert undo(only(journal), server.connect(), journal).ok
    assert server.values["wait_timeout"] == "28800"


def test_what_could_not_be_taken_back_is_still_offered(journal: Journal) -> None:
    class Unreachable(FakeServer):
        gone = False

        def connect(self, **_how: object) -> FakeSession:
            if self.gone:
                raise CannotConnect("refused")
            return super().connect()

    server = Unreachable()
    session = server.connect()
    server.gone = True
    server.lose_after = "interactive_timeout"
    applied = apply(two_variables(), session, server, journal)
    assert not applied.ok
    assert "could not be taken back" in applied.lines[-1]
    assert in_force(journal.entries()) == (applied.entry,)
    server.gone = False
    assert undo(applied.entry, server.connect(), journal).ok
    assert server.values["interactive_timeout"] == "28800"


def test_a_file_that_cannot_be_written_takes_the_value_back(
    journal: Journal, tmp_path: Path
) -> None:
    main = tmp_path / "sub" / "my.cnf"
    main.parent.mkdir()
    main.write_text("[mysqld]\n")
    planned = with_file(main)
    main.write_text("[mysqld]\nport=2\n")
    server = FakeServer(MARIADB)
    applied = run(planned, server, journal)
    assert not applied.ok
    assert server.values["wait_timeout"] == "28800"
    assert main.read_text() == "[mysqld]\nport=2\n"
    assert only(journal).state is ChangeState.FAILED


@pytest.mark.parametrize(
    ("answers", "ok", "word"),
    [
        (("", ""), True, "accepts its option files"),
        (("", "unknown variable"), False, "the lines are out again: unknown variable"),
        (("unknown group", "unknown group"), True, "own check tells nothing"),
    ],
)
def test_the_servers_own_check_decides_over_the_file(
    journal: Journal, tmp_path: Path, answers: tuple[str, str], ok: bool, word: str
) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\n")
    server, said = FakeServer(MARIADB), iter(answers)
    applied = apply(with_file(main), server.connect(), server, journal, check=lambda: next(said))
    assert applied.ok is ok
    assert word in " ".join(applied.lines)
    assert ("wait_timeout" in main.read_text()) is ok
    assert (server.values["wait_timeout"] == "32400") is ok


def test_only_one_servers_changes_are_offered(journal: Journal) -> None:
    ours = new_entry(two_variables())
    journal.record(ours)
    journal.record(replace(ours, id="other", identity="server-2", label="10.0.0.9:3306"))
    entries = journal.entries()
    assert [e.id for e in in_force(entries, "server-1")] == [ours.id]
    assert [e.id for e in in_force(entries, label="10.0.0.9:3306")] == ["other"]
    assert [e.id for e in in_force(entries)] == ["other", ours.id]


def test_the_journal_goes_where_xdg_says(tmp_path: Path) -> None:
    where = Journal.default({"XDG_STATE_HOME": str(tmp_path)}).path
    assert where == tmp_path / "goneaway-wizard" / "journal.jsonl"
    assert Journal.default({"XDG_STATE_HOME": "relative"}).path.is_absolute()


def test_the_entry_reads_as_a_change_of_the_case(journal: Journal) -> None:
    change = run(two_variables(True), FakeServer(), journal).entry.as_change()
    assert change.remedy == "raise-wait-timeout"
    assert "wait_timeout: 8 h (28800 s) -> 9 h (32400 s)" in change.summary
    assert change.state == "applied"


def test_a_change_says_whether_the_servers_next_start_forgets_it(tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\n")
    in_memory, in_file = new_entry(two_variables()), new_entry(with_file(main))
    assert not in_memory.as_change().lasting
    assert in_file.as_change().lasting
    assert not replace(in_file, state=ChangeState.PARTLY_UNDONE).as_change().lasting
    assert replace(in_memory, set_persist=True).as_change().lasting
    assert replace(in_memory, changes=(), actions=("KILL 7",)).as_change().lasting
