"""The error logs at the usual places of a machine, where nobody can be asked for the place.

A stale one may lie there for years after its server: who takes one looks when it was written last.
"""

from wizard.hosts.protocol import Host, HostError
from wizard.target.defaults import DEFAULT_ERROR_LOGS


def usual_files(host: Host, datadir: str) -> list[tuple[float, str]]:
    """When each was written last, in seconds since 1970, and its path; the newest first.

    Also what lies in the data directory. Without those that are empty or cannot be seen.
    """
    stamped: list[tuple[float, str]] = []
    for path in (*DEFAULT_ERROR_LOGS, *_error_files(host, datadir)):
        try:
            found = host.stat(path)
        except HostError:
            continue
        if not found.is_dir and found.size:
            stamped.append((found.mtime, path))
    return sorted(stamped, reverse=True)


def _error_files(host: Host, directory: str) -> tuple[str, ...]:
    try:
        names = host.list_dir(directory)
    except HostError:
        return ()
    return tuple(f"{directory}/{name}" for name in names if name.endswith(".err"))
