"""An application runs into a fault of the network, and its own log is read beside the probe."""

import time
from typing import Any

from pymysql.connections import Connection

from tests.network.conftest import StartLab
from tests.network.filters import Direction
from tests.network.lab import NetworkLab
from tests.servers.check_run import CheckRun
from wizard.demo.application import Application, ApplicationLog

GIVES_UP = 5
"""Seconds after which the application's driver gives up waiting."""


def application(lab: NetworkLab) -> Application:
    """On the client's machine; its failures tell how long a connection had idled."""

    def connect() -> "Connection[Any]":
        return lab.database.client(database="shop", read_timeout=GIVES_UP)

    return Application(connect, ApplicationLog(lab.client.directory / "shop.log"), pool_size=3)


def create_tables(lab: NetworkLab) -> None:
    """On a path that is whole, and however long the server's disk takes."""
    with lab.client.entered():
        log = ApplicationLog(lab.client.directory / "setup.log")
        Application(lambda: lab.database.client(database="shop"), log).create_tables()


def check(lab: NetworkLab, *words: str) -> CheckRun:
    log = str(lab.client.directory / "shop.log")
    return lab.check("client", "--app-log", log, *words)


def test_hangs_after_a_pause_are_put_down_to_the_firewall(start_lab: StartLab) -> None:
    lab = start_lab("mariadb")
    create_tables(lab)
    with lab.forgetful_firewall(3), lab.client.entered(), application(lab) as shop:
        shop.orders()
        time.sleep(5.0)
        shop.orders()
        run = check(lab, "--probe", "idle", "--idle-limit", "5s")
    assert run.first == ("network-idle-drop", "confirmed"), run.told()
    assert run.answer["failures"]["total"] >= 3, run.told()
    assert run.answer["diagnosis"][0]["explains"] == run.answer["failures"]["total"], run.told()


def test_hangs_at_large_answers_are_put_down_to_the_black_hole(start_lab: StartLab) -> None:
    lab = start_lab("mariadb")
    create_tables(lab)
    narrow = lab.size_limit(1200, Direction.TO_SERVER)
    with lab.client.entered(), application(lab) as shop, narrow:
        shop.upload(20_000)
        shop.upload(30_000)
        run = check(lab, "--probe", "packet")
    assert run.first == ("path-mtu", "confirmed"), run.told()
    assert run.answer["failures"]["total"] >= 2, run.told()
    assert run.answer["diagnosis"][0]["explains"] == run.answer["failures"]["total"], run.told()
