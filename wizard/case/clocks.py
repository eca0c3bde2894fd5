"""What clocks, logs and uptimes may err, and how long things linger. One place for each.

Durations are timedeltas; the modules that reckon in seconds take `total_seconds()`.
"""

from datetime import timedelta

WHOLE_SECONDS = timedelta(seconds=2)
"""MariaDB's log and every uptime have whole seconds, and an application stamps after the fact."""

OWN_TRACES = timedelta(seconds=5)
"""The server may notice the end of one of our own sessions a little after us."""

UPTIME = timedelta(seconds=10)
"""A start time reckoned back from the uptime is exact to a second or two, and steps wait."""

KERNEL_LOG = timedelta(minutes=2)
"""Kernel ring-buffer stamps drift against the wall clock (dmesg(1), --ctime)."""

STARTED = timedelta(seconds=2)
"""The same, where what came just before that start would be another life's."""

TWO_CLOCKS = timedelta(minutes=2)
"""Between a process's start and `now - Uptime`; a larger difference means another server."""

SAME_START = timedelta(seconds=5)
"""Within which the start time alone names the process: the server notes its start before it
opens its data, and both times are to the second."""

PACKAGE_LOG = timedelta(minutes=10)
"""A package's transaction is logged at its start; the server restarts near its end."""

ECHO = timedelta(hours=1)
"""For so long a program may go on using a connection that it has lost, without a word of it."""

QUIET_LOG = timedelta(days=92)
"""A server that runs may log nothing for weeks; a log that ended before is not the one in use, as
the packages rotate theirs each month at the latest (logrotate.d/mysql-server, mariadb)."""

NEAR_DEATH = timedelta(days=1)
"""Between a kill without a known pid and what was seen of the server, if it was of that server: a
busy one logs something each day, and who restarts it does so within a day."""
