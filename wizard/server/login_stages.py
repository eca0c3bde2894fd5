"""How long the stages of one login took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

LoginStage = Literal["resolve", "open", "greeting", "tls", "login"]


@dataclass(slots=True)
class LoginStages:
    """Seconds that each stage took; None for one that did not happen, or was not seen.

    `open` is the TCP handshake, `greeting` the wait for the server's first packet, `tls` the
    TLS handshake, `login` the authentication without it. Through SSH the name is resolved on
    the other side, within `open`.
    """

    resolve: float | None = None
    open: float | None = None
    greeting: float | None = None
    tls: float | None = None
    login: float | None = None

    @contextmanager
    def of(self, lap: LoginStage) -> Iterator[None]:
        """Time what happens inside, also where it fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            setattr(self, lap, time.monotonic() - began)
