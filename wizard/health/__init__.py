"""The server's machine: what its kernel, service manager and containers know.

    seen   = take(host, known, window)    snapshot.py          one module a source
    rows   = tables(seen)                 snapshot_tables.py
    moment = look(host)                   live.py              the numbers of this second

A module is named after what it reads: kernel_log, services, containers, cgroup, pressure,
process_limits, file_systems, network_counters, packages, host_boots, host_clock.
"""
