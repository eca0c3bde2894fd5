"""How long a connection may rest below a timeout: a pool's lifetime, a keepalive's pause."""


def lifetime_below(limit: int) -> int:
    """Whole seconds that a pool may keep a connection below a timeout of `limit` s.

    At least one.
    """
    return max(1, (limit * 1000 - margin_below(limit)) // 1000)


def keepalive_below(limit: int) -> int:
    """Whole seconds between two signs of life under a timeout of `limit` seconds.

    Half of it, so that one may be lost; at least one.
    """
    return max(1, limit // 2)


def margin_below(limit: int) -> int:
    """Milliseconds between a pool's limit and the shortest timeout of `limit` seconds.

    A tenth, at least 5 s and at most a minute, but never more than half of what there is.
    """
    return min(max(limit * 100, 5000), 60_000, limit * 500)
