"""The report as GitHub-flavoured Markdown. Text is escaped so that none of it becomes markup,
HTML, a link, a mention or a reference to an issue."""

import re
from collections.abc import Iterator

from wizard.report.model import (
    Answer,
    Block,
    Drawing,
    Grid,
    Heading,
    Item,
    Items,
    Paragraph,
    ReportModel,
)

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"^(\s*)([-+=#]|\d+(?=[.)](?:\s|$)))")
# GitHub and GitLab find mentions, issue numbers and bare addresses in the finished text, where
# no backslash is left; an empty comment splits that text and shows nothing.
_REFERENCE = re.compile(r"(?<=@)(?=\w)|(?<=#)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def render(model: ReportModel) -> str:
    lines = [*_answer(model.answer), "", escape(model.subject)]
    for section in model.sections:
        lines += ["", f"## {escape(section.title)}"]
        for block in section.blocks:
            lines += ["", *_block(block)]
    return "\n".join([*lines, "", f"*{escape(model.footer)}*"]) + "\n"


def escape(text: str) -> str:
    """`text` on one line, as Markdown that shows exactly it."""
    line = " ".join(text.split())
    line = re.sub(r"[&<>]", lambda m: _ENTITIES[m[0]], line)
    line = _SPECIAL.sub(lambda m: f"\\{m[0]}", line)
    line = _AT_START.sub(_escape_start, line)
    return _REFERENCE.sub("<!-- -->", line)


def _escape_start(match: re.Match[str]) -> str:
    sign = match[2]
    return f"{match[1]}{sign}<!-- -->" if sign.isdecimal() else f"{match[1]}\\{sign}"


def _answer(answer: Answer) -> Iterator[str]:
    for line in answer.lines:
        cause = f" `{_code(line.cause)}`:" if line.cause else ""
        yield f"**{escape(line.word)}**{cause} {escape(line.text)}"
        yield ""
    if answer.do_first:
        yield f"**Do first:** {escape(answer.do_first)}"
        yield ""
    yield from (f"- {escape(remark)}" for remark in answer.remarks)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield escape(text)
        case Heading(text):
            yield f"### {escape(text)}"
        case Items():
            yield from _items(block)
        case Grid():
            yield from _grid(block)
        case Drawing(lines):
            yield from _fenced("\n".join(lines), "")


def _items(items: Items) -> Iterator[str]:
    if items.label:
        yield f"**{escape(items.label)}**"
        yield ""
    for item in items.items:
        yield from _item(item)
    if items.more:
        yield f"- {escape(items.more)}"


def _item(item: Item) -> Iterator[str]:
    yield f"- {escape(item.text)}"
    yield from (f"  - {escape(detail)}" for detail in item.details)
    if item.excerpt:
        yield ""
        yield from _fenced(item.excerpt, "  ")
        yield ""


def _grid(grid: Grid) -> Iterator[str]:
    yield f"| {' | '.join(escape(c) for c in grid.columns)} |"
    yield f"|{' --- |' * len(grid.columns)}"
    for row in grid.rows:
        yield f"| {' | '.join(escape(cell) for cell in row)} |"
    if grid.more:
        yield ""
        yield escape(grid.more)


def _fenced(text: str, indent: str) -> Iterator[str]:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{indent}{fence}text"
    yield from (f"{indent}{line}" for line in text.splitlines())
    yield f"{indent}{fence}"


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
