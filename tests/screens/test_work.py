"""Work in the background: progress, cancel, a lost server, saved cases."""

import threading
import time
from dataclasses import replace
from pathlib import Path

from textual import events
from textual.widgets import TextArea

from screens import messages
from screens.app import WizardApp
from screens.fix_doing import Done
from screens.opening import Saved
from screens.places import STEP_IDS
from screens.widgets.lists import PlainList
from screens.widgets.suspects import Suspects
from tests.screens.driving import ready, text_of, until
from tests.screens.fake import CASE, FakeInvestigation, live, result
from wizard.case.evidence import StepResult, StepStatus
from wizard.investigation.run import SshChanged
from wizard.safety.errors import WizardError
from wizard.server.session import ConnectionLost
from wizard.steps.step import Step


async def test_long_work_tells_its_progress_and_is_cancelled() -> None:
    def act(fake: FakeInvestigation, step: Step) -> StepResult:
        if step.id != "error-log":
            return result(step.id)
        fake.progress(step, "reading /var/log/mysql/error.log, 3 of 7 MB")
        fake.stop.wait(120)
        return step.skipped("cancelled")

    app = WizardApp(live(act=act))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.state.said != "")
        app.frame.show_status()
        await pilot.pause()
        assert "Running: " in text_of(app)
        assert "Ctrl+C stops it, reading /var/log/mysql/error.log, 3 of 7 MB" in text_of(app)
        await pilot.press("ctrl+c")
        await ready(pilot)
        done = app.state.case.step("error-log") if app.state.case else None
        assert done is not None
        assert done.reason == "cancelled"
        assert "Cancelled: Error log." in text_of(app)


async def test_the_state_of_a_step_is_told_in_words() -> None:
    def act(_fake: FakeInvestigation, step: Step) -> StepResult:
        if step.id == "counters":
            return step.skipped("needs the privilege PROCESS")
        if step.id == "health":
            return StepResult(step.id, StepStatus.DONE, headline="all is well")
        if step.id == "error-log":
            return step.skipped("no error log could be read: it is written in UTF-16")
        return result(step.id)

    app = WizardApp(live(act=act))
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        shown = text_of(app)
        assert "no access" in shown
        assert "not read" in shown
        assert "ok" in shown
        assert "2 could not look" in shown
        await pilot.press("5")
        await until(pilot, lambda: "skipped: needs the privilege PROCESS" in text_of(app))


async def test_a_change_that_failed_with_the_server_is_none_and_the_loss_is_told_first() -> None:
    made: list[FakeInvestigation] = []
    told: list[tuple[bool | None, str]] = []
    app = WizardApp(live(made), heartbeat=600)

    def change(_engine: object, _say: messages.Say) -> Done:
        made[0].session.dead = True
        raise ConnectionLost("the server closed the connection")

    def not_made(_engine: object, _say: messages.Say) -> Done:
        return Done(("NOT APPLIED",), made=False)

    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        job = messages.Job("Apply", not_made, lambda _done: None, str, lambda done: done.made)
        app.post_message(job)
        await until(pilot, lambda: not app.state.running)
        assert app.state.changed_at is None
        failed = messages.Job(
            "Apply",
            change,
            lambda _done: None,
            lambda error: told.append((app.state.up, error)),
            lambda done: done.made,
        )
        app.post_message(failed)
        await until(pilot, lambda: bool(told))
        assert told == [(False, "the server closed the connection")]
        assert app.state.changed_at is None
        assert "SERVER LOST" in text_of(app).splitlines()[0]


async def test_what_a_job_failed_with_is_gone_once_the_next_one_succeeds() -> None:
    app = WizardApp(live())

    def refused(_engine: object, _say: messages.Say) -> None:
        raise WizardError("interactive_timeout is not below the default")

    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.post_message(messages.Job("Preview", refused, str, lambda _error: None))
        await until(pilot, lambda: "Preview: interactive_timeout is not" in text_of(app))
        shown: list[None] = []
        app.post_message(messages.Job("Preview", lambda _e, _s: None, shown.append, str))
        await until(pilot, lambda: shown == [None])
        assert "Preview: interactive_timeout" not in text_of(app)


