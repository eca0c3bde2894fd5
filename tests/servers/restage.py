"""Every remedy that changes something, on every server, here and over SSH with sudo.

`python -m tests.servers.restage [--product NAME]... [--way here|ssh] [--only REMEDY] [--write]`:
the fault is staged in real option files, the remedy applied by the program, the fault looked for
again, the server restarted, the change undone, and the fault looked for again, after another
restart too. Runs in a network and mount namespace of its own, as root. `--write` puts the table
into RESTAGED.md. Exit code 1 where a cell is not as it should be.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pymysql

from tests.servers import restage_faults as staged
from tests.servers.fix_engine import Run, program
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import EVERY_PRODUCT, data_templates, start_with
from tests.servers.restage_faults import FAULTS, Fault
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon

WAYS = ("here", "ssh")
TABLE = Path(__file__).with_name("RESTAGED.md")
_INSIDE = "GONEAWAY_RESTAGE_INSIDE"
_NETWORK: dict[str, object] = {"skip_name_resolve": "OFF", "bind_address": "*"}
"""MySQL has no host cache that was started otherwise first in its option files."""

_SYSCTL = Path("/etc/sysctl.d")


@dataclass
class Row:
    """What was seen, step by step; `wrong` is what should have been otherwise."""

    remedy: str
    product: str
    way: str
    seen: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def look(self, step: str, is_there: bool, expected: bool) -> None:
        self.seen[step] = "there" if is_there else "gone"
        if is_there is not expected:
            self.seen[step] += " (!)"
            self.wrong.append(step)


@dataclass
class Place:
    """One server, and the words that lead to it one way."""

    server: ServerUnderTest
    product: str
    way: str
    words: tuple[str, ...]
    drop_in: Path

    def stage(self, fault: Fault) -> None:
        lines = [f"{name} = {value}" for name, value in fault.settings.items()]
        self.drop_in.write_text("\n".join(["[mysqld]", *lines, ""]), encoding="utf-8")
        self.server.restart()

    def run(self, row: Row, *words: str) -> Run:
        done = program(words[0], *self.words, *words[1:])
        if done.code != 0:
            row.wrong.append(f"{' '.join(words)}: exit {done.code}: {done.out}{done.err}")
        return done


def restage(place: Place, fault: Fault, row: Row) -> None:
    """The whole way of one fault."""
    place.stage(fault)
    if fault is staged.FREE_SLOTS:
        _with_slots_held(place, fault, row)
    elif fault is staged.KEEPALIVE:
        _with_a_firewall(place, fault, row)
    elif fault is staged.UNBLOCK:
        staged.break_handshakes(place.server)
        _done_at_once(place, fault, row, fault.fix)
    else:
        _undone(place, fault, row)


def _tried(place: Place, fault: Fault) -> Row:
    """What breaks on the way is told, and the others are staged all the same."""
    row = Row(fault.remedy, place.product, place.way)
    try:
        restage(place, fault, row)
    except (OSError, subprocess.SubprocessError, pymysql.err.Error) as error:
        row.wrong.append(f"{type(error).__name__}: {error}")
    return row


def _undone(place: Place, fault: Fault, row: Row) -> None:
    server, keep = place.server, ("--persist",) if fault.is_kept else ()
    row.look("staged", fault.shows(server), True)
    place.run(row, "fix", *fault.fix, *keep, "--yes")
    row.look("fixed", fault.shows(server), False)
    if keep:
        server.restart()
        row.look("restarted", fault.shows(server), False)
    place.run(row, "undo", "--yes")
    row.look("undone", fault.shows(server), True)
    if keep:
        server.restart()
        row.look("restarted again", fault.shows(server), True)


def _done_at_once(place: Place, fault: Fault, row: Row, words: Sequence[str]) -> None:
    row.look("staged", fault.shows(place.server), True)
    place.run(row, "fix", *words, "--yes")
    row.look("fixed", fault.shows(place.server), False)


def _with_slots_held(place: Place, fault: Fault, row: Row) -> None:
    """A leak holds all slots; one of its sessions is chosen and ended."""
    held: list[Any] = []
    try:
        held.extend(place.server.client() for _ in range(10))
        numbers = [str(client.thread_id()) for client in held[:3]]
        ends = [word for number in numbers for word in ("--end", number)]
        _done_at_once(place, fault, row, [*fault.fix, *ends])
    finally:
        for client in held:
            client._force_close()


def _with_a_firewall(place: Place, fault: Fault, row: Row) -> None:
    staged.firewall(place.server.port)
    try:
        _undone(place, fault, row)
        if left := sorted(_SYSCTL.glob("*goneaway*")):
            row.wrong.append(f"left behind: {left}")
    finally:
        staged.no_firewall()


def _places(stack: ExitStack, product: str, ways: Sequence[str]) -> Iterator[Place]:
    server = start_with(stack, stack.enter_context(data_templates()), product, _NETWORK)
    folder = server.directory / "conf.d"
    folder.mkdir()
    inside = "/" + str(folder.relative_to(server.binary.root))
    main = server.option_file
    main.write_text(f"{main.read_text(encoding='utf-8')}!includedir {inside}\n", encoding="utf-8")
    # The file is the operator's from here on: a restart must not write it anew.
    server._write_options = lambda: None  # type: ignore[method-assign]
    home = Path(os.environ["HOME"])
    password = home / f"password-{product}"
    password.write_text(server.passwords["admin"], encoding="utf-8")
    who = ("-P", str(server.port), "-u", "admin", "--password-file", str(password))
    for way in ways:
        there = _over_ssh(stack, home / f"client-{product}") if way == "ssh" else ()
        words = (*there, "-h", "127.0.0.1", *who)
        yield Place(server, product, way, words, folder / "50-server.cnf")


def _over_ssh(stack: ExitStack, home: Path) -> tuple[str, ...]:
    client = ClientHome(home)
    daemon = SshDaemon(
        home.with_name(f"{home.name}-sshd"), authorized=(client.key(),),
        sudoers=f"{OPERATOR} ALL=(ALL) NOPASSWD: ALL\n",
    )  # fmt: skip
    stack.callback(daemon.stop)
    daemon.start()
    client.knows(daemon)
    os.environ["HOME"] = str(home)
    return ("--ssh", f"{OPERATOR}@127.0.0.1:{daemon.port}")


def _prepare(folder: Path) -> None:
    """A network with a named address, and a directory for kernel settings of our own."""
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{staged.NAMED} shop.example.com\n", encoding="utf-8")
    trees = [Path("/"), *(Path.home() / ".cache/goneaway-wizard").glob("*-*/etc/..")]
    for tree in trees:
        (tree / "etc/hosts").touch()
    for command in (
        ["ip", "link", "set", "lo", "up"],
        ["ip", "address", "replace", f"{staged.NAMED}/32", "dev", "lo"],
        ["mount", "-t", "tmpfs", "none", str(_SYSCTL)],
        *(["mount", "--bind", str(hosts), str(tree / "etc/hosts")] for tree in trees),
    ):  # fmt: skip
        subprocess.run(command, check=True, timeout=20)


def _fits(fault: Fault, product: str, only: Sequence[str]) -> bool:
    if only and fault.remedy not in only:
        return False
    return not fault.flavor or product.startswith(fault.flavor)


def _rows(args: argparse.Namespace) -> Iterator[Row]:
    for product in args.product or EVERY_PRODUCT:
        with ExitStack() as stack:
            for place in _places(stack, product, args.way or WAYS):
                for fault in FAULTS:
                    if not _fits(fault, product, args.only):
                        continue
                    began = time.monotonic()
                    row = _tried(place, fault)
                    seen = ", ".join(f"{step} {what}" for step, what in row.seen.items())
                    seconds = time.monotonic() - began
                    print(f"{product} {place.way} {row.remedy}: {seen} ({seconds:.0f} s)")
                    for wrong in row.wrong:
                        print(f"   WRONG: {wrong}")
                    sys.stdout.flush()
                    yield row


_STEPS = ("staged", "fixed", "restarted", "undone", "restarted again")
_HEAD = """# Each remedy that changes something: fault staged, mended, undone, and back

