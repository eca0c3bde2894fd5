"""Which kind of service begins to talk like this. Pure: bytes in, words out."""

_BEGINNINGS = (
    (b"HTTP/", "an HTTP server"),
    (b"<", "an HTTP server"),
    (b"SSH-", "an SSH server"),
    (b"220", "an SMTP or FTP server"),
    (b"* OK", "an IMAP server"),
    (b"+OK", "a POP3 server"),
    (b"-ERR", "a Redis server"),
    (b"RFB ", "a VNC server"),
    (b"AMQP", "an AMQP server"),
    (b"\x15\x03", "a TLS server"),
    (b"\x16\x03", "a TLS server"),
)


def speaker(heard: bytes) -> str:
    """What `heard`, which is no greeting of the classic protocol, comes from."""
    for start, name in _BEGINNINGS:
        if heard.startswith(start):
            return name
    if b"HY000Invalid message" in heard or heard[4:5] == b"\x0b":
        return "the X protocol (its port is not for classic clients)"
    return "something else"
