"""Faults between client and server: real proxies that cut, and a tunnel that dies."""

import time
from typing import Any

import pymysql

from tests.lab.bench import Bench
from tests.lab.clients import Worker, application, wait_until
from tests.lab.proxies import Tunnel, haproxy, nginx
from tests.lab.scenario import fault
from wizard.demo.application import Application
from wizard.demo.faults import wait_for_reports
from wizard.diagnosis.model import Verdict

_LEFT = ("client-not-closing",)
_IDLE = 2
_SECONDS_AT_REST = 3.5


def _through(place: Bench, port: int, **options: Any) -> "pymysql.Connection[Any]":
    return pymysql.connect(
        host="127.0.0.1", port=port, user="app", password=place.server.passwords["app"],
        database="shop", ssl_disabled=True, **options,
    )  # fmt: skip


def _shop(place: Bench, port: int) -> Application:
    application(place).close()
    return Application(lambda: _through(place, port), place.log, 3)


def _rest(place: Bench, shop: Application) -> None:
    for _ in range(2):
        shop.orders()
        with place.due("proxy-timeout"):
            time.sleep(_SECONDS_AT_REST)
            shop.orders()


@fault(
    "proxy-timeout", beside=_LEFT, alone=_LEFT, least=Verdict.POSSIBLE,
    least_alone=Verdict.POSSIBLE,
)  # fmt: skip
def haproxy_cuts_idle(place: Bench) -> None:
    """HAProxy's `timeout client` is shorter than the pool's rests."""
    with haproxy(place, _IDLE) as port, _shop(place, port) as shop:
        _rest(place, shop)


@fault(
    "proxy-timeout", beside=_LEFT, alone=_LEFT, least=Verdict.POSSIBLE,
    least_alone=Verdict.POSSIBLE,
)  # fmt: skip
def nginx_cuts_idle(place: Bench) -> None:
    """nginx's `proxy_timeout` is shorter than the pool's rests."""
    with nginx(place, _IDLE) as port, _shop(place, port) as shop:
        _rest(place, shop)


@fault(
    "proxy-timeout", beside=_LEFT, alone=_LEFT, least=Verdict.POSSIBLE,
    least_alone=Verdict.POSSIBLE,
)  # fmt: skip
def haproxy_cuts_busy(place: Bench) -> None:
    """HAProxy's `timeout server` is shorter than a report takes, each time."""
    with haproxy(place, 60, _IDLE) as port:
        application(place).close()
        for _ in range(3):
            with Worker(place, lambda: _through(place, port)) as job:
                job.run("warm-up", "SELECT 1")
                job.run("report", "SELECT SLEEP(4)")
                time.sleep(0.5)
    time.sleep(3.0)


@fault(
    "tunnel-dropped", beside=_LEFT, alone=_LEFT, least=Verdict.POSSIBLE,
    least_alone=Verdict.POSSIBLE,
)  # fmt: skip
def tunnel_dies(place: Bench) -> None:
    """An SSH tunnel ends under busy and idle connections, and is opened again later."""
    with Tunnel(place) as tunnel, _shop(place, tunnel.port) as shop:
        for _ in range(2):
            shop.orders()
            with shop.reports(2, 4.0):
                wait_for_reports(place.server, 2)
                tunnel.drop()
            shop.orders()
            shop.orders()
            time.sleep(3.0)
            tunnel.open()
            shop.orders()
        before = place.server.status("Aborted_clients")
        wait_until(lambda: place.server.status("Aborted_clients") >= max(1, before))
