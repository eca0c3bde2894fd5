"""The Connect form: what was found, what was entered, and errors that stay."""

import threading

from textual import events
from textual.widgets import Button, Input, Static, TextArea

from screens.app import WizardApp
from screens.opening import Answers, Candidate, Live, Unknown
from screens.windows.connect import FIELDS, ConnectWindow
from tests.screens.driving import inside, ready, text_of, until
from tests.screens.fake import live
from wizard.hosts.ssh.prompt import Prompt
from wizard.server.session import CannotConnect

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
        release.wait(20)
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


async def test_an_error_alone_is_read_without_any_server() -> None:
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No server was found" in text_of(app))
        await pilot.press("f4")
        await until(pilot, lambda: "Paste an error first" in text_of(app))
        app.post_message(events.Paste("General error: 2006 MySQL server has gone away\nq"))
        await until(pilot, lambda: "Kept: 2 line(s)" in text_of(app))
        await pilot.press("1")
        await ready(pilot)
        assert app.state.case is not None
        assert [f.number for f in app.state.case.failures] == [2006]
        assert "no server" in text_of(app).splitlines()[0]
        assert app.frame.query_one("#pasted", TextArea).text.startswith("General error: 2006")
        await until(pilot, lambda: "Three questions decide it" in text_of(app))


async def test_what_was_pasted_goes_along_to_the_server_that_is_chosen() -> None:
    asked: list[Answers] = []

    def connect(answers: Answers, _prompt: Prompt) -> Live:
        asked.append(answers)
        return live()

    app = WizardApp(Unknown(lambda: FOUND, connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "127.0.0.1:3307  listening" in text_of(app))
        app.post_message(events.Paste("2006 gone away"))
        await until(pilot, lambda: "Kept: 1 line(s)" in text_of(app))
        await pilot.press("3")
        await until(pilot, lambda: app.focused is app.screen.query_one("#candidates"))
        await pilot.press("enter", "enter")
        await ready(pilot)
        assert (asked[0].pasted, asked[0].socket) == ("2006 gone away", FOUND[0].socket)
