"""The experiments: each opens connections of its own, changes nothing, and yields evidence.

A probe is a step that waits to be asked for. It is announced with what it will open, bounded in
time and connections, cancellable, and closes what it opened with COM_QUIT where the other side
still hears it.

    order.py    PROBES, the quick ones first
    shared/     ways to the server, room for sessions, watched connections
    idle/ packet/ statement/ latency/ path/ workload/
                in each: `probe` runs it, `ladder` says what to try next, `judge` what that means,
                `words` and `tables` how it is told
"""
