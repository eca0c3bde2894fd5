"""How a server parts from its sessions, and what its clients can tell of that. Pure.

MariaDB without a thread pool resets a session that idles too long (RST), and ends one in order
(FIN) that is killed or that a shutdown or its own death takes along. A client library that asks
and gets an end of file says 2013 "during query" without an error of the system's; after a reset
it says 2006 or names the reset. MySQL ends all of them in order.
"""

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Failure, Phase

_ONE_THREAD_EACH = "one-thread-per-connection"
_LOST_IN_QUERY = 2013


def resets_the_idle(case: Case) -> bool:
    """Whether this server ends idle sessions with a reset, and others in order."""
    return (
        case.target.flavor == "mariadb"
        and case.fact(facts.setting("thread_handling")) == _ONE_THREAD_EACH
    )


def met_an_orderly_end(failure: Failure) -> bool:
    """Whether the client read an end of file where it waited for an answer."""
    return failure.number == _LOST_IN_QUERY and not failure.errno and failure.phase is Phase.QUERY
