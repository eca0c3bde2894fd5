"""A target that nobody answers, as the command line would make it: for the first paint."""

from screens.opening import Engine, Listen, Live
from wizard.target.model import Sources, Target


def _begin(_listen: Listen) -> Engine:
    raise OSError("not in this test")


OPENING = Live(Target("127.0.0.1"), Sources(), _begin)