async def test_a_report_that_is_laid_out_anew_leaves_what_was_said() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("r")
        report = app.frame.query_one("#report-text", TextArea)
        await until(pilot, lambda: "idle-timeout" in report.text and not app.state.running)
        app.post_message(messages.Written(Path("/srv/2006.case.json")))
        await until(pilot, lambda: "Saved 2006.case.json in /srv" in text_of(app))
        before = report.text
        await pilot.resize_terminal(90, 24)
        await until(pilot, lambda: report.text != before and not app.state.running)
        assert "Saved 2006.case.json in /srv" in text_of(app)


async def test_what_was_cut_with_the_ssh_connection_midway_is_read_again() -> None:
    cuts = ["once"]

    def act(fake: FakeInvestigation, step: Step) -> StepResult:
        if step.id == "health" and cuts:
            cuts.pop()
            fake.listen(SshChanged(False, "the SSH connection to root@db1 is lost"))
            fake.lose_server(ConnectionLost("server closed the connection"))
            fake.listen(SshChanged(True, "connected to root@db1 again"))
        up = fake.context.server is not None or step.id in ("symptom", "connection")
        return result(step.id) if up else step.skipped("needs a connection to the server")

    made: list[FakeInvestigation] = []
    app = WizardApp(live(made, act=act), heartbeat=600)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(made) and made[0].ran.count("settings") == 2)
        await until(pilot, lambda: not (app.state.running or app.state.awaited))
        assert app.state.up
        assert app.state.case is not None
        steps = app.state.case.steps
        assert [step.id for step in steps if step.status is not StepStatus.DONE] == []
        assert made[0].ran.count("settings") == 2, "once more, not for ever"


async def test_a_lost_server_is_one_lasting_line() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made), heartbeat=0.05)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        made[0].session.dead = True
        await until(pilot, lambda: "SERVER LOST" in text_of(app))
        first = text_of(app).splitlines()[0]
        assert "127.0.0.1:3306" in first, "which server it is stays"
        assert "server closed the connection (2013)" in text_of(app).splitlines()[-2]
        for key in ("4", "8", "]"):
            await pilot.press(key)
        assert text_of(app).splitlines()[0] == first
        assert text_of(app).count("SERVER LOST") == 1
        assert len(app._notifications) == 0
        made[0].session.dead = False
        await pilot.press("4", "f5")
        await until(pilot, lambda: "connected" in text_of(app).splitlines()[0])
        await until(pilot, lambda: not app.state.running and not app.state.awaited)
        assert made[0].ran == [*STEP_IDS, *STEP_IDS], "all of it is older than the loss"


async def test_an_investigation_that_cannot_begin_is_told_and_tried_again() -> None:
    tries: list[int] = []
    good = live()

    def begin(listen: object) -> object:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no route to host")
        return good.begin(listen)  # type: ignore[arg-type]

    app = WizardApp(replace(good, begin=begin))  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "NOT CONNECTED" in text_of(app))
        assert "no route to host" in text_of(app)
        await pilot.press("f5")
        await ready(pilot)
        assert "connected" in text_of(app).splitlines()[0]


async def test_a_saved_case_is_read_without_its_server() -> None:
    case = replace(CASE, steps=tuple(result(s) for s in ("connection", "error-log")))
    app = WizardApp(Saved(case, "/tmp/old.case.json"))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert text_of(app).splitlines()[0].rstrip().endswith("saved case, offline")
        assert app.frame.current == "diagnosis"
        await pilot.press("4")
        await until(pilot, lambda: "headline of error-log" in text_of(app))
        await pilot.press("f5")
        await until(pilot, lambda: "cannot run again" in text_of(app))
        assert app.state.case is not None
        assert app.state.case.step("error-log") == case.step("error-log")


