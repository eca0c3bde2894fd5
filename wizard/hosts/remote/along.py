"""What is asked of another machine next comes along with an answer, and is kept for a while."""

from collections.abc import Callable

from wizard.hosts.protocol import Prefetch
from wizard.hosts.remote import prefetch_script
from wizard.hosts.remote.asking import SECTION_TIME, Asking, Script, said_of_sudo
from wizard.hosts.remote.prefetched import Ahead, parse_ahead
from wizard.hosts.ssh.command import Output

_SECONDS = SECTION_TIME + prefetch_script.COMMAND_SECONDS


class Along:
    """`known` is what has come along."""

    def __init__(self, asking: Asking) -> None:
        self.known = Ahead()
        self._asking = asking

    def ask(
        self,
        script: str,
        what: str,
        mark: str,
        words: Callable[[], tuple[str, ...]],
        along: Prefetch,
        needs: tuple[str, ...] = (),
    ) -> Output:
        """The answer of a script that ends with ALONG. Raises HostError."""
        limit = 8 << 20
        limit += sum(c.limit for c in along.commands) + sum(f.limit for f in along.files)
        asked, silence = along, self._asking.silence

        def all_words() -> tuple[str, ...]:
            nonlocal asked
            asked = silence.without(along)
            return (mark, *words(), *prefetch_script.arguments(asked))

        question = Script(script, what, limit, _SECONDS, needs, mark=mark)
        done = self._asking.again_with_sudo(
            lambda: self._asking.script(question, all_words), said_of_sudo(mark)
        )
        found = parse_ahead(done.stdout, mark, asked)
        silence.note_commands(found.unanswered)
        self.known |= found
        return done
