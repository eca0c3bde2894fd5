"""The Fix screen on a real server: sessions ended one by one, other forms, a restart."""

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymysql
import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from screens.app import WizardApp
from screens.text.fix_path import FixStage
from screens.widgets.lists import PlainList
from screens.windows.confirm import Confirm
from tests.screens.driving import ready, shown, text_of, until
from tests.servers.fix_engine import Engine
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_fix_actions import number_of
from tests.servers.test_fix_over_ssh import seen, with_files
from tests.servers.test_fix_restart import UNIT, in_unit, manager_of
from tests.servers.test_network_screen import live
from wizard.case.case import Change
from wizard.case.clocks import STARTED
from wizard.case.how_far import how_far
from wizard.diagnosis.down_now import START
from wizard.remedies.journal_entry import ChangeState, new_entry

pytestmark = pytest.mark.servers

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NO_COLOR", "TMUX", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "papers").mkdir()
    monkeypatch.chdir(tmp_path / "papers")


def told(app: WizardApp) -> str:
    return str(app.frame.query_one("#preview", Static).render())


async def on_row(pilot: Pilot[None], app: WizardApp, remedy: str) -> None:
    """The keys on the row of a remedy, with what was there left behind."""
    rows = app.frame.query_one("#remedies", PlainList)
    while not rows.display:
        await pilot.press("escape")
    rows.focus()
    rows.highlighted = rows.get_option_index(remedy)
    await pilot.pause()


async def agreed(pilot: Pilot[None], app: WizardApp, word: str) -> None:
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    await pilot.press(*word, "enter")
    await until(pilot, lambda: not isinstance(app.screen, Confirm))


async def test_sessions_are_chosen_from_a_list_and_a_change_is_handed_on(
    mariadb: ServerUnderTest,
) -> None:
    engine = Engine(mariadb)
    planned = engine.plan("raise-wait-timeout", wait_timeout="9h")
    engine.journal.record(new_entry(planned))
    kept, ended = mariadb.client(), mariadb.client()
    app = WizardApp(live(mariadb))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("x")
        await shown(pilot, "fix")
        await until(pilot, lambda: "planned (interrupted" in told(app))
        assert "applying it again finishes it" in told(app)

        await on_row(pilot, app, "free-slots")
        await pilot.press("enter")
        sessions = app.frame.query_one("#sessions", PlainList)
        await until(pilot, lambda: sessions.option_count >= 2)
        await until(pilot, lambda: sessions.has_focus)
        sessions.highlighted = sessions.get_option_index(number_of(ended))
        await pilot.press("space", "enter")
        await until(pilot, lambda: f"KILL CONNECTION {number_of(ended)};" in told(app))
        assert f"CONNECTION {number_of(kept)};" not in told(app)
        assert "(no undo)" in text_of(app)
        await pilot.press("a")
        await agreed(pilot, app, "do")
        await until(pilot, lambda: "is ended" in told(app))
        kept.ping(reconnect=False)
        with pytest.raises(pymysql.err.Error):
            ended.ping(reconnect=False)
        assert engine.journal.entries()[-1].state is ChangeState.DONE

        await on_row(pilot, app, "raise-wait-timeout")
        app.frame.query_one("#wanted", Input).value = "wait_timeout=9h"
        await pilot.press("enter")
        await until(pilot, lambda: "SET GLOBAL wait_timeout = 32400;" in told(app))
        await pilot.press("f")
        await until(pilot, lambda: "ParameterName=wait_timeout,ParameterValue=32400" in told(app))
        await pilot.press("w")
        await until(pilot, lambda: bool(app.saved))
        await pilot.press("h")
        await until(pilot, lambda: "# Lost database connections" in told(app))
        await pilot.press("w")
        await until(pilot, lambda: len(app.saved) == 2)
    script, paper = (path.read_text() for path in app.saved)
    assert "aws rds modify-db-parameter-group" in script
    assert paper.startswith("# Lost database connections")
    assert engine.value("wait_timeout") == "28800"


