"""A failed start is told with its first true reason, not with what followed from it."""

import pytest

from wizard.logs.engine.block import Block
from wizard.logs.error.marks import MarkKind
from wizard.logs.error.scan import scan

FOLLOWS = (
    "2024-01-09 10:00:02 0 [ERROR] Plugin 'InnoDB' init function returned error.\n"
    "2024-01-09 10:00:02 0 [ERROR] Plugin 'InnoDB' registration as a STORAGE ENGINE failed.\n"
    "2024-01-09 10:00:02 0 [ERROR] Unknown/unsupported storage engine: InnoDB\n"
    "2024-01-09 10:00:02 0 [ERROR] Aborting\n"
)
START = "2024-01-09 10:00:00 0 [Note] Starting MariaDB 10.11.6 source as process 77\n"


def reason(text: str) -> str:
    data = text.encode()
    marks = scan([Block(data, "error.log", 0, 1, len(data))]).marks
    return next(m.error for m in reversed(marks) if m.kind is MarkKind.ABORT)


@pytest.mark.parametrize(
    "first",
    [
        "2024-01-09 10:00:01 0 [ERROR] InnoDB: The Auto-extending innodb_system data file "
        "'./ibdata1' is of a different size",
        "240109 10:00:01 InnoDB: Operating system error number 13 in a file operation.",
        "InnoDB: mmap(1099509760 bytes) failed; errno 12",
        "240109 10:00:01 InnoDB: Unable to lock ./ibdata1, error: 11",
    ],
)
def test_the_first_true_reason_is_told(first: str) -> None:
    assert first[:40] in reason(f"{START}{first}\n{FOLLOWS}")


def test_an_error_of_the_run_before_is_no_reason() -> None:
    old = "2024-01-09 09:59:00 9 [ERROR] mysqld: Table './a/b' is marked as crashed\n"
    new = (
        "2024-01-09 10:00:01 0 [ERROR] Can't start server: Bind on TCP/IP port: Permission denied\n"
    )
    assert "Bind on TCP/IP" in reason(f"{START}{old}{START}{new}{FOLLOWS}")


def test_where_only_consequences_are_told_the_first_of_them_is() -> None:
    assert "init function returned error" in reason(START + FOLLOWS)
