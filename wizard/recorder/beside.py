"""Another investigation of the same server, for a thread of its own."""

from collections.abc import Callable

from wizard.case.case import Case
from wizard.investigation.run import Event, Investigation
from wizard.steps.step import Context


def beside(
    context: Context,
    case: Callable[[], Case],
    listen: Callable[[Event], None] = lambda _event: None,
) -> Investigation:
    """Another investigation of the same server, with a session of its own."""
    return Investigation(
        context.target,
        context.sources,
        case(),
        context.connector,
        context.host,
        context.host_reason,
        listen,
        app_host=context.app_host,
    )
