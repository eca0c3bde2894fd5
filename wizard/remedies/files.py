"""The files of one machine as a change needs them: here, or on another machine over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wizard.hosts.protocol import ByteEdit, FileChanged, Host, HostError, NotFound
from wizard.remedies.files_here import FileChangeError, clear_here, content_here, edit_here
from wizard.remedies.place import Machine, machine_of, this_machine
from wizard.safety.sanitize import sanitize
from wizard.target.option_files import MAX_FILE

if TYPE_CHECKING:
    from wizard.hosts.remote.host import SshHost


class Files(Protocol):
    """Both calls raise FileChangeError, and leave the file as it was."""

    @property
    def machine(self) -> Machine: ...

    def content(self, path: str) -> bytes | None:
        """None where there is no such file."""
        ...

    def edit(self, edit: ByteEdit) -> None: ...

    def clear(self, path: str) -> None:
        """Remove what a killed wizard has left beside the file. Never raises."""
        ...


class FilesHere:
    """Those of the machine that the wizard runs on."""

    @property
    def machine(self) -> Machine:
        return this_machine()

    def content(self, path: str) -> bytes | None:
        return content_here(path)

    def edit(self, edit: ByteEdit) -> None:
        edit_here(edit)

    def clear(self, path: str) -> None:
        clear_here(path)


class FilesThere:
    """Those of a machine over SSH, as root where sudo lets us."""

    def __init__(self, host: SshHost) -> None:
        self._host = host

    @property
    def machine(self) -> Machine:
        return machine_of(self._host)

    def content(self, path: str) -> bytes | None:
        try:
            found = self._host.read(path, 0, MAX_FILE + 1)
        except NotFound:
            return None
        except HostError as error:
            raise FileChangeError(str(error)) from None
        if len(found) > MAX_FILE:
            raise FileChangeError(f"{sanitize(path)} is larger than {MAX_FILE} bytes")
        return found

    def edit(self, edit: ByteEdit) -> None:
        try:
            self._host.edit_file(edit)
        except FileChanged as changed:
            raise FileChangeError(str(changed)) from None
        except HostError as error:
            raise FileChangeError(sanitize(str(error))) from None

    def clear(self, path: str) -> None:
        """Nothing: what runs there outlives the wizard, and clears up after itself."""


def files_of(host: Host | None) -> Files:
    """The files of the server's machine, where it is another one over SSH; else those here."""
    from wizard.hosts.remote.host import SshHost

    return FilesThere(host) if isinstance(host, SshHost) else FilesHere()
