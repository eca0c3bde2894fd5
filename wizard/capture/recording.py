"""One capture from the switch to what it held: begins it, watches its bounds, and ends it.

Whatever happens between `begin` and `end` puts the log back: an exception, a signal that ends the
program, and our death, by the guard and the server's own switch.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wizard.capture.bounds import bounds_of
from wizard.capture.guard import Guard, GuardGone
from wizard.capture.journal import CaptureJournal, CaptureState, new_capture
from wizard.capture.logging_state import CaptureKind, LoggingState, read_logging_state
from wizard.capture.own_file import OwnFile
from wizard.capture.plan import GRACE, LOCK, TIME_OVER, CannotCapture, CapturePlan, MayBeOn, Where
from wizard.capture.server_view import is_on_as_planned
from wizard.capture.source import Progress
from wizard.capture.switch import SETTLE_SECONDS, Switch
from wizard.capture.table_part import Received, grown, received, rows_since
from wizard.hosts.protocol import HostError
from wizard.safety.errors import WizardError
from wizard.server.clock_zone import clock_of
from wizard.server.pymysql_session import PyMySqlConnector, PyMySqlSession
from wizard.server.resting import resting
from wizard.server.session import Row, ServerError
from wizard.target.model import Target

POLL = 0.5


class Recording:
    """A log that is switched on for the while; see CapturedLog."""

    def __init__(
        self,
        plan: CapturePlan,
        state: LoggingState,
        target: Target,
        connector: PyMySqlConnector,
        through_ssh: bool,
        journal: CaptureJournal,
        file: OwnFile | None,
    ) -> None:
        self.plan = plan
        self._state = state
        self._target = target
        self._connector = connector
        self._journal = journal
        self._through_ssh = through_ssh
        self._guard: Guard | None = None
        self._switch: Switch | None = None
        self._session: PyMySqlSession | None = None
        self._file = file
        self._entry_id = ""
        self._began = 0.0
        self._holds_file = False
        self._before: Received | None = None
        self.began_at: datetime | None = None
        self.in_server = True
        self.ended_by = ""

    def begin(self) -> None:
        """Take the lock, write the journal, switch the log on. Raises WizardError with the log
        as it was."""
        if self._through_ssh:
            self._switch = Switch(self._connector)
            self._switch.lock(self.plan.seconds)
        else:
            self._guard = Guard(self._target, self.plan.seconds)
        try:
            self._session = resting(self._connector.connect())
            self._look_again()
            self._record()
            self._switch_on()
        except GuardGone:
            self._see_it_back()
            self.close()
            raise
        except BaseException:
            self.close()
            raise

    def progress(self) -> Iterator[Progress]:
        """Until a bound is reached, the server ends it, or the caller goes away."""
        size, bounds = self._size(), bounds_of(self.plan.max_bytes, self._free())
        while not self.ended_by:
            seconds = time.monotonic() - self._began
            size = self._size()
            yield Progress(seconds, size)
            over = TIME_OVER if seconds >= self.plan.seconds else ""
            self.ended_by = over or bounds.reached(size, self._free())
            if not self.ended_by and self._wait():
                lost = self._switch is not None and self._switch.is_lost
                self.ended_by = "the connection was lost" if lost else self._told_by_guard()

    def end(self) -> str:
        """Put the log back; how it was done, in words. Raises WizardError where it is still on."""
        how = self._put_back()
        if self._file is None:
            return how
        self._file.size()
        return "; ".join(filter(None, (how, self._file.happened)))

    def _put_back(self) -> str:
        try:
            if self._guard is not None:
                return self._guard.put_back()
            if self._switch is not None:
                return self._switch.put_back()
        except GuardGone:
            return self._step_in()
        return "it was never on"

    def chunks(self) -> Iterator[bytes]:
        """What the file held, at most `max_bytes`."""
        if self._file is not None:
            yield from self._file.chunks()

    def rows(self) -> list[Row]:
        """What the table held since the capture began; its times are the session's, UTC."""
        session = self._own_session()
        began = self.began_at or clock_of(session)
        return rows_since(session, self.plan.kind, began, self.plan.max_bytes)

    @property
    def kind(self) -> CaptureKind:
        return self.plan.kind

    @property
    def seconds(self) -> int:
        return self.plan.seconds

    @property
    def max_bytes(self) -> int:
        return self.plan.max_bytes

    @property
    def long(self) -> float | None:
        return self.plan.long

    @property
    def reads_file(self) -> bool:
        return self.plan.where is Where.FILE

    def session(self) -> PyMySqlSession:
        """For questions beside the log: who is connected."""
        return self._own_session()

    def close(self) -> None:
        """Leave nothing behind; may be called twice. Raises MayBeOn, whatever ended the capture,
        where the way to the server is lost and the log was not seen to be back."""
        guard, self._guard = self._guard, None
        switch, self._switch = self._switch, None
        if guard is not None:
            with suppress(CannotCapture):
                guard.clean_up()
            guard.close()
        try:
            if switch is not None:
                self._close_switch(switch)
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._file is not None:
            if self._entry_id and not self._holds_file:
                self._file.forget_name()
            self._file.close()
        if self._session is not None:
            self._session.close()
            self._session = None

    def _close_switch(self, switch: Switch) -> None:
        if not switch.began or switch.is_left:
            switch.close()
            return
        try:
            switch.put_back()
            switch.clean_up()
            self._journal.move(self._entry_id, CaptureState.RESTORED)
        except MayBeOn:
            switch.close()
            if not switch.is_back:
                raise
        except WizardError:
            pass

    def _look_again(self) -> None:
        """Under the lock: what was read before may have been another capture's."""
        now = read_logging_state(self._own_session(), self.plan.kind)
        if replace(now, questions=0, uptime=0, bytes_received=0) != replace(
            self._state, questions=0, uptime=0, bytes_received=0
        ):
            raise CannotCapture("the server's logs were changed in this moment; start again")

    def _record(self) -> None:
        ends = datetime.now(UTC) + timedelta(seconds=self.plan.seconds + GRACE)
        target = self._target
        entry = new_capture(self.plan, target.label, self._state.identity, target.user, ends)
        self._journal.record(entry)
        self._entry_id = entry.id

    def _switch_on(self) -> None:
        self.began_at = clock_of(self._own_session())
        self._began = time.monotonic()
        if self._file is not None:
            self._file.expect()
        else:
            self._before = received(self._own_session())
        if self._guard is not None:
            self._guard.switch_on(self.plan, self._journal.path, self._entry_id, self._take_file)
            self.in_server = self._guard.in_server
        elif self._switch is not None:
            try:
                self._switch.switch_on(self.plan)
            except MayBeOn:
                raise
            except WizardError:
                self._journal.move(self._entry_id, CaptureState.NEVER_ON)
                raise
            self.in_server = self._switch.in_server
        self._holds_file = self._file is None or self._took(self._file)
        if not self._holds_file:
            raise CannotCapture(f"the server writes its log elsewhere than to {self.plan.own_file}")
        if self._guard is not None and self._file is not None:
            self._guard.watch(self._file.as_seen_by_others)

    def _took(self, file: OwnFile) -> bool:
        try:
            return file.taken()
        except HostError as error:
            if self._switch is None:
                raise
            how = self._switch.put_back()
            raise CannotCapture(f"the log's file was not held ({error}); {how}") from None

    def _take_file(self) -> None:
        if self._file is not None:
            self._file.take()

    def _free(self) -> int | None:
        return None if self._file is None else self._file.free()

    def _size(self) -> int | None:
        if self._file is not None:
            return self._file.size()
        try:
            return grown(self.plan.kind, self._before, received(self._own_session()))
        except (ServerError, HostError):
            return None

    def _told_by_guard(self) -> str:
        why = "" if self._guard is None else self._guard.why
        return why or "the server ended it"

    def _wait(self) -> bool:
        """A moment; whether the capture has ended without our word. A guard that was killed is
        told by `end`."""
        if self._guard is not None:
            try:
                return self._guard.ended(POLL)
            except GuardGone:
                return True
        time.sleep(POLL)
        return self._switch is not None and self._switch.ended

    def _step_in(self) -> str:
        """The guard was killed: its session is gone, so the server puts the log back within 5 s.
        Where it does not, we do."""
        session = self._own_session()
        give_up = time.monotonic() + SETTLE_SECONDS
        while is_on_as_planned(session, self.plan) and time.monotonic() < give_up:
            time.sleep(0.1)
        how = "the guard was killed, and the server put the log back"
        if is_on_as_planned(session, self.plan):
            how = "the guard was killed, and the wizard put the log back"
        for statement in self.plan.restore:
            session.execute(statement)
        if self._file is not None:
            self._file.forget_name()
        self._journal.move(self._entry_id, CaptureState.RESTORED)
        return how

    def _see_it_back(self) -> None:
        """The guard was killed while it switched. What it had sent, the server still does, and
        its session ends afterwards."""
        if not self._entry_id:
            return
        session, give_up = self._own_session(), time.monotonic() + 2 * SETTLE_SECONDS
        while session.value("SELECT IS_USED_LOCK(%s)", (LOCK,)) and time.monotonic() < give_up:
            time.sleep(0.1)
        self._step_in()

    def _own_session(self) -> PyMySqlSession:
        try:
            if self._session is not None:
                self._session.value("SELECT 1")
                return self._session
        except ServerError:
            pass
        self._session = resting(self._connector.connect())
        return self._session


def new_token() -> str:
    """For the name of the server's file."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
