"""A log file on the other machine that is held open there, and has lost its name.

The server goes on writing to it, nobody else finds it, and the disk has its room back as soon as
the server and the command that holds it are done with it (unlink(2)): also where the connection
ends without a word, as that command ends with its stdin.
"""

from wizard.hosts.protocol import HostError
from wizard.hosts.remote import scripts
from wizard.hosts.ssh.conversation import Conversation
from wizard.hosts.ssh.link import SshLink
from wizard.safety.sanitize import sanitize

BLOCK = 64 << 10

_MOST_BLOCKS = 64
_SECONDS = 20.0
_APPEARS_SECONDS = 45
"""How long the server may take to make the file: a little longer than it is waited for here."""

# $1: whether the account may make the server's files its own: it prints the bytes that are free.
ROOM = """[ -r "$1" ] && [ -w "$1" ] && [ -x "$1" ] || exit 1
set -- $(stat -f -c '%S %a' -- "$1"); echo "$(($1 * $2))" """

# $1 the file, $2 its folder, $3 how long it is waited for. It loses its name once the server has
# written to it: MySQL may fail to open one that loses it before. Then each line is a question,
# "blocks to skip, blocks to read", and is answered by the file's length, the free bytes, the
# length of what follows, whether the server has made another one since (FLUSH LOGS), and that.
_HOLD = (
    scripts.PLAIN
    + f"""echo ready
few=0.02
sleep 0.01 2>/dev/null || few=1
end=$(($(date +%s) + $3))
while [ ! -s "$1" ]; do
[ "$(date +%s)" -lt "$end" ] || {{ rm -f -- "$1"; exit 3; }}
sleep $few
done
[ ! -L "$1" ] && [ -f "$1" ] || {{ echo "it is no file of the server's" >&2; exit 5; }}
exec 3<"$1" || exit 4
rm -f -- "$1" || exit 4
echo held
while read -r skip count; do
size=$(stat -L -c %s /proc/$$/fd/3) || exit 6
room=$(stat -f -c '%S * %a' -- "$2")
left=$((size - skip * {BLOCK})) most=$((count * {BLOCK}))
[ $left -gt 0 ] || left=0
[ $left -le $most ] || left=$most
again=0
[ ! -e "$1" ] || again=1
echo "$size $(($room)) $left $again"
[ $left = 0 ] || dd if=/proc/$$/fd/3 bs={BLOCK} skip=$skip count=$count 2>/dev/null | head -c $left
done
rm -f -- "$1" """
)


class HeldLog:
    """Waits there for `path` from the beginning; `fetch` brings what has been written to it since,
    `size` and `free` are as of then. Raises HostError."""

    def __init__(self, link: SshLink, path: str) -> None:
        folder = path.rpartition("/")[0] or "/"
        line = scripts.command_line(_HOLD, path, folder, str(_APPEARS_SECONDS))
        self._talk = Conversation(link.connection(), line, sanitize(path), _SECONDS)
        self._is_held = False
        self._asked: int | None = None
        self._length: int | None = None
        self.data = bytearray()
        self.size = 0
        self.free: int | None = None
        self.was_reopened = False
        # Before the log is on: what runs there then takes the name away, whatever becomes of us.
        try:
            self._heard("ready")
        except HostError:
            self._talk.close()
            raise

    def wait(self) -> None:
        """Returns once the file is held and has no name any more."""
        if not self._is_held:
            self._heard("held")
        self._is_held = True

    def fetch(self, most: int) -> None:
        """Up to `most` bytes are kept in all. A signal may have ended the fetch before this one
        in the middle of an answer: the rest of that comes first."""
        self.wait()
        if self._asked is not None:
            self._answer(self._asked, most)
        while True:
            self._asked = skip = len(self.data) // BLOCK
            count = 0 if len(self.data) >= most else _MOST_BLOCKS
            self._talk.say(f"{skip} {count}\n".encode())
            if not self._answer(skip, most) or len(self.data) >= min(most, self.size):
                return

    def _answer(self, skip: int, most: int) -> int:
        """Takes in one answer; how much of it is new."""
        if self._length is None:
            self.size, self.free, self._length, again = self._counted(self._talk.line())
            self.was_reopened = self.was_reopened or again > 0
        fresh = self._talk.take(self._length)[len(self.data) - skip * BLOCK :]
        self._asked = self._length = None
        self.data += fresh[: max(0, most - len(self.data))]
        return len(fresh)

    def close(self) -> None:
        self._talk.close()

    def _heard(self, word: str) -> None:
        if self._talk.line() != word:
            raise HostError("what holds the log there gave an odd answer")

    @staticmethod
    def _counted(line: str) -> tuple[int, int, int, int]:
        try:
            size, free, length, again = map(int, line.split())
        except ValueError:
            raise HostError("what holds the log there gave an odd answer") from None
        if not 0 <= length <= _MOST_BLOCKS * BLOCK:
            raise HostError("what holds the log there gave an odd answer")
        return size, free, length, again
