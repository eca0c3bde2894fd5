"""What a capture held, as lines for a terminal."""

from collections.abc import Iterator

from wizard.capture.answer import Answer
from wizard.commands.table_lines import table_lines


def answer_lines(answer: Answer) -> Iterator[str]:
    yield str(answer.facts["text"])
    for found in answer.evidence:
        yield f"* {found.text}  [{found.signal}]"
        if found.excerpt:
            yield f"  {found.excerpt}"
    if not answer.evidence:
        yield answer.empty or "none of the patterns that lose connections is in it"
    for table in answer.tables:
        if table.rows:
            yield ""
            yield from table_lines(table)
