"""What the wizard can do beside setting variables, by name. Imports nothing."""

from enum import StrEnum

ACTIONS = frozenset({"unblock-host", "free-slots"})
"""Remedies that are done at once and cannot be undone."""

UNIT_REMEDIES = frozenset({"systemd-restart", "memory-budget", "raise-file-limit"})
"""Remedies that write a drop-in of the unit which runs the server."""

HOST_REMEDIES = UNIT_REMEDIES | {"keep-idle-flows-alive"}
"""Remedies that change the database host itself."""


LAST_SESSION = 2**64 - 1
"""The highest number of a session that a server gives."""


class HandOn(StrEnum):
    """In what form a change is handed on."""

    RDS = "rds"
    AURORA = "aurora"
    AZURE = "azure"
    CLOUD_SQL = "cloud-sql"
    HELM = "helm"
    COMPOSE = "compose"
    ANSIBLE = "ansible"
    OPTION_FILE = "option-file"
