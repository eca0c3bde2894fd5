"""Who we are: keys of the agent and of files, keyboard-interactive, password.

The order is OpenSSH's: keys first, then what has to be typed.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import paramiko
from paramiko.ssh_exception import AuthenticationException, BadAuthenticationType, SSHException

from wizard.hosts.ssh.config import SshSettings
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.own_keys import AGENT_TIME, TYPED_ATTEMPTS, own_keys
from wizard.hosts.ssh.prompt import Question, Remembered
from wizard.hosts.ssh.transport import SshTransport
from wizard.safety.sanitize import sanitize
from wizard.units import duration

_MAX_FACTORS = 4

_TYPED = ("keyboard-interactive", "password")

UNTYPED_TIME = 60.0
"""Seconds for all of a login's answers that nobody has to type or confirm something for."""


@dataclass(slots=True)
class _Attempts:
    """What was tried, for the message that says why nobody was let in."""

    keys: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    typed: bool = False
    waited: float = 0.0
    """Seconds for answers that nobody has to type or confirm something for."""

    @property
    def left(self) -> float:
        """Seconds of UNTYPED_TIME that are left."""
        return max(0.1, UNTYPED_TIME - self.waited)

    @contextmanager
    def untyped(self, transport: paramiko.Transport) -> Iterator[None]:
        """One question of a login that only the other side has to answer."""
        begun = time.monotonic()
        try:
            with _answered(transport, self.left):
                yield
        finally:
            self.waited += time.monotonic() - begun


class _NoAnswer(EOFError):
    """The other side was silent, or went away: that is no word against a key."""


def authenticate(transport: paramiko.Transport, settings: SshSettings, prompt: Remembered) -> str:
    """Log in, and say how. Raises SshError."""
    tried = _Attempts()
    try:
        allowed = _allowed(transport, settings.user, tried)
        if transport.is_authenticated():
            return "without authentication"
        for _ in range(_MAX_FACTORS):
            how, allowed = _one_factor(transport, settings, prompt, tuple(allowed), tried)
            if transport.is_authenticated():
                return how
            if not how:
                break
    except (SSHException, EOFError, OSError) as error:
        raise _broken_off(settings, tried, error) from None
    raise _refusal(settings, tuple(allowed), prompt, tried)


def _allowed(transport: paramiko.Transport, user: str, tried: _Attempts) -> Sequence[str]:
    try:
        with tried.untyped(transport):
            transport.auth_none(user)
    except BadAuthenticationType as told:
        return tuple(told.allowed_types)
    return ()


@contextmanager
def _answered(transport: paramiko.Transport, seconds: float) -> Iterator[None]:
    """One question of a login. The library tells silence, and a connection that is gone, as a
    refusal; this raises _NoAnswer."""
    held, transport.auth_timeout = transport.auth_timeout, seconds
    try:
        yield
    except AuthenticationException as refused:
        if "timeout" in str(refused):
            raise _NoAnswer(f"no answer within {duration(round(seconds))}") from None
        if not transport.is_active() and not _was_one_too_many(transport):
            raise _NoAnswer from None
        raise
    finally:
        transport.auth_timeout = held


def _was_one_too_many(transport: paramiko.Transport) -> bool:
    """Whether sshd refused the key, and ended the login at once (MaxAuthTries)."""
    farewell = transport.farewell if isinstance(transport, SshTransport) else ""
    return "Too many authentication failures" in farewell


def _one_factor(
    transport: paramiko.Transport,
    settings: SshSettings,
    prompt: Remembered,
    allowed: Sequence[str],
    tried: _Attempts,
) -> tuple[str, Sequence[str]]:
    """The method that was accepted ("" for none) and what the server still asks for."""
    if "publickey" in allowed:
        for name, key in own_keys(settings, prompt, tried.notes):
            tried.keys.append(name)
            # An agent may ask somebody first.
            by_agent = isinstance(key, paramiko.AgentKey)
            try:
                with _answered(transport, AGENT_TIME) if by_agent else tried.untyped(transport):
                    left = transport.auth_publickey(settings.user, key)
            except AuthenticationException:
                continue
            return f"key {name}", left
    if prompt.can_answer:
        for method in _TYPED:
            if method in allowed:
                accepted = _typed(transport, settings, prompt, method, tried)
                if accepted is not None:
                    return method, accepted
    return "", allowed


