"""What a capture held, as lines for a terminal."""

from collections.abc import Iterator

from wizard.capture.answer import Answer
from wizard.capture.logging_state import CaptureKind
from wizard.commands.table_lines import table_lines

_AGAIN = {
    CaptureKind.GENERAL: "a longer time: --for 5m",
    CaptureKind.SLOW: "a smaller limit: --long 0.1; a longer time: --for 5m",
}


def answer_lines(answer: Answer) -> Iterator[str]:
    yield str(answer.facts["text"])
    for found in answer.evidence:
        yield f"* {found.text}  [{found.signal}]"
        if found.excerpt:
            yield f"  {found.excerpt}"
    if not answer.evidence:
        yield answer.empty or "none of the patterns that lose connections is in it"
    if answer.empty:
        yield _AGAIN[CaptureKind(str(answer.facts["kind"]))]
    for table in answer.tables:
        if table.rows:
            yield ""
            yield from table_lines(table)
