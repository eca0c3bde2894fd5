"""Ten real drivers at once, each program with a log of its own, over each way to the server."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.lab.bench import Bench, NotHere
from tests.lab.certificates import give_certificate
from tests.lab.clients import application, wait_until
from tests.lab.drivers.programs import PROGRAMS
from tests.lab.drivers.worker import DriverWorker, Way
from tests.lab.scenario import Stager, fault
from wizard.demo.faults import kill_sessions

_QUICK = "SELECT COUNT(*) FROM orders"
_LONG = "SELECT SLEEP(60)"
_PAUSE = 3.0
_POOL = ("stale-pooled-connection",)
_MEBIBYTE = 1 << 20
_HUGE = f"INSERT INTO documents (body) VALUES ('{'x' * 3 * _MEBIBYTE}')"

Step = Callable[["Fleet"], None]


class Fleet:
    """One worker a driver."""

    def __init__(self, place: Bench, workers: list[DriverWorker]) -> None:
        self.place = place
        self.workers = workers

    def jobs(self, sql: str = _QUICK) -> list[bool]:
        return [worker.run("order", sql) for worker in self.workers]

    def well(self) -> None:
        """Everybody is at work again; a pool may need a moment."""
        wait_until(lambda: all(self.jobs()), 30.0)

    @contextmanager
    def due(self, *causes: str) -> Iterator[None]:
        with ExitStack() as stack:
            for worker in self.workers:
                stack.enter_context(self.place.due(*causes, by=worker))
            yield

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Every driver waits for a long statement while the block runs, and then for its end."""
        for worker in self.workers:
            worker.start("report", _LONG)
        wait_until(lambda: _sleeping(self.place) >= len(self.workers))
        yield
        for worker in self.workers:
            worker.finish()


def _sleeping(place: Bench) -> int:
    sql = "SELECT id FROM information_schema.processlist WHERE info LIKE %s AND user = 'app'"
    return len(place.server.sql(sql, "SELECT SLEEP%"))


@contextmanager
def fleet(place: Bench, way: Way) -> Iterator[Fleet]:
    """All drivers that can be had here, connected. Raises NotHere where none can."""
    application(place).close()
    if way is Way.SOCKET:
        let_in_by_socket(place)
    with ExitStack() as stack:
        workers, reasons = [], []
        for name in PROGRAMS:
            try:
                workers.append(stack.enter_context(DriverWorker(place, name, way)))
            except NotHere as reason:
                reasons.append(str(reason))
        if not workers:
            raise NotHere("; ".join(reasons))
        crew = Fleet(place, workers)
        crew.well()
        place.age()
        yield crew


def let_in_by_socket(place: Bench) -> None:
    """An account of localhost goes before the one of everywhere."""
    server = place.server
    server.sql("CREATE USER IF NOT EXISTS app@localhost IDENTIFIED BY %s", server.passwords["app"])
    server.sql("GRANT ALL ON shop.* TO app@localhost")
    place.socket = server.socket


def _idle(crew: Fleet) -> None:
    crew.place.server.set_global("wait_timeout", 1)
    _renew(crew)
    with crew.due("idle-timeout"):
        time.sleep(2.5)
        crew.jobs()
    crew.place.server.set_global("wait_timeout", 28800)
    _renew(crew)


def _renew(crew: Fleet) -> None:
    """New connections for all: a session keeps the limits of its login."""
    for worker in crew.workers:
        worker.reopen()
    crew.well()


def _killed(crew: Fleet) -> None:
    with crew.due("connection-killed"):
        kill_sessions(crew.place.server)
        crew.jobs()
    crew.well()
    time.sleep(_PAUSE)
    with crew.due("connection-killed"), crew.busy():
        kill_sessions(crew.place.server)
    crew.well()


def _packet(crew: Fleet) -> None:
    crew.place.server.set_global("max_allowed_packet", _MEBIBYTE)
    _renew(crew)
    with crew.due("packet-too-large"):
        crew.jobs(_HUGE)
    crew.well()


def _restart(crew: Fleet) -> None:
    with crew.due("server-restarted"):
        with crew.busy():
            crew.place.server.stop()
        crew.jobs()
        crew.place.server.start()
    crew.well()
    time.sleep(_PAUSE)
    with crew.due("server-restarted"):
        crew.place.server.restart()
        crew.jobs()
    crew.well()


def _crash(crew: Fleet) -> None:
    with crew.due("server-crash"):
        with crew.busy():
            crew.place.server.segv()
        crew.jobs()
        crew.place.server.start()
    crew.well()
    time.sleep(_PAUSE)
    with crew.due("server-crash"):
        crew.place.server.segv()
        crew.place.server.start()
        crew.jobs()
    crew.well()


def _tour(crew: Fleet) -> None:
    for step in (_restart, _crash, _idle, _packet, _killed):
        step(crew)
        time.sleep(_PAUSE)


_ALL = ("idle-timeout", "connection-killed", "packet-too-large", "server-restarted", "server-crash")
_STEPS: dict[str, tuple[Step, tuple[str, ...], str]] = {
    "idle": (_idle, ("idle-timeout",), "rest longer than wait_timeout"),
    "killed": (_killed, ("connection-killed",), "are killed at rest, and later at work"),
    "packet": (_packet, ("packet-too-large",), "send statements above max_allowed_packet"),
    "restart": (_restart, ("server-restarted",), "meet two orderly restarts"),
    "crash": (_crash, ("server-crash",), "meet two crashes"),
    "tour": (_tour, _ALL, "meet five faults one after another, each failure with its own cause"),
}


def _stager(step: Step, way: Way, name: str, title: str) -> Stager:
    def stage(place: Bench) -> None:
        if way is Way.TLS:
            give_certificate(place)
        with fleet(place, way) as crew:
            step(crew)

    stage.__name__ = name
    stage.__doc__ = title
    return stage


_WORDS = {Way.TCP: "over TCP", Way.TLS: "over TLS", Way.SOCKET: "on the Unix socket"}

for _name, (_step, _causes, _what) in _STEPS.items():
    for _way in Way:
        # MariaDB's own counters cannot tell KILL: see the scenario connection-killed.
        fault(*_causes, beside=_POOL, alone_mariadb=() if _name == "killed" else None)(
            _stager(_step, _way, f"drivers_{_name}_{_way}", f"Ten drivers {_WORDS[_way]} {_what}.")
        )
