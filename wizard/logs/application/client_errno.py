"""The operating system's error number that a text tells, in Linux's numbers. Pure.

It stands as a number in each library's own frame, or in the system's words. Windows' sockets
(10054), macOS (54) and libuv (-4077) count differently; words say the same everywhere.
"""

import re

_TOLD = re.compile(
    r"system error: (?:Errno )?(-?\d{1,5})|\[?\bErrno (-?\d{1,5})|\[WinError (\d{1,5})\]"
    r"|Error\((\d{1,5}), ?[\"']|\(os error (\d{1,5})\)|SocketException \((\d{5})\)"
    r"|(?:server|socket) [^\n]{0,100}'(?:[^']*)' \((\d{1,5})\)|\berrno=(\d{1,5})\b"
    r"|: \d{1,5}, [^\n]{0,80}? \((\d{2,3})\)$|\b(?:Read|Write) error: [^\n(]{0,80}\((\d{1,5})\)",
    re.IGNORECASE,
)
_WORDS = (
    ("connection reset", 104),
    ("econnreset", 104),
    ("forcibly closed", 104),
    ("broken pipe", 32),
    ("epipe", 32),
    ("connection refused", 111),
    ("econnrefused", 111),
    ("actively refused", 111),
    ("no route to host", 113),
    ("ehostunreach", 113),
    ("network is unreachable", 101),
    ("enetunreach", 101),
    ("connection timed out", 110),
    ("operation timed out", 110),
    ("etimedout", 110),
    ("i/o timeout", 110),
    ("econnaborted", 103),
    ("connection abort", 103),
    ("connection was aborted", 103),
    ("cannot assign requested address", 99),
    ("eaddrnotavail", 99),
    ("eof occurred", 0),
    ("connection: eof", 0),
    ("closed by server", 0),
    ("unexpected eof", 0),
)

_SERVERS = range(1000, 10000)
"""The numbers of MySQL, of its clients and of proxies, which stand in the same frames."""

_AS_LINUX = {
    # Windows sockets (winerror.h).
    10035: 11,
    10049: 99,
    10051: 101,
    10053: 103,
    10054: 104,
    10060: 110,
    10061: 111,
    10064: 112,
    10065: 113,
    # macOS and the BSDs (errno.h); 35 is EAGAIN there.
    35: 11,
    49: 99,
    51: 101,
    53: 103,
    54: 104,
    60: 110,
    61: 111,
    64: 112,
    65: 113,
}


def errno_of(line: str) -> int | None:
    """The error number in `line`, as Linux has it; 0 for an end without one; None for none."""
    folded = line.lower()
    # Python's ssl module puts its own code where others put the errno.
    if "sslerror" not in folded and "eof occurred" not in folded:
        for found in _TOLD.finditer(line):
            told = int(next(g for g in found.groups() if g is not None))
            if told not in _SERVERS:
                return linux_errno(told)
    return next((errno for word, errno in _WORDS if word in folded), None)


def known_errnos() -> frozenset[int]:
    """The numbers of any platform that are told apart here."""
    return frozenset(_AS_LINUX) | frozenset(errno for _words, errno in _WORDS)


def linux_errno(errno: int) -> int:
    """`errno` of any platform's socket call in Linux's numbers."""
    return _AS_LINUX.get(errno, errno)
