"""The table of a fleet: filter, sort, and open a host's case."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Event
from textual.widgets import DataTable, Footer, Input, Static

from screens.fleet.columns import SHOWN, cut, fitted, shown
from screens.key_order import KeyOrder
from screens.textual_compat import KeysRead, PlainCrash, TypedEvent
from wizard.fleet.formats import HEADER, cause_line, rows_of
from wizard.fleet.table import Fleet

SORTS = ("worst first", *HEADER)


@dataclass
class FleetView:
    """What stays while a host's case is open: the filter, the order, the host, what to say."""

    words: str = ""
    sort: int = 0
    host: str = ""
    remark: str = ""


class FleetApp(PlainCrash):
    """`chosen` is the host whose case is to be opened, once it ends, or ""."""

    TITLE = "goneaway-wizard fleet"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #headline { height: auto; padding: 0 1; text-style: bold; }
    #causes { height: auto; max-height: 8; padding: 0 1; }
    #remark { height: auto; padding: 0 1; }
    DataTable { height: 1fr; }
    Input { display: none; }
    Input.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("s", "sort", "Sort"),
        Binding("escape", "all", "All"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, fleet: Fleet, view: FleetView) -> None:
        super().__init__()
        self.chosen = ""
        self._keys = KeyOrder(self, self._hand_on, self._pasted)
        self._fleet = fleet
        self._view = view
        self._results = {result.host: result for result in (*fleet.hosts, *fleet.unseen)}

    async def on_event(self, event: Event) -> None:
        if isinstance(event, KeysRead):
            self._keys.arrived(event.keys)
        elif isinstance(event, TypedEvent) and not event.is_forwarded:
            self._keys.arrived((event,))
        else:
            await super().on_event(event)

    async def _hand_on(self, event: TypedEvent) -> None:
        event.set_sender(self)
        await super().on_event(event)

    def _pasted(self, _text: str) -> None:
        """A text is no command: nothing of it is obeyed."""
        self._view.remark = "A paste is not obeyed here. / looks for words in the rows."
        self._fill()

    def compose(self) -> ComposeResult:
        yield Static(self._fleet.headline, id="headline", markup=False)
        causes = "\n".join(cause_line(cause) for cause in self._fleet.causes)
        yield Static(causes, id="causes", markup=False)
        yield Input(self._view.words, placeholder="words that a row must have")
        yield DataTable(cursor_type="row")
        yield Static(self._view.remark, id="remark", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.end_on_signals()
        self._fill(self._view.host)
        self.query_one(DataTable).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._refit)

    def _refit(self) -> None:
        table = self.query_one(DataTable)
        row = table.cursor_row
        self._fill()
        table.move_cursor(row=row)

    def _fill(self, host: str = "") -> None:
        """The rows that have every word of the filter, in the order that is asked for."""
        wanted = self._view.words.lower().split()
        rows = [
            row for row in rows_of(self._fleet) if all(w in " ".join(row).lower() for w in wanted)
        ]
        if self._view.sort:
            column = self._view.sort - 1
            rows.sort(key=lambda row: _key(row[column]))
        self._show(rows)
        names = [row[0] for row in rows]
        if host in names:
            self.query_one(DataTable).move_cursor(row=names.index(host))
        order = f"sorted by {SORTS[self._view.sort]}" if self._view.sort else SORTS[0]
        told = f"{len(rows)} of {len(self._results)} hosts, {order}"
        remark = f"{self._view.remark}\n{told}" if self._view.remark else told
        self.query_one("#remark", Static).update(Text(remark))

    def _show(self, rows: Sequence[tuple[str, ...]]) -> None:
        every = [shown(row) for row in rows_of(self._fleet)]
        widths = fitted(every, self.size.width)
        table = self.query_one(DataTable)
        table.clear(columns=True)
        for name, width in zip(SHOWN, widths, strict=True):
            table.add_column(name, width=width)
        for row in rows:
            table.add_row(*(Text(cell) for cell in cut(shown(row), widths)), key=row[0])

    def action_filter(self) -> None:
        field = self.query_one(Input)
        field.add_class("-open")
        field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        # A field that begins with a value tells it, too.
        if event.value != self._view.words:
            self._view.words = event.value
            self._fill()

    @on(Input.Submitted)
    def _leave_filter(self) -> None:
        self.query_one(DataTable).focus()

    def action_all(self) -> None:
        """No filter any more."""
        field = self.query_one(Input)
        field.value = ""
        field.remove_class("-open")
        self.query_one(DataTable).focus()

    def action_sort(self) -> None:
        self._view.sort = (self._view.sort + 1) % len(SORTS)
        self._fill()

    @on(DataTable.RowSelected)
    def _chosen(self, event: DataTable.RowSelected) -> None:
        host = str(event.row_key.value)
        result = self._results[host]
        self._view.host = host
        if result.case:
            self.chosen = host
            self.exit()
            return
        self._view.remark = f"{host} has no case: {result.reason}"
        self._fill(host)


def _key(cell: str) -> tuple[int, int, str]:
    """Numbers fall, words rise."""
    return (0, -int(cell), "") if cell.isdecimal() else (1, 0, cell)


def case_of(fleet: Fleet, directory: Path, host: str) -> Path:
    """The file of a host's case. A result names no place outside its own directory."""
    (result,) = [r for r in (*fleet.hosts, *fleet.unseen) if r.host == host]
    return directory / Path(result.case).name
