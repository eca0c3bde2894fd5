"""An entry of the journal as the JSON of one line, and back, from earlier versions too."""

import base64
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from wizard.case.case import BeforeAfter
from wizard.remedies.host_record import HostRecord, KernelSetting
from wizard.remedies.journal_entry import ChangeState, FileRecord, JournalEntry
from wizard.remedies.place import ChangePlace, Machine, place_from_label
from wizard.remedies.plan import VariableChange
from wizard.target.model import SshPlace


def encoded(entry: JournalEntry) -> dict[str, Any]:
    """The whole entry."""
    data = asdict(entry)
    data["at"] = entry.at.isoformat()
    if entry.file is not None:
        data["file"]["block"] = base64.b64encode(entry.file.block).decode()
    return data


def decoded(data: dict[str, Any]) -> JournalEntry:
    """Raises ValueError, KeyError, TypeError, AttributeError where it is no entry."""
    file = data.get("file")
    if file is not None:
        file = FileRecord(
            **{
                **file,
                "block": base64.b64decode(file["block"]),
                "machine": Machine(**file.get("machine", {})),
            }
        )
    return JournalEntry(
        **{
            **data,
            "at": datetime.fromisoformat(data["at"]),
            "state": ChangeState(data["state"]),
            "changes": tuple(VariableChange(**c) for c in data["changes"]),
            "actions": tuple(str(statement) for statement in data.get("actions", ())),
            "host": _decoded_host(data.get("host")),
            "proof": decoded_proof(data),
            "file": file,
            "place": _decoded_place(data.get("place"), str(data["label"])),
        }
    )


def decoded_proof(data: Mapping[str, Any]) -> tuple[BeforeAfter, ...]:
    """What a proof set side by side; raises as `decoded`."""
    return tuple(BeforeAfter(**row) for row in data.get("proof", ()))


def _decoded_host(data: dict[str, Any] | None) -> HostRecord | None:
    if data is None:
        return None
    return HostRecord(
        tuple(KernelSetting(**setting) for setting in data["settings"]),
        str(data["unit"]),
        tuple((str(name), str(value)) for name, value in data["lines"]),
    )


def _decoded_place(data: dict[str, Any] | None, label: str) -> ChangePlace:
    """Lines of earlier versions hold only the label."""
    if data is None:
        return place_from_label(label)
    ssh = data["ssh"]
    return ChangePlace(
        **{
            **data,
            "ssh": None if ssh is None else SshPlace(**ssh),
            "machine": Machine(**data["machine"]),
        }
    )
