"""The names of the probes, for the command line and the screens.

They are named again here, since importing `wizard.probes` takes several times as long as the
first paint may; a test holds the two lists together.
"""

ALL = "all"

PROBE_IDS: tuple[str, ...] = ("latency", "path", "packet", "idle", "statement", "workload")
