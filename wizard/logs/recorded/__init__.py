"""What a recorder wrote: found by its notes, read for a window, and made evidence.

notes = notes_in(host, directory)      note.py      which recorder writes where, for whom
lines = recorded(host, directory, ...) read.py      the events of a window, and the gaps
facts = evidence(recorded)             evidence.py  one signal a cause
"""
