"""What the engine says to somebody at a command line, in the keys of the screens.

One text serves the command line, the reports and the screens; only the way to do something differs.
What no key does stays a command or an option of the start. Pure.
"""

from __future__ import annotations

import re

from wizard.steps.names import PROBE_IDS, title_of

_FORM = "Log, on the first screen"
"""Where a log of the server's is named: the form finds out its kind."""

_OURS = r"(?<![\w/.-])goneaway-wizard"
"""The program in a sentence; with a path before it, it is a command line that somebody wrote."""

_PROBE = (
    rf"(?:{_OURS} check |(?<!goneaway-wizard )(?<![\w/.-])check |(?<=; ))"
    rf"--probe (?P<probe>{'|'.join(PROBE_IDS)})\b(?: --idle-limit (?P<idle>\d+)s)?"
)

_PHRASES: tuple[tuple[str, str], ...] = (
    (r"\(paste it, or use --app-log\)", "(paste it, or name its log in App log)"),
    (r"\(--app-log(?P<more>, [^)]*)?\)", r"(1, App log\g<more>)"),
    (r"(?P<what>right log\?) --app-log", r"\g<what> 1, App log"),
    (r"\(option tcplog\) as --app-log\b", "(option tcplog; 1, App log)"),
    (r"\(--(?:error|general|slow)-log\)", f"({_FORM})"),
    (
        r"(?P<what>\(docker logs\)|kubectl logs`|\bname it|\bgive the log) with --error-log\b",
        rf"\g<what> ({_FORM})",
    ),
    (r"^--(?P<kind>error|general|slow)-log: ", r"\g<kind> log, as named: "),
    (r"name it as that \([^)]*logs --kind [^)]*\)", f"name it alone ({_FORM})"),
    (rf"{_OURS} capture general\b", "L General log, a"),
    (rf"{_OURS} capture slow(?: --long [\d.]+)?", "S Slow log, a"),
    (rf"{_OURS} watch --dir(?: DIR\b|(?=\)))", "W Recorder, a"),
    (rf"{_OURS} undo \S+ takes", "u takes"),
    (r"; fix \S+ again finishes it", "; applying it again finishes it"),
    (rf"{_OURS} check tells whether", "F6 reads all again and tells whether"),
    (rf"{_OURS} explain (?P<word>[\w-]+)", r"K \g<word>"),
    (r"\bgive --socket or --host 127\.0\.0\.1", "give its Socket, or Host 127.0.0.1"),
    (r"\bgive the server's socket with --socket\b", "give the server's Socket"),
    (r"\bconnect over TCP with --host 127\.0\.0\.1", "connect over TCP: Host 127.0.0.1"),
    (r"\buse -p, --password-file or ~/\.my\.cnf", "F5 asks for one"),
    (r"\((?P<flag>--since)\)", r"(start with \g<flag>)"),
    (
        r"(?<!start with )\ba shorter (?P<flag>--since) shows",
        r"a start with a shorter \g<flag> shows",
    ),
)
_KNOWN = tuple((re.compile(pattern, re.MULTILINE), said) for pattern, said in _PHRASES)
_EXPERIMENT = re.compile(f"{_PROBE}(?:, or the Network screen)?")
_LIMIT = re.compile(r"\brepeat it with --idle-limit (?P<idle>\d+)s")


def in_keys(text: str) -> str:
    """`text` for a screen: options and commands that have a key are told by it."""
    if "--" not in text and "goneaway-wizard " not in text:
        return text
    text = _EXPERIMENT.sub(_place, text)
    text = _LIMIT.sub(r"repeat it with Idle \g<idle> (7, l)", text)
    for pattern, said in _KNOWN:
        text = pattern.sub(said, text)
    return text


def _place(found: re.Match[str]) -> str:
    limit = f", with Idle {found['idle']}" if found["idle"] else ""
    return f"7 Network, {title_of(found['probe'])}{limit}"
