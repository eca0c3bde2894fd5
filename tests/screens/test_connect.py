"""The Connect form: what was found, what was entered, and errors that stay."""

import os
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Button, Input, Static, TextArea

from screens.app import WizardApp
from screens.opening import Answers, Candidate, Live, Unknown
from screens.text.connect_words import FIELDS, ROW, candidate_row
from screens.windows.connect import ConnectWindow
from tests.screens.driving import inside, ready, text_of, until
from tests.screens.fake import FakeInvestigation, evidence, live, result
from wizard.case.evidence import StepResult, StepStatus
from wizard.hosts.ssh.prompt import Prompt
from wizard.server.session import CannotConnect
from wizard.steps.step import Step
from wizard.target.model import Secret, Sources

FOUND = (
    Candidate("/run/mysqld/mysqld.sock", socket="/run/mysqld/mysqld.sock", note="running, pid 7"),
    Candidate("127.0.0.1:3307", host="127.0.0.1", port=3307, note="listening"),
)


async def test_a_refusal_stays_and_the_next_try_leads_on() -> None:
    asked: list[Answers] = []

    def connect(answers: Answers, _prompt: Prompt) -> Live:
        asked.append(answers)
        if answers.password is None:
            raise CannotConnect("access denied for app", 1045, "check user and password")
        return live()

    app = WizardApp(Unknown(lambda: FOUND, connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "127.0.0.1:3307  listening" in text_of(app))
        for name, _title, _hint in FIELDS:
            assert inside(app.screen.query_one(f"#{name}"))
        assert inside(app.screen.query_one("#error"))
        app.screen.query_one("#candidates").focus()
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen.query_one("#port", Input).value == "3307")
        await pilot.press(*"app", "enter")
        await until(pilot, lambda: "access denied" in text_of(app))
        assert "check user and password" in text_of(app)
        assert app.screen.query_one("#user", Input).value == "app", "nothing entered is lost"
        app.screen.query_one("#password", Input).value = "s3cret"
        app.screen.query_one("#connect", Button).press()
        await ready(pilot)
        assert asked[-1].port == 3307
        assert asked[-1].user == "app"
        assert "s3cret" not in repr(asked[-1])
        await until(pilot, lambda: text_of(app).splitlines()[0].rstrip().endswith("connected"))


async def test_a_password_is_not_shown() -> None:
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No server was found" in text_of(app))
        app.screen.query_one("#password", Input).focus()
        await pilot.press(*"hunter2")
        assert "hunter2" not in text_of(app)


async def test_a_bad_port_is_told_at_once() -> None:
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConnectWindow))
        app.screen.query_one("#port", Input).value = "70000"
        app.screen.query_one("#connect", Button).press()
        await until(pilot, lambda: "70000 is no port" in text_of(app))


async def test_a_try_is_stopped_and_its_answer_dropped() -> None:
    release = threading.Event()

    def connect(_answers: Answers, _prompt: Prompt) -> Live:
        release.wait(120)
        raise CannotConnect("too late")

    app = WizardApp(Unknown(lambda: (), connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConnectWindow))
        app.screen.query_one("#connect", Button).press()
        await until(pilot, lambda: "Esc stops" in str(_error(app).render()))
        await pilot.press("escape")
        await until(pilot, lambda: "Stopped" in text_of(app))
        release.set()
        for _ in range(5):
            await pilot.pause()
        assert "too late" not in text_of(app)


def _error(app: WizardApp) -> Static:
    return app.screen.query_one("#error", Static)


async def test_the_list_of_servers_gets_the_keys_once_it_is_there() -> None:
    told = threading.Event()

    def find() -> tuple[Candidate, ...]:
        told.wait(60)
        return (Candidate("127.0.0.1:3306", "127.0.0.1", 3306),)

    app = WizardApp(Unknown(find, lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Looking for servers" in text_of(app))
        await pilot.press("3")
        await until(pilot, lambda: "are being looked for" in text_of(app))
        assert "None was found" not in text_of(app)
        told.set()
        await until(pilot, lambda: app.focused is app.screen.query_one("#candidates"))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_every_choice_of_the_first_screen_is_in_sight(size: tuple[int, int]) -> None:
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live()))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: all(f" {n}  " in text_of(app) for n in range(1, 7)))
        told = [line for line in text_of(app).splitlines() if "error message" in line]
        assert told[0].rstrip().endswith("│")


async def test_an_error_alone_is_read_without_any_server() -> None:
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No server was found" in text_of(app))
        await pilot.press("f4")
        await until(pilot, lambda: "Paste an error first" in text_of(app))
        app.post_message(events.Paste("General error: 2006 MySQL server has gone away\nq"))
        await until(pilot, lambda: "Kept: 2 lines of" in text_of(app))
        await pilot.press("1")
        await ready(pilot)
        assert app.state.case is not None
        assert [f.number for f in app.state.case.failures] == [2006]
        assert "no server" in text_of(app).splitlines()[0]
        assert app.frame.query_one("#pasted", TextArea).text.startswith("General error: 2006")
        await until(pilot, lambda: "Three questions decide it" in text_of(app))


