"""No value and no password of the corpus can be read: in any format, in a case file, in a copy."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.report.samples import NOON, target, window
from tests.unit.safety import corpus, corpus_more
from tests.unit.safety.corpus import NUMBER, PASSWORD, SPREAD, WORD
from wizard.case.case import Case
from wizard.case.case_file import save
from wizard.case.evidence import Evidence, Failure, Occurrence, StepResult, StepStatus, Table
from wizard.diagnosis.diagnose import diagnose
from wizard.probes.workload.activity import Sample, Session
from wizard.probes.workload.probe import _tables
from wizard.report import FORMATS, render
from wizard.safety.redact import mask_excerpt, mask_lines, mask_secrets, mask_sentence
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize

STATEMENTS = [*corpus.STATEMENTS, *corpus_more.STATEMENTS]
LINES = [*corpus.LINES, *corpus_more.LINES, *corpus_more.UNMARKED]
SECRETS = [*corpus.SECRETS, *corpus_more.SECRETS]
PLAIN = ("zsentinelz", "ZSENTINELZ", "zs3ntinelz")
"""Passwords that look like words and numbers."""


def filled(shape: str, password: str = PASSWORD) -> str:
    return shape.format(w=WORD, n=NUMBER, p=password)


def readable(text: str) -> bool:
    return any(each in text for each in (WORD, NUMBER, PASSWORD, *PLAIN))


SAID = [filled(shape) for shape in STATEMENTS]
TOLD = [filled(shape) for shape in SECRETS]
BARE_COMMENTS = ("-- ", "# ")
"""Alone on a line these are a log's own: a slow log's header begins so."""

UNMARKED = ["{s}", *corpus_more.UNMARKED]


def test_the_corpus_is_large_and_has_a_sentinel_in_each() -> None:
    assert len(set(STATEMENTS)) + len(set(SECRETS)) >= 900
    assert all(readable(shape) for shape in (*SAID, *TOLD))


@pytest.mark.parametrize("statement", SAID)
def test_no_value_of_a_statement_is_readable(statement: str) -> None:
    assert not readable(mask_statement(statement)[0])
    for cut in range(1, len(statement), 7):
        assert not readable(mask_statement(statement[:-cut])[0])


@pytest.mark.parametrize("line", LINES)
def test_no_value_of_a_logged_statement_is_readable(line: str) -> None:
    shown = {
        said: mask_excerpt(line.format(s=said)).text
        for said in SAID
        if line not in UNMARKED or not said.startswith(BARE_COMMENTS)
    }
    assert {said: text for said, text in shown.items() if readable(text)} == {}


@pytest.mark.parametrize("secret", TOLD)
def test_no_password_is_readable(secret: str) -> None:
    for gate in (mask_secrets, mask_sentence, mask_excerpt):
        for text in (secret, f"2026-08-05 13:00:00 [ERROR] {secret}", f"{secret} failed"):
            assert PASSWORD not in gate(text).text


@pytest.mark.parametrize("shape", corpus_more.SECRETS)
@pytest.mark.parametrize("password", PLAIN)
def test_no_password_that_is_a_word_is_readable(shape: str, password: str) -> None:
    for gate in (mask_secrets, mask_sentence, mask_excerpt):
        assert password not in gate(filled(shape, password)).text


@pytest.mark.parametrize("secret", [filled(shape) for shape in SPREAD])
def test_no_password_over_several_lines_is_readable(secret: str) -> None:
    for gate in (mask_secrets, mask_sentence, mask_excerpt):
        assert PASSWORD not in gate(secret).text
    assert PASSWORD not in mask_lines(secret)
    assert PASSWORD not in mask_excerpt(sanitize(secret)).text


def busy_sessions() -> tuple[Table, ...]:
    """What the workload probe shows of sessions that run these statements."""
    found: list[Table] = []
    for number, said in enumerate(SAID):
        session = Session(number, "app@web", "Query", 9.0, "executing", said)
        found += _tables([Sample(1.0, (session,), {})], 1.0)
    return tuple(table for table in found if table.title == "Longest at work")


def case_of_all() -> Case:
    """Each shape where a case keeps what others wrote: failures, excerpts, tables, notes."""
    lines = [LINES[0].format(s=said) for said in SAID] + [f"12 Note {t}" for t in TOLD]
    failures = tuple(
        Failure("client.lost", LINES[2].format(s=said), f"app.log:{i}", NOON, 2006)
        for i, said in enumerate(SAID)
    )
    occurrences = (Occurrence(NOON + timedelta(minutes=5)),)
    evidence = tuple(
        Evidence("log.aborted-timeout", "sessions ended", f"error log, line {i}", count=1,
                 occurrences=occurrences, excerpt=line)
        for i, line in enumerate(lines)
    )  # fmt: skip
    step = StepResult(
        "error-log",
        StepStatus.DONE,
        headline="read",
        evidence=evidence,
        tables=busy_sessions(),
        notes=tuple(TOLD),
    )
    symptom = StepResult("symptom", StepStatus.DONE, headline="failures", failures=failures)
    return Case(NOON, window(), target(), steps=(symptom, step))


def test_no_report_and_no_case_file_can_be_read(tmp_path: Path) -> None:
    case = case_of_all()
    diagnosis = diagnose(case)
    for name in FORMATS:
        text = render(case, diagnosis, name)
        lines = [line for line in text.splitlines() if readable(line)]
        assert lines == [], (name, len(lines), lines[:3])
    saved = gzip.decompress(save(case, tmp_path / "x.case.json.gz").read_bytes()).decode()
    assert PASSWORD not in saved
    copied = mask_lines("\n".join(e.excerpt for e in case.steps[1].evidence))
    assert not readable(copied)
    assert not any(readable(cell) for t in busy_sessions() for row in t.rows for cell in row)