Written by `python -m tests.servers.restage --write`; do not edit. Real servers, option files and
restarts; "ssh" is over SSH as an account with sudo. A dash stands where a step has no meaning:
actions (`unblock-host`, `free-slots`) are not undone, and kernel settings outlive a server.

systemd cannot be had where this runs: drop-ins (`systemd-restart`, `memory-budget`,
`raise-file-limit`) are written and taken back in the tests beside a stand-in for systemctl.

"""


def _table(rows: Sequence[Row]) -> str:
    lines = [
        f"| remedy | server | way | {' | '.join(_STEPS)} |",
        f"|---|---|---|{'---|' * len(_STEPS)}",
    ]
    for row in sorted(rows, key=lambda r: (r.remedy, r.product, r.way)):
        cells = " | ".join(row.seen.get(step, "-") for step in _STEPS)
        lines.append(f"| {row.remedy} | {row.product} | {row.way} | {cells} |")
    return _HEAD + "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", action="append", choices=EVERY_PRODUCT)
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if inside := os.environ.get(_INSIDE):
        _inside(Path(inside), args)
        return 0
    with tempfile.TemporaryDirectory(prefix="goneaway-restage-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with ThreadPoolExecutor(max_workers=2) as two:
            products = args.product or EVERY_PRODUCT
            codes = list(two.map(lambda product: _product(product, folder, args), products))
        found = [file.read_text().splitlines() for file in sorted(folder.glob("*.rows"))]
        rows = [Row(**json.loads(line)) for lines in found for line in lines]
    if args.write:
        TABLE.write_text(_table(rows), encoding="utf-8")
    wrong = [row for row in rows if row.wrong]
    print(f"{len(rows)} ways, {len(wrong)} not as they should be")
    return 1 if wrong or any(codes) else 0


def _product(product: str, folder: Path, args: argparse.Namespace) -> int:
    """In namespaces of its own; its rows go into a file."""
    words = [word for way in args.way or () for word in ("--way", way)]
    words += [word for only in args.only for word in ("--only", only)]
    command = ["unshare", "--net", "--mount", "--propagation", "private", sys.executable]
    return subprocess.run(
        [*command, "-m", "tests.servers.restage", "--product", product, *words],
        env={**os.environ, _INSIDE: str(folder / f"{product}.rows")},
        check=False,
    ).returncode


def _inside(rows: Path, args: argparse.Namespace) -> None:
    home = rows.with_suffix(".home")
    home.mkdir(mode=0o755)
    _prepare(home)
    os.environ["XDG_CACHE_HOME"] = str(Path.home() / ".cache")
    os.environ["XDG_STATE_HOME"] = str(home / "state")
    os.environ["HOME"] = str(home)
    os.environ.pop("SSH_AUTH_SOCK", None)
    with rows.open("a") as file:
        for row in _rows(args):
            file.write(json.dumps(asdict(row)) + "\n")
            file.flush()


if __name__ == "__main__":
    sys.exit(main())
