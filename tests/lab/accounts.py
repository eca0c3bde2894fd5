"""Accounts that may not log in, and certificates that do not hold."""

from typing import Any

import pymysql

from tests.lab.bench import Bench
from tests.lab.certificates import give_certificate
from tests.lab.clients import Worker, application
from tests.lab.drivers.worker import DriverWorker, Way
from tests.lab.scenario import fault
from wizard.demo.binaries import Flavor
from wizard.diagnosis.model import Verdict

_SHY = Verdict.POSSIBLE


def _jobs(place: Bench, cause: str) -> None:
    with place.due(cause):
        for _ in range(3):
            with Worker(place, lambda: place.server.client(database="shop"), "shop.pool") as job:
                job.run("order", "SELECT 1")


@fault("access-denied", alone=(), least_alone=_SHY)
def account_locked(place: Bench) -> None:
    """The application's account is locked; its next logins are refused."""
    application(place).close()
    place.server.sql("ALTER USER app@'%' ACCOUNT LOCK")
    _jobs(place, "access-denied")


@fault("access-denied", alone=(), least_alone=_SHY)
def account_expired(place: Bench) -> None:
    """The password of the application's account has expired."""
    application(place).close()
    if place.is_mariadb:
        place.server.sql("SET GLOBAL disconnect_on_expired_password = ON")
    place.server.sql("ALTER USER app@'%' PASSWORD EXPIRE")
    _jobs(place, "access-denied")


@fault("access-denied", alone=(), least_alone=_SHY, flavors=(Flavor.MARIADB,))
def account_expired_in_sandbox(place: Bench) -> None:
    """The password has expired; MariaDB lets the account in, to set a new one only."""
    application(place).close()
    place.server.sql("ALTER USER app@'%' PASSWORD EXPIRE")
    _jobs(place, "access-denied")


@fault("tls-failure", alone=(), least_alone=_SHY)
def certificate_expired(place: Bench) -> None:
    """The server's certificate ended yesterday; clients verify it."""
    _bad_certificate(place, days=-1.0)


@fault("tls-failure", alone=(), least_alone=_SHY)
def certificate_of_another_name(place: Bench) -> None:
    """The server's certificate is for another host; clients verify the name."""
    _bad_certificate(place, name="db.other.example")


def _bad_certificate(place: Bench, **how: Any) -> None:
    application(place).close()
    give_certificate(place, **how)
    place.age()

    def connect() -> "pymysql.Connection[Any]":
        tls = {"ca": str(place.authority), "check_hostname": True}
        return place.server.client(database="shop", ssl=tls)

    with place.due("tls-failure"):
        for _ in range(2):
            with Worker(place, connect, "shop.pool") as job:
                job.run("order", "SELECT 1")
    for program in ("mysqlclient", "perl-mariadb"):
        with DriverWorker(place, program, Way.TLS) as other, place.due("tls-failure", by=other):
            other.run("order", "SELECT 1")
