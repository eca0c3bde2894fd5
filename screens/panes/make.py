"""Which pane shows which place. Each pane's module is imported when it is first needed."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from screens.panes.pane import Pane
from screens.panes.result import ResultPane
from screens.places import (
    ERROR_LOG,
    GENERAL_LOG,
    HEALTH,
    NETWORK,
    PLACES,
    RECORDER,
    SETTINGS,
    SLOW_LOG,
    SYMPTOM,
)  # fmt: skip
from wizard.target.model import Sources

_OWN = {
    HEALTH: ("health", "HealthPane"),
    RECORDER: ("recorder", "RecorderPane"),
    ERROR_LOG: ("error_log", "ErrorLogPane"),
    SETTINGS: ("settings", "SettingsPane"),
    GENERAL_LOG: ("statement_log", "StatementLogPane"),
    SLOW_LOG: ("statement_log", "StatementLogPane"),
    NETWORK: ("network", "NetworkPane"),
    "diagnosis": ("diagnosis", "DiagnosisPane"),
    "fix": ("fix", "FixPane"),
    "report": ("report", "ReportPane"),
}
"""Module and class of the places that have more than a step's result to show."""


def make_pane(place_id: str, sources: Sources) -> Pane:
    place = next(place for place in PLACES if place.id == place_id)
    if place_id == SYMPTOM:
        from screens.panes.symptom import SymptomPane

        return SymptomPane(place, sources)
    if place_id == "knowledge":
        from screens.windows.knowledge import KnowledgePane

        return KnowledgePane(place)
    if place_id not in _OWN:
        return ResultPane(place)
    module, name = _OWN[place_id]
    return cast(Pane, getattr(import_module(f"screens.panes.{module}"), name)(place))