async def test_a_kept_change_is_proved_restarted_and_taken_back(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_files(mariadb, monkeypatch)
    client = mariadb.client()
    app = WizardApp(live(mariadb))
    with in_unit(mariadb.pid), manager_of(mariadb, tmp_path / "bin", monkeypatch):
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            await pilot.press("x")
            await shown(pilot, "fix")
            await on_row(pilot, app, "raise-wait-timeout")
            app.frame.query_one("#wanted", Input).value = "wait_timeout=9h"
            app.frame.query_one("#persist", Button).press()
            await pilot.press("enter")
            await until(pilot, lambda: "zz-goneaway-wizard.cnf" in told(app))
            await pilot.press("a")
            await agreed(pilot, app, "apply")
            await until(pilot, lambda: "APPLIED: CHANGED, NOT PROVEN" in told(app))
            assert "4000 s" in told(app)
            assert "still has 1 of 1" in told(app)
            await pilot.press("R")
            await until(pilot, lambda: f"A restart of {UNIT} would cut" in text_of(app))
            assert "1 of app@127.0.0.1" in text_of(app)
            await agreed(pilot, app, "restart")
            await until(pilot, lambda: told(app).startswith("RESTARTED\n"))
            assert "is 32400 after the restart" in told(app)
            await pilot.press("u")
            await agreed(pilot, app, "undo")
            await until(pilot, lambda: told(app).startswith("UNDONE"))
    assert Engine(mariadb).value("wait_timeout") == "4000"
    with contextlib.suppress(pymysql.err.Error):
        client.close()


async def test_next_names_the_key_that_leads_to_the_value(mysql: ServerUnderTest) -> None:
    """The field stood there, and no word of the screen told how to come into it."""
    app = WizardApp(live(mysql))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("x")
        await shown(pilot, "fix")
        await on_row(pilot, app, "raise-wait-timeout")
        await pilot.press("enter")
        await until(pilot, lambda: app.frame.state.fix_stage == FixStage.PREVIEW)
        assert "Tab  Set: another value" in text_of(app)
        await pilot.press("tab")
        assert app.focused is app.frame.query_one("#wanted", Input)
        assert "name a value (Tab)" in " ".join(told(app).split()), "nothing asks for one here"
        await pilot.press(*"wait_timeout=9h", "enter")
        await until(pilot, lambda: "SET GLOBAL wait_timeout = 32400;" in told(app))
        assert app.focused is app.frame.query_one("#preview-scroll")
        await on_row(pilot, app, "systemd-restart")
        await pilot.press("enter")
        await until(pilot, lambda: "does not do it here" in told(app))
        assert "Set: another value" not in text_of(app), "no unit runs it"
        await on_row(pilot, app, "unblock-host")
        await pilot.press("enter")
        await until(pilot, lambda: app.frame.state.fix_stage == FixStage.PREVIEW)
        assert "Set: another value" not in text_of(app)
        await pilot.press("tab")
        assert app.focused is not app.frame.query_one("#wanted", Input)


async def test_a_value_in_memory_is_no_fix_once_the_server_died(mariadb: ServerUnderTest) -> None:
    """Undo says why it cannot look while the server is down, and looks again once it is back."""
    app = WizardApp(live(mariadb))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await applied(pilot, app, keep=False)
        mariadb.kill9()
        await pilot.press("u")
        await until(pilot, lambda: "failed: nothing listens at" in told(app))
        assert "the next start forgets it" in " ".join(told(app).split())
        await pilot.press("f5")
        await until(pilot, lambda: "Esc  start the server first" in text_of(app))
        await pilot.press("escape")
        rows = app.frame.query_one("#remedies", PlainList)
        await until(pilot, lambda: rows.display and rows.get_option_at_index(0).id == START)
        # A start is told to the second: a moment after the change it may be the one before it.
        await until(pilot, lambda: datetime.now(UTC) > newest(app).at + STARTED + SECOND)
        mariadb.start()
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "the old values are in force already" in text_of(app)
        await pilot.press("escape", "f6")
        await until(pilot, lambda: "ended by the server's restart" in standing(app))


async def test_what_was_kept_in_a_file_is_taken_back_while_the_server_is_down(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that keeps it from starting goes without it."""
    with_files(mariadb, monkeypatch)
    app = WizardApp(live(mariadb))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await applied(pilot, app, keep=True)
        mariadb.kill9()
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "only files are put back" in text_of(app)
        await agreed(pilot, app, "undo")
        await until(pilot, lambda: "PARTLY UNDONE" in told(app))
    mariadb.start()
    assert Engine(mariadb).value("wait_timeout") == "4000"


async def test_what_a_renamed_machine_may_have_changed_is_named(mariadb: ServerUnderTest) -> None:
    """It is not said that there is no change, nor taken back as if it were sure."""
    app = WizardApp(live(mariadb))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await applied(pilot, app, keep=False)
        journal = Engine(mariadb).journal
        (row,) = mariadb.sql("SELECT @@hostname AS name")
        journal.path.write_text(journal.path.read_text().replace(f"|{row['name']}|", "|db-then|"))
        await pilot.press("u")
        await until(pilot, lambda: "may have been made on another server" in folded(app))
        assert "was db-then then" in folded(app)


def folded(app: WizardApp) -> str:
    return " ".join(told(app).split())


async def test_what_the_server_did_not_see_is_not_undone(mariadb: ServerUnderTest) -> None:
    """It died behind the question."""
    app = WizardApp(live(mariadb))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await applied(pilot, app, keep=False)
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        mariadb.kill9()
        await until(pilot, lambda: app.state.up is False)
        await agreed(pilot, app, "undo")
        await until(pilot, lambda: "NOT UNDONE" in told(app))


async def test_a_refused_account_takes_no_half_back(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server runs: its file alone is put back for one that is down."""
    files = with_files(mariadb, monkeypatch)
    app = WizardApp(live(mariadb))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await applied(pilot, app, keep=True)
        kept = seen(files)
        mariadb.sql("SET PASSWORD FOR admin@'%' = PASSWORD('another')")
        for row in mariadb.sql("SELECT id FROM information_schema.PROCESSLIST WHERE user='admin'"):
            mariadb.sql(f"KILL {row['id']}")
        await pilot.press("u")
        await until(pilot, lambda: "refuses the account" in " ".join(told(app).split()))
        assert not isinstance(app.screen, Confirm)
    assert seen(files) == kept


async def applied(pilot: Pilot[None], app: WizardApp, keep: bool) -> None:
    """A longer wait_timeout, until the next start or kept across it."""
    await pilot.press("x")
    await shown(pilot, "fix")
    await on_row(pilot, app, "raise-wait-timeout")
    if keep:
        app.frame.query_one("#persist", Button).press()
    app.frame.query_one("#wanted", Input).value = "wait_timeout=9h"
    await pilot.press("enter")
    await until(pilot, lambda: "SET GLOBAL" in told(app))
    await pilot.press("a")
    await agreed(pilot, app, "apply")
    await until(pilot, lambda: "APPLIED" in told(app))


def newest(app: WizardApp) -> Change:
    assert app.state.case is not None
    return app.state.case.changes[-1]


def standing(app: WizardApp) -> str:
    assert app.state.case is not None
    return how_far(newest(app), app.state.case)
