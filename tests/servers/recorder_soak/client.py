"""A client in a process of its own: prints its connection's number, then rests until it is killed.

Arguments: host and port. The password of `app` is in GONEAWAY_LAB_PASSWORD.
"""

import os
import sys
import time

import pymysql


def main(host: str, port: int) -> None:
    connection = pymysql.connect(
        host=host, port=port, user="app", password=os.environ["GONEAWAY_LAB_PASSWORD"],
        ssl_disabled=True,
    )  # fmt: skip
    print(connection.thread_id(), flush=True)  # type: ignore[no-untyped-call]
    time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
