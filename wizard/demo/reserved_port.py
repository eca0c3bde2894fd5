"""A free port of 127.0.0.1 that is kept for a server while it starts, and while it is down.

A port that is only looked for may be anybody's by the time the server has its files. This one is
bound and not listened on, so that a connection is refused; Linux lets a server that sets
SO_REUSEADDR, as database servers and sshd do, bind it and listen beside it (socket(7)), and
gives it to nobody who asks for a free one.
"""

import random
import socket

from wizard.demo.binaries import NoServerInstalled

LOOPBACK = "127.0.0.1"

_PORTS = range(20000, 32000)  # below the range from which Linux takes clients' ports
_TRIES = 50


def reserve() -> socket.socket:
    """The socket that keeps the port until it is closed. Raises NoServerInstalled."""
    for port in random.sample(_PORTS, _TRIES):
        kept = socket.socket()
        try:
            kept.bind((LOOPBACK, port))
        except OSError:
            kept.close()
            continue
        # Only now: with it before, the port of another's server that is down could be bound.
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return kept
    raise NoServerInstalled("no free port on 127.0.0.1")
