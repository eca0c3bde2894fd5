"""The new lines of the application's log, as the errors that they tell of."""

from datetime import datetime, timedelta

from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.hosts.protocol import Host, HostError
from wizard.logs.application.read import scan_text

_MOST = 1 << 20


class AppTail:
    """Follows one file from its end. A stamp without a zone is this machine's time."""

    def __init__(self, host: Host, path: str) -> None:
        """Raises HostError where it cannot be read."""
        self.path = path
        self._host = host
        self._offset = host.stat(path).size
        self._rest = b""

    def new_failures(self) -> tuple[Failure, ...]:
        """Nothing where the file is out of sight for the moment."""
        try:
            size = self._host.stat(self.path).size
            if size < self._offset:
                self._offset, self._rest = 0, b""
            self._offset = max(self._offset, size - _MOST)
            data = self._host.read(self.path, self._offset, size - self._offset)
        except HostError:
            return ()
        self._offset += len(data)
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if not newline:
            return ()
        now = datetime.now().astimezone()
        around = Window(now - timedelta(days=1), now + timedelta(days=1), asked=True)
        return scan_text(whole.decode("utf-8", "replace"), around).failures
