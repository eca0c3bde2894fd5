"""What the operating system says of a connection or a file, in the field's words.

Python and PyMySQL show it as `ConnectionResetError(104, 'Connection reset by peer')` or as
`[Errno 104] Connection reset by peer`: a class and a number that no operator of a database uses.
"""

import errno
import re

_WORDS = {
    errno.ECONNRESET: "connection reset, RST",
    errno.EPIPE: "the connection was closed before",
    errno.ETIMEDOUT: "timed out",
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNABORTED: "connection aborted",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "no route to the network",
}

_AS_CODE = re.compile(r"""\b\w+(?:Error|timeout)\((?:(\d+), )?(['"])(.*?)\2(?:, .*?)?\)""")
_AS_BYTES = re.compile(r""" \(b(['"]).*\1\)$""")
_OVER_TLS = re.compile(r"(?:_ssl\.c:\d+: )?The \w+ operation timed out")
_AS_NUMBER = re.compile(r"\[Errno (-?\d+)\] ([^():']*[^():' ])")


def in_words(text: str) -> str:
    """`text` with what Python shows of system errors put into words.

    The bytes that it found in place of others are left out."""
    text = _AS_CODE.sub(lambda m: _told(m[1], m[3]), text)
    text = _OVER_TLS.sub("timed out", text)
    return _AS_BYTES.sub("", _AS_NUMBER.sub(lambda m: _told(m[1], m[2]), text))


def _told(number: str | None, said: str) -> str:
    return _WORDS.get(int(number), said) if number else said
