"""The findings written down: one model, and a renderer a format."""

from collections.abc import Callable

from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis
from wizard.report.build import build
from wizard.report.formats import html, jira, json, markdown, text
from wizard.report.model import ReportModel

_RENDERERS: dict[str, Callable[[ReportModel], str]] = {
    "text": text.render,
    "md": markdown.render,
    "html": html.render,
    "jira": jira.render,
}

FORMATS = ("text", "json", "md", "html", "jira")
SUFFIXES = {"text": ".txt", "json": ".json", "md": ".md", "html": ".html", "jira": ".jira.txt"}


def render(case: Case, diagnosis: Diagnosis, format: str) -> str:
    """The report on `case` in one of `FORMATS`, ending in a newline. Raises KeyError for
    another format."""
    if format == "json":
        return json.render(case, diagnosis)
    return _RENDERERS[format](build(case, diagnosis))


def for_a_pane(case: Case, diagnosis: Diagnosis, columns: int) -> str:
    """The text report laid out for a narrow part of a screen."""
    return text.render(build(case, diagnosis), columns)


__all__ = ["FORMATS", "SUFFIXES", "ReportModel", "build", "for_a_pane", "render"]
