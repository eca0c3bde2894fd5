"""What an SSH connection asks while the screen is open, and a lost one."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest
from textual.widgets import Button, Input

from screens.app import WizardApp
from screens.opening import Answers, Live, Unknown
from screens.places import STEP_IDS
from screens.widgets.lists import WrappedList
from screens.windows import ask
from screens.windows.ask import Ask
from screens.windows.connect import ConnectWindow
from tests.screens.driving import inside, ready, text_of, until
from tests.screens.fake import FakeInvestigation, live
from wizard.hosts.protocol import HostError
from wizard.hosts.ssh.prompt import Prompt, Question
from wizard.investigation.run import SshChanged

HOSTILE = "[/x] [@click=app.quit]q[/] \x1b]52;c;eA==\x07 \u202epassword: "
HOST_KEY = Question(
    "The host key of [db1.example.com]:2222 is not known. It shows ED25519 "
    "SHA256:pq7q7c2m8m9nYt0yIYV8dD8S2H4mXy4nq0nHn2n2n2s. Trust it and add it to "
    "/root/.ssh/known_hosts? (yes/no) ",
    False,
    "host key",
)


def asked_in_a_thread(prompt: Prompt, *questions: Question) -> "Future[list[str | None]]":
    """The answers, as a thread of the engine is given them."""
    answers: Future[list[str | None]] = Future()
    threading.Thread(
        target=lambda: answers.set_result([prompt(q) for q in questions]), daemon=True
    ).start()
    return answers


def is_asked(app: WizardApp, words: str) -> Callable[[], bool]:
    return lambda: isinstance(app.screen, Ask) and words in text_of(app)


async def test_several_questions_echoed_and_not() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        answers = asked_in_a_thread(
            app.prompt,
            Question("root@db1: Password: ", True, "a"),
            Question("root@db1: Code from your phone: ", False, "b"),
            Question("root@db1: One more: ", True, "c"),
        )
        await until(pilot, is_asked(app, "root@db1: Password:"))
        await pilot.press(*"hunter2")
        assert "hunter2" not in text_of(app)
        await pilot.press("enter")
        await until(pilot, is_asked(app, "Code from your phone"))
        await pilot.press(*"123456")
        assert "123456" in text_of(app)
        await pilot.press("enter")
        await until(pilot, is_asked(app, "One more"))
        await pilot.press("escape")
        await until(pilot, answers.done)
        assert answers.result() == ["hunter2", "123456", None]
        assert not isinstance(app.screen, Ask)


async def test_an_unknown_host_key_is_shown_whole_and_accepted_by_a_written_yes() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        answers = asked_in_a_thread(app.prompt, HOST_KEY)
        await until(pilot, is_asked(app, "SHA256:pq7q7c2m8m9nYt0yIYV8dD8S2H4mXy4nq0nHn2n2n2s"))
        assert inside(app.screen.query_one("#answer"))
        assert "(yes/no)" in text_of(app)
        await pilot.press(*"yes", "enter")
        await until(pilot, answers.done)
        assert answers.result() == ["yes"]


async def test_what_the_server_says_is_text_and_nothing_else() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        answers = asked_in_a_thread(app.prompt, Question(HOSTILE, True, "x"))
        await until(pilot, is_asked(app, "[/x] [@click=app.quit]q[/]"))
        assert "\x1b" not in text_of(app)
        assert "\u202e" not in text_of(app)
        await pilot.press("escape")
        await until(pilot, answers.done)


async def test_a_question_does_not_stand_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """sshd has ended the login by then."""
    monkeypatch.setattr(ask, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(ask, "_TICK", 0.05)
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        answers = asked_in_a_thread(app.prompt, HOST_KEY)
        await until(pilot, answers.done)
        assert answers.result() == [None]
        await until(pilot, lambda: not isinstance(app.screen, Ask))


async def test_leaving_answers_whoever_waits() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        answers = asked_in_a_thread(app.prompt, HOST_KEY, HOST_KEY)
        await until(pilot, is_asked(app, "is not known"))
        began = time.monotonic()
        await pilot.press("ctrl+q")
    assert answers.result(timeout=60.0) == [None, None]
    assert time.monotonic() - began < 60.0 < ask.ANSWER_SECONDS


class FakeLinks:
    """A connection that comes back at the try after `refusals` in vain."""

    def __init__(self, refusals: int = 0, question: Question | None = None) -> None:
        self.lost = False
        self.refusals = refusals
        self.question = question
        self.made: list[FakeInvestigation] = []
        self.prompt: Prompt | None = None
        self.anew = 0

    def ask_with(self, prompt: Prompt) -> None:
        self.prompt = prompt

    def ask_anew(self) -> None:
        self.anew += 1

    def lose(self) -> None:
        self.lost = True
        self.made[0].session.dead = True
        self.made[0].listen(SshChanged(False, "the SSH connection to root@db1 is lost"))

    def reconnect(self) -> None:
        assert self.prompt is not None
        if self.question is not None and self.prompt(self.question) != "right":
            raise HostError("the password of root on db1 was not accepted")
        if self.refusals:
            self.refusals -= 1
            raise HostError("nothing listens at db1:22")
        self.lost, self.made[0].session.dead = False, False
        self.made[0].listen(SshChanged(True, "connected to root@db1 again"))


def app_over(links: FakeLinks) -> WizardApp:
    return WizardApp(replace(live(links.made), links=links))


async def test_a_lost_ssh_connection_is_one_lasting_line_and_the_case_is_kept() -> None:
    links = FakeLinks(refusals=1)
    app = app_over(links)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        kept, ran = app.state.case, list(links.made[0].ran)
        links.lose()
        await until(pilot, lambda: "SSH LOST" in text_of(app).splitlines()[0])
        first = text_of(app).splitlines()[0]
        lost = "F5 tries again: the SSH connection to root@db1 is lost"
        assert lost in text_of(app).splitlines()[-2]
        await until(pilot, lambda: links.made[0].closed)
        for key in ("4", "7", "]"):
            await pilot.press(key)
        assert text_of(app).splitlines()[0] == first
        assert text_of(app).count("LOST") == 1
        await pilot.press("7", "f5")
        await until(pilot, lambda: "nothing listens" in text_of(app).splitlines()[-2])
        assert text_of(app).splitlines()[0] == first
        assert app.state.case == kept
        assert links.made[0].ran == ran, "no step is run without the connection"
        await pilot.press("4", "f5")
        await until(pilot, lambda: text_of(app).splitlines()[0].rstrip().endswith("connected"))
        await until(pilot, lambda: not app.state.running and not app.state.awaited)
        assert links.made[0].ran[len(ran) :] == [*STEP_IDS], "all of it is older than the loss"
        assert len(app._notifications) == 0


async def test_steps_that_run_again_ask_the_host_anew() -> None:
    links = FakeLinks()
    app = app_over(links)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        ran = len(links.made[0].ran)
        assert links.anew == 0
        await pilot.press("f6")
        await until(pilot, lambda: len(links.made[0].ran) >= 2 * ran)
        assert links.anew == 1


async def test_a_reconnect_asks_in_the_window() -> None:
    links = FakeLinks(question=Question("root@db1: Password: ", True, "p"))
    app = app_over(links)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        links.lose()
        await until(pilot, lambda: "SSH LOST" in text_of(app))
        await pilot.press("4", "f5")
        await until(pilot, is_asked(app, "root@db1: Password:"))
        await pilot.press("escape")
        told = "the password of root on db1 was not accepted"
        await until(pilot, lambda: told in text_of(app).splitlines()[-2])
        await pilot.press("f5")
        await until(pilot, is_asked(app, "root@db1: Password:"))
        await pilot.press(*"right", "enter")
        await until(pilot, lambda: text_of(app).splitlines()[0].rstrip().endswith("connected"))


async def test_what_was_cancelled_while_connecting_does_not_run() -> None:
    links = FakeLinks(question=Question("root@db1: Password: ", True, "p"))
    app = app_over(links)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        ran = list(links.made[0].ran)
        links.lose()
        await until(pilot, lambda: "SSH LOST" in text_of(app))
        await pilot.press("4", "f5")
        await until(pilot, is_asked(app, "root@db1: Password:"))
        assert app.work._controller is not None
        app.work._controller.cancel()
        await pilot.press(*"right", "enter")
        await until(pilot, lambda: app.state.ssh_lost == "" and not app.state.running)
        assert links.made[0].ran == ran


async def test_the_connect_form_reaches_a_machine_over_ssh() -> None:
    asked: list[Answers] = []

    def connect(answers: Answers, prompt: Prompt) -> Live:
        asked.append(answers)
        if prompt(HOST_KEY) != "yes":
            raise HostError("the host key was not accepted")
        return live()

    app = WizardApp(Unknown(lambda: (), connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No server was found" in text_of(app))
        app.screen.query_one("#ssh", Input).value = "root@db1.example.com:2222"
        app.screen.query_one("#connect", Button).press()
        await until(pilot, is_asked(app, "SHA256:"))
        await pilot.press("escape")
        await until(pilot, lambda: "the host key was not accepted" in text_of(app))
        app.screen.query_one("#connect", Button).press()
        await until(pilot, is_asked(app, "SHA256:"))
        await pilot.press(*"yes", "enter")
        await ready(pilot)
        assert asked[-1].ssh == "root@db1.example.com:2222"
        assert asked[-1].port is None


async def test_a_try_that_was_stopped_asks_nobody() -> None:
    release, answers = threading.Event(), list[str | None]()

    def connect(_answers: Answers, prompt: Prompt) -> Live:
        release.wait(120)
        answers.append(prompt(HOST_KEY))
        raise HostError("too late")

    app = WizardApp(Unknown(lambda: (), connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConnectWindow))
        app.screen.query_one("#connect", Button).press()
        await until(pilot, lambda: "Esc stops" in str(app.screen.query_one("#error").render()))
        await pilot.press("escape")
        release.set()
        await until(pilot, lambda: answers == [None])
        assert not isinstance(app.screen, Ask)


async def test_a_fingerprint_is_not_broken_where_it_fits_on_a_line() -> None:
    slashed = HOST_KEY.text.replace("m8m9n", "/8/-9/")
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        answers = asked_in_a_thread(app.prompt, Question(slashed, False, "slashed"))
        print_ = next(word for word in slashed.split() if word.startswith("SHA256:"))
        await until(pilot, lambda: print_ in text_of(app))
        await pilot.press("escape")
        await until(pilot, answers.done)


async def test_a_list_that_nobody_moved_in_stays_at_its_top() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("9", "enter")
        rows = app.frame.query_one("#remedies", WrappedList)
        await until(pilot, lambda: rows.has_focus)
        rows.tell([("late", "late")])
        rows.tell([("first", "first"), ("late", "late")])
        assert rows.highlighted_id == "first"
        rows.highlighted = 1
        rows.tell([("new", "new"), ("first", "first"), ("late", "late")])
        assert rows.highlighted_id == "late"
