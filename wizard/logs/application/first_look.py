"""Lines of an application's log that tell nothing, known at a glance: most of them.

Such a line is one that no prefix, stack, object, known text, name of MySQL or word of trouble can
be in. All of these are looked for in its shape, once for all lines of that shape.
"""

import re
from functools import cache

from wizard.logs.application.client_drivers import names_mysql
from wizard.logs.application.prefixes import may_be_wrapped
from wizard.logs.application.stack_lines import is_stack, may_be_stack
from wizard.logs.application.trigger_texts import trigger_texts
from wizard.logs.engine.dull_shapes import DullShapes
from wizard.logs.engine.literal_tree import Tree, literals_in, tree_of

_SOME_PORT = ":0000"
"""What is left of MySQL's port in a shape."""

_DIGIT = re.compile("[0-9]")
_OTHER_THREAD = "Exception in thread"


class FirstLook:
    """Tells the lines that need no second look."""

    def __init__(self) -> None:
        self._dull = DullShapes(_may_tell)

    def is_dull(self, line: str) -> bool:
        """Whether nothing can be read out of this line but its time and that it is there."""
        return self._dull.is_dull(line.encode("utf-8", "surrogatepass"))


def _may_tell(line: bytes) -> bool:
    shape = line.decode("utf-8", "replace")
    return (
        _SOME_PORT in shape
        or names_mysql(shape)
        or shape.lstrip()[:1] == "{"
        or may_be_stack(shape)
        or is_stack(shape)
        or _OTHER_THREAD in shape
        or bool(literals_in(_shapes(), shape.lower()))
        or may_be_wrapped(shape)
    )


@cache
def _shapes() -> Tree:
    """The texts of which each line that tells anything holds one, their digits made zeros."""
    return tree_of({_DIGIT.sub("0", text) for text in trigger_texts()})
