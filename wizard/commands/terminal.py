"""Asking and telling on a terminal. stdout carries the answer alone; this uses stderr."""

import getpass
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from wizard.hosts.ssh.prompt import Prompt, Question
from wizard.investigation.local_servers import LocalServer
from wizard.safety.errors import UsageError
from wizard.safety.private_file import CannotWriteError
from wizard.safety.sanitize import sanitize
from wizard.units import whole_number


def print_answer(text: str) -> None:
    """`text` on stdout as it is; what its encoding lacks becomes `?` and is no error (LANG=C).

    Raises BrokenPipeError, and CannotWriteError where the disk behind it is full."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotWriteError(f"standard output cannot be written: {error.strerror}") from None


def print_lines(texts: Iterable[str]) -> None:
    """Lines of the answer, each as it comes."""
    for text in texts:
        print_answer(f"{text}\n")


def print_prose(texts: Iterable[str]) -> None:
    """Lines of the answer, of which a terminal breaks no word; what is copied stays whole."""
    print_lines(in_columns(texts, columns()))


def columns() -> int | None:
    """How wide the terminal is; None where the answer goes into a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def in_columns(texts: Iterable[str], width: int | None) -> Iterator[str]:
    """Sentences in lines of at most `width`, going on below their beginning. SQL, commands and
    differences, which stand two blanks in, are left as they are. Pure."""
    for text in texts:
        inside = len(text) - len(text.lstrip())
        is_copied = inside == 2 and " -> " not in text
        if width is None or len(text) <= width or is_copied:
            yield text
            continue
        bullet = re.match(r"- |\d+\. ", text[inside:])
        below = " " * (inside + (len(bullet[0]) if bullet else 0))
        yield from textwrap.wrap(
            text, max(width, 20), subsequent_indent=below, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip


def remark(text: str) -> None:
    from wizard.safety.redact import mask_secrets

    print(f"goneaway-wizard: {sanitize(mask_secrets(text).text)}", file=sys.stderr)


def ask_password() -> Callable[[str], str] | None:
    """A prompt, or None where nobody can answer one."""
    return _password if sys.stdin.isatty() else None


def _password(prompt: str) -> str:
    """Raises UsageError where Ctrl-D is the answer."""
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise UsageError("no password was given: use --password-file, or -p once more") from None


def ask_question() -> Prompt | None:
    """Asks on the terminal what SSH wants to know, or None where nobody can answer."""
    return _answer if sys.stdin.isatty() and sys.stderr.isatty() else None


def _answer(question: Question) -> str | None:
    text = in_whole_words(sanitize(question.text), shutil.get_terminal_size().columns)
    try:
        if question.secret:
            return getpass.getpass(text)
        print(text, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().rstrip("\n") or None
    except EOFError:
        return None


def in_whole_words(text: str, columns: int) -> str:
    """Lines of at most `columns`, in which no word is broken: fingerprints are compared by eye."""
    kept = " " * (len(text) - len(text.rstrip()))
    lines = textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) + kept


def choose_server(servers: Sequence[LocalServer]) -> LocalServer:
    """Ask which one. Raises UsageError where there is no terminal to ask on."""
    lines = [f"  {number}  {server.description}" for number, server in enumerate(servers, 1)]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        listed = "; ".join(server.description for server in servers)
        raise UsageError(f"several servers run here, name one with -S or -P: {listed}")
    print("Several servers run on this machine:", *lines, sep="\n", file=sys.stderr)
    while True:
        print("Which one? ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise UsageError("no server was chosen: name one with -S or -P")
        if chosen := whole_number(answer.strip(), len(servers)):
            return servers[chosen - 1]


def confirmed(word: str, purpose: str) -> bool:
    """Whether the operator types `word`; never where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"Type '{word}' to {purpose}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == word
