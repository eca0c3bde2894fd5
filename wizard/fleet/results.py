"""A directory with one case and one result a host: what a fleet leaves, and goes on from."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from wizard.case.json_codec import CodecError
from wizard.fleet.result import HostResult, result_from
from wizard.safety.errors import UsageError
from wizard.safety.plain_file import read_plain
from wizard.safety.private_file import write_private
from wizard.safety.sanitize import sanitize
from wizard.safety.state_directory import make_private

_ENDING = ".result.json"
_MAX_BYTES = 1 << 20


def file_name(host: str) -> str:
    """A file's name for a host, which may be called anything."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", host).lstrip(".")[:100]
    if plain == host:
        return plain
    whole = host.encode("utf-8", "surrogatepass")
    return f"{plain}-{hashlib.sha256(whole).hexdigest()[:8]}"


class ResultDirectory:
    """Made where it is missing, for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Raises UsageError."""
        try:
            make_private(self.path)
        except OSError as error:
            raise UsageError(f"{sanitize(str(self.path))}: {error.strerror}") from None

    def case_path(self, host: str) -> Path:
        return self.path / f"{file_name(host)}.case.json"

    def keep(self, result: HostResult) -> None:
        """Raises CannotWriteError."""
        raw = json.dumps(result.as_data(), indent=1).encode("ascii")
        write_private(self.path / f"{file_name(result.host)}{_ENDING}", raw, True)

    def result(self, host: str) -> HostResult | None:
        """What is known of the host, or None; a file that is damaged is as good as none."""
        return _read(self.path / f"{file_name(host)}{_ENDING}")

    @property
    def holds_any(self) -> bool:
        try:
            return next(self.path.glob(f"*{_ENDING}"), None) is not None
        except OSError:
            return False

    def results(self) -> Iterator[HostResult]:
        for path in sorted(self.path.glob(f"*{_ENDING}")):
            result = _read(path)
            if result is not None:
                yield result


def _read(path: Path) -> HostResult | None:
    try:
        return result_from(json.loads(read_plain(path, _MAX_BYTES)))
    except (OSError, ValueError, RecursionError, CodecError):
        return None
