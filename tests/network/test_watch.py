"""A client whose network is dropped while the recorder watches."""

import threading
from contextlib import suppress

import pymysql

from tests.network.conftest import StartLab
from tests.servers.watched import recorder
from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind


def test_a_client_that_no_packet_reaches_is_told_with_its_session(start_lab: StartLab) -> None:
    lab = start_lab("mariadb")
    with lab.operator.entered():
        keeper = lab.database.client("admin")
    keeper.query("SELECT GET_LOCK('answer', 0)")
    with recorder(lab.database) as told, lab.client.entered():
        client = lab.database.client(read_timeout=60)
        number = int(client.thread_id())  # type: ignore[no-untyped-call]

        def ask() -> None:
            with suppress(pymysql.MySQLError):
                client.query("SELECT GET_LOCK('answer', 600)")

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        told.looks(2)
        with lab.dropped():
            keeper.close()  # on its way of its own: now there is an answer
            event = told.wait_for(lambda e: e.kind is EventKind.SESSION_STALLED)
            assert event.session is not None
            assert event.session.id == number
            assert (event.cause, event.verdict) == ("network-unstable", Verdict.LIKELY)
        asking.join(60)
        client.close()
