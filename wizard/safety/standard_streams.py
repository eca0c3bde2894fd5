"""Standard input, output and error that the caller closed are opened on /dev/null.

Some schedulers start programs so (`>&-`). Else the next file or socket would get the number of a
standard stream, and a program that is started would write into it.
"""

import os
import sys


def open_closed_streams() -> None:
    """Call it before anything is opened or printed."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)
    os.close(opened)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