async def test_a_log_alone_is_read_where_it_was_named(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("ERROR 2006 (HY000): MySQL server has gone away\n", "utf-8")

    def connect(_answers: Answers, _prompt: Prompt) -> Live:
        raise AssertionError("a log needs no server")

    app = WizardApp(Unknown(lambda: (), connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "F5 looks again" in text_of(app))
        await pilot.press("2")
        app.screen.query_one("#app-log", Input).value = "~nobody-here/app.log"
        await pilot.press("enter")
        await until(pilot, lambda: "no such file" in text_of(app))
        app.screen.query_one("#app-log", Input).value = str(log)
        await pilot.press("enter")
        await ready(pilot)
        assert app.state.case is not None
        assert [f.number for f in app.state.case.failures] == [2006]


async def test_a_servers_log_alone_is_read_as_that_however_old_it_is(tmp_path: Path) -> None:
    log = tmp_path / "db1.err"
    log.write_text(
        "2026-03-01 10:00:00 0 [Note] /usr/sbin/mariadbd: ready for connections.\n"
        "2026-03-01 15:00:00 7 [Warning] Aborted connection 7 to db: 'shop' user: 'app'"
        " host: '10.0.0.2' (Got timeout reading communication packets)\n",
        "utf-8",
    )
    written = datetime(2026, 3, 1, 15, 0, 1).astimezone().timestamp()
    os.utime(log, (written, written))
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "F5 looks again" in text_of(app))
        await pilot.press("2")
        app.screen.query_one("#app-log", Input).value = str(log)
        await pilot.press("enter")
        await ready(pilot)
        assert app.state.case is not None
        read = app.state.case.step("error-log")
        assert read is not None
        assert [fact.signal for fact in read.evidence] == ["log.aborted-timeout"]


async def test_a_server_that_was_started_meanwhile_is_found_by_another_look() -> None:
    servers: list[Candidate] = []
    app = WizardApp(Unknown(lambda: tuple(servers), lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No server was found" in text_of(app))
        servers += FOUND
        await pilot.press("f5")
        await until(pilot, lambda: "On this machine: 2 servers" in text_of(app))


def test_neighbours_are_told_apart_in_one_row() -> None:
    paths = [f"/root/.cache/a-long/way/to/the/{name}/data/server.sock" for name in ("x1", "x2")]
    note = "mariadbd, pid 23048, port 27187, in a chroot"
    rows = [candidate_row(Candidate(path, socket=path, note=note)) for path in paths]
    assert all(len(row) <= ROW and row.endswith(note) for row in rows)
    assert len(set(rows)) == 2


async def test_a_refused_account_is_given_another_password_in_the_wizard() -> None:
    given: list[str] = []

    def refuse(_fake: FakeInvestigation, step: Step) -> StepResult:
        if step.id != "connection" or given:
            return result(step.id)
        denied = replace(evidence("refused"), signal="state.access-denied")
        return StepResult(step.id, StepStatus.FAILED, headline="refused", evidence=(denied,))

    def with_password(password: Secret, _sources: Sources) -> Live:
        given.append(password.reveal())
        return first

    first = replace(live(act=refuse), with_password=with_password)
    app = WizardApp(first)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.settled and app.state.refused)
        await pilot.press("f5")
        await until(pilot, lambda: "Another password for 'root'" in text_of(app))
        await pilot.press(*"s3cret")
        assert "s3cret" not in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: text_of(app).splitlines()[0].rstrip().endswith("connected"))
        assert given == ["s3cret"]


async def test_what_was_pasted_goes_along_to_the_server_that_is_chosen() -> None:
    asked: list[Answers] = []

    def connect(answers: Answers, _prompt: Prompt) -> Live:
        asked.append(answers)
        return live()

    app = WizardApp(Unknown(lambda: FOUND, connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "127.0.0.1:3307  listening" in text_of(app))
        app.post_message(events.Paste("2006 gone away"))
        await until(pilot, lambda: "Kept: 1 line of" in text_of(app))
        await pilot.press("3")
        await until(pilot, lambda: app.focused is app.screen.query_one("#candidates"))
        await pilot.press("enter", "enter")
        await ready(pilot)
        assert (asked[0].pasted, asked[0].socket) == ("2006 gone away", FOUND[0].socket)


async def test_a_log_that_the_command_line_named_is_known_to_the_form(tmp_path: Path) -> None:
    log = tmp_path / "application.log"
    log.write_text("ERROR (2006, 'MySQL server has gone away')\n")
    named = Sources(app_logs=(log,))
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live(), named))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "[given: " in text_of(app))
        assert inside(app.screen.query_one("#app-log"))
        await pilot.press("f4")
        await until(pilot, lambda: not isinstance(app.screen, ConnectWindow))
        assert app.frame.sources.app_logs == (log,)
