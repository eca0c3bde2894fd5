"""What an account may do, and the GRANT that would allow more. Pure but for `read_privileges`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wizard.safety.sanitize import sanitize
from wizard.server.session import QueryDenied, QueryFailed, ServerSession

DENIED = frozenset({1044, 1045, 1142, 1143, 1227, 1370, 1698, 1873})
"""Error numbers that say that a privilege is missing (Server Error Message Reference)."""

_NEEDED = re.compile(r"you need \(at least one of\) the (.{1,200}?) privilege", re.IGNORECASE)
_COMMAND = re.compile(
    r"([A-Za-z][A-Za-z ,]{0,60}?) command denied to user .{0,300}? for "
    r"(table|routine|column) (.{1,300})"
)
_GLOBAL = re.compile(r"GRANT (.+) ON \*\.\* TO ", re.IGNORECASE)
_ALL = "ALL PRIVILEGES"


@dataclass(frozen=True, slots=True)
class Privileges:
    """An account's privileges on everything, in capitals."""

    everywhere: frozenset[str]

    def has(self, *names: str) -> bool:
        """Whether the account holds any of `names` on everything."""
        return _ALL in self.everywhere or any(name in self.everywhere for name in names)


def parse_grants(lines: Iterable[str]) -> Privileges:
    """Privileges from the lines of SHOW GRANTS."""
    everywhere: set[str] = set()
    for line in lines:
        if match := _GLOBAL.match(line):
            everywhere |= _names(match[1])
    return Privileges(frozenset(everywhere))


def _names(text: str) -> set[str]:
    return {name.strip().upper() for name in text.split(",")}


def read_privileges(session: ServerSession) -> Privileges | None:
    """The session's own privileges with its active roles, or None where SHOW GRANTS fails."""
    try:
        return parse_grants(
            str(next(iter(row.values()), "")) for row in session.rows(_show_grants(session))
        )
    except (QueryDenied, QueryFailed):
        return None


def sees_all_sessions(session: ServerSession) -> bool:
    """Whether the process list shows other accounts' sessions."""
    held = read_privileges(session)
    return held is not None and held.has("PROCESS")


def _show_grants(session: ServerSession) -> str:
    """MySQL expands roles only where they are named; MariaDB always does."""
    if session.info.is_mariadb or session.info.numbers < (8, 0, 0):
        return "SHOW GRANTS"
    # The server quotes the roles itself: `name`@`host`,... or NONE.
    roles = str(session.value("SELECT CURRENT_ROLE()") or "NONE")
    return "SHOW GRANTS" if roles == "NONE" else f"SHOW GRANTS FOR CURRENT_USER() USING {roles}"


def quoted_account(account: str) -> str:
    """`user@host`, as CURRENT_USER() gives it, in the form that GRANT takes."""
    user, _, host = account.rpartition("@")
    return "@".join("'" + part.replace("\\", "\\\\").replace("'", "''") + "'"
                    for part in (user, host))  # fmt: skip


def grant(privilege: str, place: str, account: str) -> str:
    """One GRANT statement, safe to show."""
    return sanitize(f"GRANT {privilege} ON {place} TO {quoted_account(account)};")


def advice_for(number: int, text: str, sql: str, account: str) -> str:
    """The GRANT that would allow the statement `sql`, which was refused with `text`."""
    if number == 1227 and (match := _NEEDED.search(text)):
        return grant(_least(match[1]), "*.*", account)
    if match := _COMMAND.search(text):
        return _grant_on(match[1].strip().upper(), match[2], match[3], sql, account)
    if number == 1044 and (match := re.search(r"to database '([^']{1,64})'", text)):
        return grant("SELECT", f"`{match[1]}`.*", account)
    return f"an administrator must allow this to {quoted_account(account)}"


def _least(names: str) -> str:
    """The narrowest of the privileges that would do: anything rather than SUPER."""
    choices = [name for name in re.split(r",\s*| or ", names) if name.strip()]
    return next((name.strip() for name in choices if name.strip() != "SUPER"), "SUPER")


def _grant_on(command: str, kind: str, named: str, sql: str, account: str) -> str:
    name = named.strip().strip("'\"").replace("`", "")
    if kind == "column":
        name = name.rpartition(" in table ")[2].strip("'")
    if "." not in name:
        # MySQL names the table alone; the statement has the schema.
        place = re.search(rf"(?:\bfrom\b|\bjoin\b|\btable\b)\s+`?(\w+)`?\.`?{re.escape(name)}\b",
                          sql, re.IGNORECASE)  # fmt: skip
        name = f"{place[1]}.{name}" if place else name
    schema, _, item = name.rpartition(".")
    if kind == "routine":
        word = "PROCEDURE" if re.search(r"\bcall\b", sql, re.IGNORECASE) else "FUNCTION"
        return grant(command, f"{word} `{schema}`.`{item}`", account)
    if schema == "performance_schema" and command == "SELECT":
        return grant(command, "performance_schema.*", account)
    return grant(command, f"`{schema}`.`{item}`" if schema else f"`{item}`", account)
