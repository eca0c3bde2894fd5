"""Builds the report that every renderer lays out. Pure, apart from reading the knowledge base."""

from knowledge.load import load
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis
from wizard.report.masked import shown
from wizard.report.model import ReportModel
from wizard.report.sections.answer import answer
from wizard.report.sections.body import (
    changes,
    counted,
    masking,
    steps,
    suspects,
    target,
    to_do,
    why,
)
from wizard.report.sections.experiments import experiments
from wizard.report.sections.failures import failures
from wizard.report.sections.recipes import recipes
from wizard.report.sections.settings import settings
from wizard.report.words import moment, span, zone_of


def build(case: Case, diagnosis: Diagnosis) -> ReportModel:
    """The report on `case`: the answer first, then what it rests on. Every text in it is
    sanitized and masked; a renderer has only its own markup to escape."""
    knowledge = load()
    # Masking may take away the words by which a framework is known; only figures come out.
    application = recipes(case, diagnosis)
    view = shown(case, diagnosis)
    case, diagnosis = view.case, view.diagnosis
    zone = zone_of(case)
    wanted = (
        to_do(diagnosis, knowledge),
        target(case, zone),
        why(diagnosis, knowledge, zone),
        failures(case, diagnosis, counted(diagnosis), zone),
        application,
        suspects(diagnosis),
        experiments(case),
        steps(case),
        settings(case, diagnosis, knowledge),
        changes(case, zone),
        masking(view.masked),
    )
    tool = f"goneaway-wizard {case.tool_version}".strip()
    return ReportModel(
        subject=f"{case.target.label}, {span(case.window.since, case.window.until, zone)}",
        answer=answer(case, diagnosis, knowledge),
        sections=tuple(s for s in wanted if s is not None),
        footer=f"Made by {tool} on {moment(case.created, zone)}.",
    )