@dataclass(slots=True)
class _Asker:
    """Asks one round of questions; `refused` where one before it was answered in vain,
    `declined` once the operator gave no answer."""

    who: str
    prompt: Remembered
    refused: bool = False
    given: list[tuple[Question, str]] = field(default_factory=list)
    declined: bool = False

    def ask(self, text: str, secret: bool) -> str:
        again = "that was not accepted, once more: " if self.refused else ""
        question = Question(f"{self.who}: {again}{text}", secret, f"{self.who} {text}")
        answer = None if self.declined else self.prompt(question)
        if answer is None:
            self.declined = True
            return ""
        self.given.append((question, answer))
        return answer

    def keep(self) -> None:
        """The answers were right."""
        for question, answer in self.given:
            self.prompt.accepted(question, answer)


def _typed(
    transport: paramiko.Transport,
    settings: SshSettings,
    prompt: Remembered,
    method: str,
    tried: _Attempts,
) -> Sequence[str] | None:
    """What is left to do after the method was accepted, or None. Raises SshError where the
    operator gives no answer."""
    asked = False
    for _ in range(TYPED_ATTEMPTS):
        asker = _Asker(f"{settings.user}@{settings.host}", prompt, asked)
        try:
            with _answered(transport, transport.auth_timeout):
                left = _offer(transport, settings.user, method, asker)
        except BadAuthenticationType:
            return None
        except AuthenticationException:
            if asker.declined:
                raise SshError(
                    SshFailure.WRONG_PASSWORD, f"no password was given for {asker.who}"
                ) from None
            if not asker.given:
                return None
            tried.typed = asked = True
            continue
        asker.keep()
        return left
    return None


def _offer(transport: paramiko.Transport, user: str, method: str, asker: _Asker) -> Sequence[str]:
    if method == "password":
        password = asker.ask("Password: ", True)
        if asker.declined:
            raise AuthenticationException
        return transport.auth_password(user, password, fallback=False)

    # Runs in the transport's own thread, which must not see an exception of ours.
    def handler(_title: str, told: str, prompts: list[tuple[str, bool]]) -> list[str]:
        first = f"{sanitize(told, 200).strip()} ".lstrip()
        return [
            asker.ask(f"{'' if n else first}{sanitize(text, 200)}", not echo)
            for n, (text, echo) in enumerate(prompts)
        ]

    return transport.auth_interactive(user, handler)


def _broken_off(settings: SshSettings, tried: _Attempts, error: Exception) -> SshError:
    if len(tried.keys) > 2:
        return SshError(
            SshFailure.NO_KEY_ACCEPTED,
            f"{settings.host} ended the login of {settings.user} after {len(tried.keys)} keys",
            "set IdentityFile and IdentitiesOnly yes for it in ~/.ssh/config",
        )
    return SshError(
        SshFailure.LOST,
        f"{settings.host} broke off the login of {settings.user} "
        f"({sanitize(str(error)) or 'closed'})",
        "look at sshd's own log on the host",
    )


def _refusal(
    settings: SshSettings, allowed: Sequence[str], prompt: Remembered, tried: _Attempts
) -> SshError:
    who = f"{settings.user} on {settings.host}"
    if tried.typed:
        return SshError(
            SshFailure.WRONG_PASSWORD, f"the password of {who} was not accepted", "try again"
        )
    methods = ", ".join(sanitize(m, 40) for m in allowed) or "nothing"
    if not {"publickey", *_TYPED} & set(allowed):
        return SshError(
            SshFailure.METHOD_NOT_ALLOWED,
            f"{settings.host} lets {settings.user} in only by {methods}, which is not offered here",
            "allow publickey for the account in sshd_config (AuthenticationMethods)",
        )
    if "publickey" not in allowed:
        return SshError(
            SshFailure.METHOD_NOT_ALLOWED,
            f"{settings.host} takes no keys for {settings.user}, only {methods}",
            "run in a terminal, where the password can be asked for",
        )
    keys = f"{', '.join(tried.keys)} {'was' if len(tried.keys) == 1 else 'were'} refused"
    notes = "; ".join([keys if tried.keys else "there was no key to offer", *tried.notes])
    advice = "add the public key to the account's authorized_keys, or name another user or key"
    if not prompt.can_answer and set(_TYPED) & set(allowed):
        advice += "; in a terminal the password would be asked for"
    return SshError(SshFailure.NO_KEY_ACCEPTED, f"no key of ours opens {who}: {notes}", advice)
