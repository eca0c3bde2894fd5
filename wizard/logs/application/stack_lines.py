"""Which lines go on with the record above: frames, causes, source lines, closing brackets.

A stack trace is many lines of one event. Where each of them carries a prefix of its own
(a container's, syslog's, the logger's), only the text behind the prefix tells.
"""

import re

_FRAME = re.compile(
    r"\s*(?:!\s+)?(?:at (?:async )?(?:new )?[\w.$/<>@`\[\]+-]+(?: \[as [^\]]+\])?[ (]|at (?:async )?(?:file://)?/\S+:\d+:\d+"
    r"|\.\.\. \d+ (?:more|common frames|lines matching)"
    r"|File \"[^\"\n]+\", line \d+"
    r"|#\d+ (?:/|\{main\}|\[internal|[\w\\]+(?:->|::)|phar:)|PHP\s+\d+\. "
    r"|(?:from )?(?:/|\.{0,2}/|[\w.-]+/)\S+\.rb:\d+:in [^:]{1,120}$|↳ "
    r"|goroutine \d+ \[|[\w./()*{}\[\]-]{3,200}\((?:0x[0-9a-f]+|\.\.\.|[, {}?])*\)$"
    r"|/\S+\.go:\d+ \+0x"
    r"|\d+: 0x[0-9a-f]+ - |\S.{0,200} called at \S+ line \d+"
    r"|--- \S[^\n]{8,120}? ---$"
    r"|(?:at|bei|à|en|in|em|w|v|в|在|場所|위치:) [\w.]+\.[\w.<>`|\[\], ]+\()"
)
_CHAIN = re.compile(
    r"\s*(?:Caused by:|Suppressed:|Wrapped by:|During handling of the above exception"
    r"|The above exception was the direct cause|Next [\w\\]+(?:Exception|Error)\w*:"
    r"|\[(?:previous exception|cause|stacktrace|errors|SQL:|parameters:)|STACKTRACE:|Stack trace:"
    r"|PHP Stack trace:|\*\* (?:BEGIN|END) NESTED EXCEPTION|nested exception is"
    r"|MESSAGE: |thrown in |\(Background on this error at|### |; "
    r"|---> |Inner ?Exception|Exception: [A-Z][\w.]+(?:Exception|Error)$"
    r"|Stack ?Trace:?$|Details:$|-{3,} Inner|SQL State +: |Error Code +: |Message {2,}: )"
)
_TRACEBACK = re.compile(r"\s*(?:Exception in \S.*\n)?Traceback \(most recent call last\)")
_RUBY_CAUSE = re.compile(r"\S+\.rb:\d+:in [`'][^'`]{1,120}['`]: ")
_CLOSING = re.compile(r"\s*[)\]}>\"',;^~|.-]*\s*$")
_EXCEPTION = re.compile(
    r"(?:! )?(?:Uncaught |Unhandled |Unhandled exception\. |Exception in thread \"[^\"]*\" "
    r"|Fatal error: Uncaught |panic: |\[Error: )?(?:[A-Za-z_][\w.$\\/]*?)?"
    r"(?:Error|Exception|Throwable|Fault|Warning|Failure)(?: \[\w+\])?(?::| \(|$)"
)
_QUOTES_CODE = re.compile(r"\s*File \"[^\"\n]+\", line \d+|(?:file://)?/\S+\.[cm]?[jt]s:\d+$")
_INDENTED_CODE = re.compile(r"\s{4,}\S")


def is_continuation(text: str) -> bool:
    """Whether `text`, behind any prefix, can only belong to the record above."""
    return (
        text[:1] in (" ", "\t")
        or _FRAME.match(text) is not None
        or _CHAIN.match(text) is not None
        or _TRACEBACK.match(text) is not None
        or _CLOSING.match(text) is not None
    )


def may_be_stack(text: str) -> bool:
    """Whether a closer look at `text`, with any prefix, is worth its while."""
    # Asked of every line of a log: a pattern would take longer.
    return (
        ("at " in text and text[-1:] in ")]{\r")
        or 'File "' in text
        or "Caused by" in text
        or "Traceback (" in text
        or "#" in text
        or "..." in text
        or "above exception" in text
        or "tack trace" in text
        or "[stacktrace]" in text
        or "[previous " in text
        or "thrown in " in text
        or ".rb:" in text
        or ".go:" in text
        or "-> " in text
        or "PHP " in text
    )


def is_stack(text: str) -> bool:
    """Whether `text` is a stack's line by its words, however it is indented."""
    return (
        _FRAME.match(text) is not None
        or _CHAIN.match(text) is not None
        or _TRACEBACK.match(text) is not None
    )


def is_frame(text: str) -> bool:
    """Whether `text` is a stack's frame, which names code and tells no error of its own."""
    return _FRAME.match(text) is not None


def chains(text: str) -> bool:
    """Whether the next exception is the cause, or a consequence, of the one above."""
    return _CHAIN.match(text) is not None


def goes_below(text: str) -> bool:
    """Whether `text` begins the cause of the stack above it.

    Ruby prints one as a frame that ends with the message.
    """
    return _RUBY_CAUSE.match(text) is not None


def begins_traceback(text: str) -> bool:
    return _TRACEBACK.match(text) is not None


def begins_exception(text: str) -> bool:
    """Whether `text` begins with an exception's class, as the head of a stack does."""
    return _EXCEPTION.match(text) is not None


def quotes_code(text: str) -> bool:
    """Whether the line after `text` is source code.

    Below a Python frame, and below the place where Node threw.
    """
    return _QUOTES_CODE.match(text) is not None


def is_source_code(text: str) -> bool:
    """Whether `text` is indented as a quoted line of code is."""
    return _INDENTED_CODE.match(text) is not None


def frame_place(text: str) -> int:
    """Where in `text`, behind a logger's own header, a stack's line begins; -1 for none."""
    found = _ANYWHERE.search(text)
    return -1 if found is None else found.start("line")


_ANYWHERE = re.compile(
    r"(?:^|[\s\]:>)|-])(?P<line>\s*(?:at [\w.$<>/]+\([^()]*\)$|at .{1,200}:\d+:\d+\)?$"
    r"|\.\.\. \d+ (?:more|common frames)|  File \"[^\"\n]+\", line \d+"
    r"|#\d+ (?:/|\{main\}|\[internal)|Caused by: |Traceback \(most recent call last\)"
    r"|Stack trace:$|PHP Stack trace:|PHP\s+\d+\. |During handling of the above"
    r"|The above exception was|thrown in \S+ on line))"
)
