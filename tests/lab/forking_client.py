"""A program that forks with an open connection; run as `python -m tests.lab.forking_client`.

Arguments: port, log file, and `interleave` (parent and child both use the connection) or `quit`
(the child ends and closes it). Prints the connection's number. The password is in
GONEAWAY_LAB_PASSWORD.
"""

import os
import sys
from pathlib import Path

import pymysql

from wizard.demo.application import ApplicationLog

_ERRORS = (pymysql.err.Error, OSError, ValueError, IndexError, AssertionError, AttributeError)


def main(port: int, log: ApplicationLog, way: str) -> None:
    connection = pymysql.connect(
        host="127.0.0.1",
        port=port,
        user="app",
        password=os.environ["GONEAWAY_LAB_PASSWORD"],
        database="shop",
        ssl_disabled=True,
        read_timeout=3,
    )
    connection.query("SELECT 1")
    print(connection.thread_id(), flush=True)  # type: ignore[no-untyped-call]
    child = os.fork()
    if way == "quit":
        if child == 0:
            connection.close()
            os._exit(0)
        os.waitpid(child, 0)
        _use(connection, log, "parent", 1)
        return
    _use(connection, log, "child" if child == 0 else "parent", 3000)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _use(connection: pymysql.Connection, log: ApplicationLog, who: str, times: int) -> None:
    failed = 0
    for number in range(times):
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {number}, REPEAT('{who[0]}', 300000)")
                cursor.fetchall()
        except _ERRORS as error:
            log.error(f"jobs.{who}", "task failed", error)
            failed += 1
            if failed == 3 or not connection.open:
                return


if __name__ == "__main__":
    main(int(sys.argv[1]), ApplicationLog(Path(sys.argv[2])), sys.argv[3])
