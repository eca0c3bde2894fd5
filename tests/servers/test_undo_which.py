"""Undo takes back the change that is meant, on the server where it was made, and says what it
did not understand."""

import json
from pathlib import Path

import pytest

from tests.servers.fix_engine import Engine, Run, command, program
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers


def fix(server: ServerUnderTest, directory: Path, value: str) -> str:
    """The change's id."""
    words = ("raise-wait-timeout", "--set", f"wait_timeout={value}", "--yes")
    done = command(server, directory, "fix", *words)
    assert done.code == 0, done.out + done.err
    return Engine(server).journal.entries()[-1].id


def take_back(directory: Path, *words: str) -> Run:
    """As the journal tells the way."""
    who = ("-u", "admin", "--password-file", str(directory / "password-admin"))
    return program("undo", *who, "--yes", *words)


def test_a_later_change_is_named_and_goes_first(
    lent_server: ServerUnderTest, tmp_path: Path
) -> None:
    """Also where it brought the old value back."""
    engine = Engine(lent_server)
    before = engine.value("wait_timeout")
    first = fix(lent_server, tmp_path, "9h")
    second = fix(lent_server, tmp_path, before)
    refused = take_back(tmp_path, first)
    assert refused.code == 1, refused.out + refused.err
    assert f"undo {second}" in refused.err
    assert "somebody" not in refused.err
    for number in (second, first):
        assert take_back(tmp_path, number).code == 0
    assert engine.value("wait_timeout") == before


def test_what_is_over_is_told_whatever_else_is_in_force(
    lent_server: ServerUnderTest, tmp_path: Path
) -> None:
    first = fix(lent_server, tmp_path, "9h")
    assert take_back(tmp_path, first).code == 0
    second = fix(lent_server, tmp_path, "10h")
    again = take_back(tmp_path, first)
    assert (again.code, again.out) == (0, "")
    assert f"{first} is undone: there is nothing to take back" in again.err
    short = take_back(tmp_path, second[:-1])
    assert short.code == 2
    assert f"did you mean {second}?" in short.err
    assert Engine(lent_server).value("wait_timeout") == "36000"
    assert take_back(tmp_path).code == 0
    nothing = take_back(tmp_path)
    assert nothing.code == 0
    assert str(Engine(lent_server).journal.path) in nothing.err


def test_another_server_in_its_place_is_not_the_one(
    server: ServerUnderTest, tmp_path: Path
) -> None:
    """The port, the machine and the value are the same; the data are others'."""
    number = fix(server, tmp_path, "9h")
    server.stop()
    server.data.rename(server.directory / "other")
    server.data = server.directory / "other"
    server._settings |= dict.fromkeys(("datadir", "secure_file_priv"), server._inside("other"))
    (server.data / "auto.cnf").unlink(missing_ok=True)
    server.start()
    server.set_global("wait_timeout", 32400)
    newest = take_back(tmp_path)
    assert newest.code == 1, newest.out + newest.err
    assert "another server" in newest.err
    named = take_back(tmp_path, number)
    assert named.code in (1, 2), named.out + named.err
    assert "another server" in named.out + named.err
    assert Engine(server).value("wait_timeout") == "32400"
    assert Engine(server).journal.entries()[0].state.in_force


def test_a_renamed_machine_is_perhaps_the_one(
    lent_mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    """Nobody can tell it from a copy: it is not taken for another, and not unasked for the one."""
    number = fix(lent_mariadb, tmp_path, "9h")
    journal = Engine(lent_mariadb).journal
    (row,) = lent_mariadb.sql("SELECT @@hostname AS name")
    journal.path.write_text(journal.path.read_text().replace(f"|{row['name']}|", "|db-then|"))
    newest = take_back(tmp_path)
    assert newest.code == 1, newest.out + newest.err
    assert "may have been another server (its machine's name was db-then then" in newest.err
    named = take_back(tmp_path, number)
    assert named.code == 1, named.out + named.err
    assert "run undo on a terminal" in named.err
    assert "undo there" not in named.err
    assert Engine(lent_mariadb).value("wait_timeout") == "32400"


def test_what_this_version_does_not_understand_is_never_nothing(
    lent_mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    number = fix(lent_mariadb, tmp_path, "9h")
    path = Engine(lent_mariadb).journal.path
    told = [json.loads(line) for line in path.read_text().splitlines()]
    later = [{**line, "cluster": 3} if "changes" in line else line for line in told]
    path.write_text("".join(json.dumps(line) + "\n" for line in later))
    for words in ((), (number,)):
        refused = take_back(tmp_path, *words)
        assert refused.code == 1, refused.out + refused.err
        assert number in refused.err
    assert number in program("undo", "--list").err
    checked = command(lent_mariadb, tmp_path, "check")
    assert number in checked.err
    assert Engine(lent_mariadb).value("wait_timeout") == "32400"


def test_a_server_that_is_gone_hides_no_change_of_another(
    lent_mariadb: ServerUnderTest, lent_mysql: ServerUnderTest, tmp_path: Path
) -> None:
    other = fix(lent_mariadb, tmp_path, "9h")
    newest = fix(lent_mysql, tmp_path, "9h")
    path = Engine(lent_mysql).journal.path
    gone = path.read_text().replace(str(lent_mysql.port), "1")
    path.write_text(gone)
    undone = take_back(tmp_path)
    assert undone.code == 3, undone.out + undone.err
    assert f"undo {other}" in undone.err
    assert f"undo {newest}" not in undone.err
