"""One change of a file on the other side, made by a script of its own."""

import secrets

from wizard.hosts.protocol import ByteEdit, FileChanged, HostError
from wizard.hosts.remote import edit_script
from wizard.hosts.remote.asking import Asking, said
from wizard.hosts.ssh.command import Output
from wizard.safety.sanitize import sanitize


def edit_there(asking: Asking, edit: ByteEdit) -> None:
    """Raises FileChanged, NotPermitted, HostError."""
    if "\0" in edit.path or b"\0" in edit.added:
        raise HostError(f"{edit.path!r} is no valid path")
    words = (edit_script.INNER, *_words(edit))

    def ask() -> Output:
        return asking.deed(edit_script.EDIT, sanitize(edit.path), 4096, *words)

    done = asking.again_with_sudo(ask, _said_when_denied)
    match done.exit_code:
        case 0:
            return
        case edit_script.CONFLICT:
            raise FileChanged(f"{edit.path} was changed since the preview; look at it again")
        case edit_script.DENIED:
            raise asking.not_permitted(edit.path, "written", done)
    raise HostError(f"{edit.path} is not written: {said(done) or f'exit code {done.exit_code}'}")


def _words(edit: ByteEdit) -> tuple[str, ...]:
    kind = "remove" if edit.after is None else "append" if edit.added else "cut"
    block = edit.added.decode("utf-8", "surrogateescape")
    first, second = (block, "") if edit.added else (str(edit.start), str(edit.end + 1))
    before = edit.before or "absent"
    return (kind, edit.path, before, edit.after or "", first, second, secrets.token_hex(4))


def _said_when_denied(done: Output) -> str:
    return said(done) if done.exit_code == edit_script.DENIED else ""
