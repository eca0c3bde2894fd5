"""What a host may have in common with others: version, settings, proxy, time, subnet."""

import ipaddress
from collections.abc import Iterable
from datetime import datetime

from wizard.case import facts
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis

SETTINGS = (
    "wait_timeout", "interactive_timeout", "max_allowed_packet", "net_read_timeout",
    "net_write_timeout", "connect_timeout", "max_connections", "max_user_connections",
    "max_statement_time", "max_execution_time", "skip_name_resolve", "thread_handling",
    "innodb_buffer_pool_size", "require_secure_transport",
)  # fmt: skip
"""Variables that decide when a connection ends."""

_SLOT = 10
"""Minutes: what began within them began together."""


def traits_of(case: Case, diagnosis: Diagnosis) -> dict[str, str]:
    """By name. What is not known is left out."""
    found: dict[str, str] = {}
    settings = case.step("settings")
    if settings is not None:
        known = settings.facts
        found.update({n: str(known[n]) for n in SETTINGS if known.get(n) not in (None, "")})
    series = case.target.version and ".".join(case.target.version.split("-")[0].split(".")[:2])
    if series:
        found["version"] = f"{case.target.flavor} {series}"
    proxy = case.fact(facts.PROXY_TIMEOUT)
    if proxy is not None:
        found["proxy timeout"] = str(proxy)
    began = min((r.first for f in diagnosis.accused for r in f.supports if r.first), default=None)
    if began is not None:
        found["began"] = _slot(began)
    return found


def subnet_of(addresses: Iterable[str]) -> str:
    """The /24 (IPv6: /64) of the first that is an address, or ""."""
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        length = 24 if address.version == 4 else 64
        return str(ipaddress.ip_network(f"{address}/{length}", strict=False))
    return ""


def _slot(at: datetime) -> str:
    local = at.astimezone()
    begins = local.replace(minute=local.minute // _SLOT * _SLOT, second=0, microsecond=0)
    return f"{begins:%Y-%m-%d %H:%M} or up to {_SLOT} min later"