async def test_a_later_result_waits_until_the_reader_asks_for_it() -> None:
    runs: list[str] = []

    def act(_fake: FakeInvestigation, step: Step) -> StepResult:
        runs.append(step.id)
        return result(step.id, f"run {runs.count(step.id)}")

    app = WizardApp(live(act=act))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("4")
        await until(pilot, lambda: "run 1" in text_of(app))
        assert app.work._controller is not None
        app.work._controller.run_steps(["error-log"])
        await until(pilot, lambda: "New: found 1. n shows it" in text_of(app))
        assert "run 1" in text_of(app)
        await pilot.press("n")
        await until(pilot, lambda: "run 2" in text_of(app))
        assert "New: found" not in text_of(app)
        await pilot.press("f5")
        await until(pilot, lambda: "run 3" in text_of(app))


async def test_suspects_do_not_change_under_the_reader() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("s")
        await until(pilot, lambda: app.frame.query_one(Suspects).rows.has_focus)
        made[0].found = replace(made[0].found, findings=made[0].found.findings[1:])
        assert app.work._controller is not None
        app.work._controller.run_steps(())
        await until(pilot, lambda: "Suspects changed" in text_of(app))
        assert "CONFIRMED idle-timeout" in text_of(app)
        await pilot.press("escape")
        await until(pilot, lambda: "CONFIRMED idle-timeout" not in text_of(app))


async def test_messages_of_a_replaced_controller_are_dropped() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        from screens.messages import LinkSaid

        app.post_message(LinkSaid(run=99, up=False, text="an old one"))
        await pilot.pause()
        await pilot.pause()
        assert "an old one" not in text_of(app)


async def test_quitting_does_not_wait_for_a_thread_that_hangs() -> None:
    release = threading.Event()

    def act(_fake: FakeInvestigation, step: Step) -> StepResult:
        release.wait(120)
        return step.skipped("cancelled")

    app = WizardApp(live(act=act))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.running != "")
        began = time.monotonic()
        await pilot.press("q")
    assert time.monotonic() - began < 60, "it waited for the thread"
    release.set()


async def test_leaving_closes_the_session() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("q")
    assert made[0].closed


async def test_f5_on_what_rests_on_all_steps_runs_all_and_says_what_came_of_it() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("8", "f5")
        await until(pilot, lambda: "Read again: nothing has changed." in text_of(app))
        assert made[0].ran == [*STEP_IDS, *STEP_IDS]
        made[0].found = replace(made[0].found, findings=made[0].found.findings[1:])
        await pilot.press("f5")
        await until(pilot, lambda: "Read again. Changed: Diagnosis." in text_of(app))
        assert "n shows it" not in text_of(app), "it was asked for"
        await pilot.press("K", "f5")
        await until(pilot, lambda: "Nothing is read from the server here" in text_of(app))
        await pilot.press("7", "f5")
        await until(pilot, lambda: "was not run yet. Enter starts it." in text_of(app))


async def test_who_leads_the_diagnosis_stays_at_the_top() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("8", "enter")
        findings = app.screen.query_one("#findings", PlainList)
        await until(pilot, lambda: findings.has_focus)
        assert findings.highlighted_id == "idle-timeout"
        made[0].found = replace(made[0].found, findings=made[0].found.findings[::-1])
        await pilot.press("f5")
        await until(pilot, lambda: findings.highlighted_id == "server-restarted")
        assert findings.highlighted == 0


async def test_enter_leads_to_the_time_that_a_pasted_error_lacks() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.post_message(events.Paste("General error: 2006 MySQL server has gone away"))
        area = app.frame.query_one("#pasted", TextArea)
        await until(pilot, lambda: bool(area.text) and not app.state.running)
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is app.frame.query_one("#when"))
        await pilot.press(*"3pm", "f5")
        await until(pilot, lambda: "3pm is no time" in text_of(app))
