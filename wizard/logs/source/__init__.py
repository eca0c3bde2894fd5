"""Reading a log where it lies: the project's own readers, sent over the channel.

A host that has Python 3.6 or newer runs the very modules that read a log here, so that both sides
give the same answer and no text is written twice. Nothing is installed there or left behind.

    converted.py    a module's source as Python 3.6 understands it
    older.py        what newer versions brought, for that Python
    program.py      all that a reader needs, as one program
    there.py        what runs at the other end: a question in, an answer out
    plain.py        answers as plain JSON, and back; nothing that comes is executed
    zone_steps.py   the operator's time zone, for stamps that name none
    ask.py          the question, at this end
"""
