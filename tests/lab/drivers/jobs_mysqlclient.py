"""Jobs on mysqlclient (libmariadb), logged by Python's logging with the traceback.

Runs on the system's Python, which has mysqlclient from the distribution.
"""

import logging
import os
import sys
import time
from typing import Any

import MySQLdb  # type: ignore[import-untyped]

logging.Formatter.converter = time.gmtime
logging.basicConfig(
    filename=os.environ["LAB_LOG"],
    level=logging.INFO,
    format="%(asctime)s %(levelname)s %(name)s %(message)s",
)
LOG = logging.getLogger("shop.jobs")


def open_connection() -> Any:
    options: dict[str, Any] = {"connect_timeout": 5}
    if os.environ.get("LAB_SOCKET"):
        options["unix_socket"] = os.environ["LAB_SOCKET"]
    else:
        options["host"] = os.environ["LAB_HOST"]
        options["port"] = int(os.environ["LAB_PORT"])
    if os.environ.get("LAB_TLS"):
        options["ssl"] = {"ca": os.environ["LAB_CA"]}
    return MySQLdb.connect(
        user=os.environ["LAB_USER"],
        password=os.environ["LAB_PASSWORD"],
        database="shop",
        **options,
    )


def main() -> None:
    connection: Any = None
    for line in sys.stdin:
        what, sql = line.rstrip("\n").split("\t", 1)
        if not sql:
            if connection:
                connection.close()
            connection = None
            print("done", flush=True)
            continue
        try:
            connection = connection or open_connection()
            cursor = connection.cursor()
            cursor.execute(sql)
            cursor.fetchall()
        except MySQLdb.Error:
            LOG.exception("%s failed", what)
            connection = None
            print("failed", flush=True)
        else:
            LOG.info("%s done", what)
            print("done", flush=True)


if __name__ == "__main__":
    main()
