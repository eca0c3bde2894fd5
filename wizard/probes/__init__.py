"""The experiments: each opens connections of its own, changes nothing, and yields evidence.

A probe is a step that waits to be asked for. It is announced with what it will open, bounded in
time and connections, cancellable, and closes what it opened with COM_QUIT where the other side
still hears it.
"""
