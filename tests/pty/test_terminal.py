"""The terminal that the tests here drive: nothing that a program writes is lost."""

import pytest

from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

WRITES = "import os; os.write(1, b'x' * 9000 + b'the end')"


def test_what_a_program_writes_as_it_ends_is_read_to_the_end() -> None:
    """A pseudo-terminal gives 4 KiB a read, and the program may be gone before the first."""
    with Terminal(WRITES) as terminal:
        terminal.process.wait(120)
        assert terminal.exit_code() == 0
        assert terminal.output.endswith(b"the end")
    with Terminal(WRITES) as terminal:
        terminal.process.wait(120)
        terminal.until("the end")
