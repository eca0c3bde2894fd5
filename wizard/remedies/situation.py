"""What a plan is made from: the server's values, what was measured, how values are kept.

Kept across a restart, that is. Reads; changes nothing.
"""

from dataclasses import dataclass

from wizard.case.case import Case
from wizard.hosts.protocol import Host
from wizard.remedies.doable import HandOn
from wizard.remedies.figures import NOTHING_OBSERVED, ObservedFigures, measure, with_high_water
from wizard.remedies.keeping import NOT_LOOKED_AT, Keeping, keeping_of
from wizard.remedies.managed import service_of
from wizard.remedies.place import UNKNOWN_PLACE, ChangePlace, place_of
from wizard.server.session import ServerInfo, ServerSession
from wizard.server.variables import Settings, read_settings
from wizard.target.model import Target


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that `plan` looks at. `label` names the target on screens; `identity` tells
    this server from another one, whatever way it is reached; `service` is the cloud's that runs
    it, None for a server of one's own."""

    info: ServerInfo
    settings: Settings
    measured: ObservedFigures = NOTHING_OBSERVED
    keeping: Keeping = NOT_LOOKED_AT
    label: str = ""
    identity: str = ""
    place: ChangePlace = UNKNOWN_PLACE
    service: HandOn | None = None


def observe(
    session: ServerSession,
    target: Target,
    case: Case | None = None,
    host: Host | None = None,
    files_at: Host | None = None,
) -> Situation:
    """Read what a plan needs. `files_at` is the host whose option files are looked at, for a
    change that is to last. Raises ServerError."""
    settings = read_settings(session)
    measured = with_high_water(measure(case), session)
    keeping = keeping_of(session.info, settings, target, files_at)
    return Situation(
        session.info,
        settings,
        measured,
        keeping,
        target.label,
        identity_of(settings),
        place_of(target, host),
        service_of(settings, session.info.version, target.host),
    )


def identity_of(settings: Settings) -> str:
    """The same however the server is reached; it survives a restart, not a re-installation.

    MariaDB makes its server_uid of the port and the network card alone: another server in its
    place has the same, and so have containers on different machines.
    """
    if uuid := settings.value("server_uuid"):
        return uuid
    uid = settings.value("server_uid")
    names = ("hostname", "datadir") if uid else ("hostname", "port", "datadir")
    return "|".join([*filter(None, [uid]), *(settings.value(n) or "" for n in names)])
