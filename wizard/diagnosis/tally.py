"""How many failures are explained for sure, how many possibly, and how many not at all. Pure."""

from dataclasses import dataclass

from wizard.diagnosis.model import Diagnosis


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures by how sure their cause is; together they are `total`.

    `sure` are put down to a cause that is confirmed or likely, `possible` to one that is not,
    `unexplained` to none. `one` names what is counted.
    """

    total: int
    sure: int
    possible: int
    unexplained: int
    one: str

    @property
    def words(self) -> str:
        """`37 failures: 31 explained, 4 possibly explained, 2 not explained`."""
        what = self.one if self.total == 1 else f"{self.one}s"
        parts = [f"{self.sure} explained"]
        if self.possible:
            parts.append(f"{self.possible} possibly explained")
        parts.append(f"{self.unexplained} not explained")
        return f"{self.total} {what}: {', '.join(parts)}"


def tally(diagnosis: Diagnosis) -> Tally:
    """Failures that the application saw, or sessions that the server saw end badly."""
    application = diagnosis.observer == "application"
    accused = {finding.cause for finding in diagnosis.accused}
    if diagnosis.attributions:
        sure = sum(put.cause in accused for put in diagnosis.attributions)
    else:
        sure = sum(f.explains for f in diagnosis.accused if not f.noise)
    sure = min(sure, diagnosis.explained)
    return Tally(
        diagnosis.total,
        sure,
        diagnosis.explained - sure,
        diagnosis.unexplained,
        "failure" if application else "ended session",
    )
