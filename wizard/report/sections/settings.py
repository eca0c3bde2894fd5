"""The section on the settings that bear on the causes found, and the usual ones beside them."""

from knowledge.model import Knowledge, Variable
from wizard.case.case import Case
from wizard.case.evidence import Scalar
from wizard.diagnosis.model import Diagnosis
from wizard.report.model import Grid, Paragraph, Section
from wizard.report.sections.answer import accused

USUAL = (
    "wait_timeout", "interactive_timeout", "max_allowed_packet", "net_read_timeout",
    "net_write_timeout", "connect_timeout", "max_connections",
)  # fmt: skip

_APPLIES = {"new": "new sessions", "now": "at once", "restart": "after a restart"}


def settings(case: Case, diagnosis: Diagnosis, knowledge: Knowledge) -> Section | None:
    """None where the settings step has not run; then the steps say why."""
    result = case.step("settings")
    if result is None or not result.facts:
        return None
    rows = tuple(
        _row(name, result.facts[name], knowledge.variables.get(name), _series(case))
        for name in _relevant(diagnosis, knowledge)
        if name in result.facts
    )
    if not rows:
        return None
    grid = Grid(("SETTING", "VALUE", "DEFAULT", "A CHANGE APPLIES"), rows)
    remark = Paragraph("Sessions that are open keep the values that they copied at login.")
    return Section("settings", "Settings that matter", (grid, remark))


def _relevant(diagnosis: Diagnosis, knowledge: Knowledge) -> list[str]:
    """The variables that the causes' remedies change, then the usual ones; each once."""
    named = [
        knowledge.remedies[remedy].variable
        for finding in accused(diagnosis)
        for remedy in finding.remedies
        if remedy in knowledge.remedies
    ]
    return list(dict.fromkeys(name for name in (*named, *USUAL) if name))


def _row(
    name: str, value: Scalar, variable: Variable | None, series: str
) -> tuple[str, str, str, str]:
    if variable is None:
        return name, str(value), "unknown", "unknown"
    unit = variable.unit if variable.unit in ("s", "ms", "bytes") else ""
    default = variable.defaults.get(series, "")
    shown_default = _with_unit(default, unit) if default else "unknown"
    return name, _with_unit(str(value), unit), shown_default, _APPLIES.get(variable.applies, "")


def _with_unit(value: str, unit: str) -> str:
    if unit == "bytes" and value.isdecimal() and len(value) < 20:
        size = int(value)
        for step, word in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
            if size >= step and size % step == 0:
                return f"{value} ({size // step} {word})"
    return f"{value} {unit}" if unit and value.isdecimal() else value


def _series(case: Case) -> str:
    """`mariadb-10.11`, as the knowledge base names the series of versions."""
    flavor = "mysql" if case.target.flavor == "percona" else case.target.flavor
    return f"{flavor}-{'.'.join((case.target.version or '').split('.')[:2])}"
