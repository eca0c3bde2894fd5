"""What a report says, before it is said in some markup. Plain data; renderers only lay it out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """`text` with smaller lines below it; `excerpt` is shown as it was found, line by line."""

    text: str
    details: tuple[str, ...] = ()
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list under its own `label`. `more` says what was left out, or is empty."""

    label: str
    items: tuple[Item, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `more` says what was left out, or is empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class TimeFigure:
    """Counts over time, a row a cause. `marks` are the server's ends and starts, each at its
    share of the way from `begin` to `end`."""

    begin: str
    end: str
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    marks: tuple[tuple[float, str], ...] = ()
    legend: str = ""


@dataclass(frozen=True, slots=True)
class BarFigure:
    """Rows of label, share of the longest bar (0 to 1), and words behind the bar."""

    title: str
    rows: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines in which every column counts; at most 80 wide. Where the format has pictures,
    `figure` stands for them."""

    lines: tuple[str, ...]
    figure: TimeFigure | BarFigure | None = None


Block = Paragraph | Heading | Items | Grid | Drawing


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """`word` is the verdict in capitals, `cause` its id or empty."""

    word: str
    cause: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader wants first. `do_first` is empty where there is nothing to do."""

    lines: tuple[AnswerLine, ...]
    do_first: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ReportModel:
    """A whole report. `subject` names the server and the window in one line; `footer` says by
    what and when it was made."""

    subject: str
    answer: Answer
    sections: tuple[Section, ...]
    footer: str
