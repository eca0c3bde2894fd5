"""`python -m tests.lab`: stage faults on real servers, record the cases, judge them.

`make lab` runs everything on both products and writes MATRIX.md.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab import matrix, own_network
from tests.lab.bench import NotHere, bench
from tests.lab.catalogue import SCENARIOS
from tests.lab.judge import Row
from tests.lab.record import check, keep, note_unstaged, place_of
from tests.lab.rows import row_of
from tests.lab.scenario import Scenario
from tests.servers.harness import server_trees
from tests.servers.harness.debian_mirror import NoTree
from wizard.demo.binaries import NoServerInstalled, ServerBinary
from wizard.demo.private_server import PrivateServer

DEFAULT_PRODUCTS = ("mariadb", "mysql")


def main() -> int:
    options = _options()
    if options.list:
        for scenario in SCENARIOS.values():
            causes = ", ".join(scenario.causes) or "(decoy)"
            print(f"{scenario.name:36} {causes:28} {scenario.title}")
        return 0
    products = tuple(options.product or DEFAULT_PRODUCTS)
    if options.judge:
        good = True
    elif len(products) > 1:
        good = _side_by_side(products)
    else:
        return 0 if _run_product(products[0], options) else 1
    print("\n".join(matrix.summary()))
    if options.write:
        matrix.write()
    return 0 if good else 1


def _side_by_side(products: tuple[str, ...]) -> bool:
    """Each product in a process of its own: a fault may set the process's time zone."""
    words = [w for w in sys.argv[1:] if w not in ("--write", "--product", *products)]
    command = [sys.executable, "-m", "tests.lab", *words, "--product"]
    running = [subprocess.Popen([*command, product]) for product in products]
    codes = [process.wait() for process in running]
    return not any(codes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    add = parser.add_argument
    add("--only", action="append", choices=sorted(SCENARIOS), metavar="NAME", help="repeatable")
    add("--product", action="append", choices=sorted(server_trees.PRODUCTS), help="repeatable")
    add("--list", action="store_true", help="tell what there is to stage")
    add("--minutes", type=float, default=60.0, help="stage no more after so long (default: 60)")
    add("--tell", action="store_true", help="tell every diagnosis, not only those that are wrong")
    add("--judge", action="store_true", help="stage nothing, judge what was recorded")
    add("--logs", type=Path, metavar="DIR", help="keep every log of what is staged there")
    add("--write", action="store_true", help="write MATRIX.md from all that was recorded")
    return parser.parse_args()


def _run_product(product: str, options: argparse.Namespace) -> bool:
    """Whether everything was answered as it should be."""
    try:
        binary = server_trees.find(server_trees.PRODUCTS[product], dict(os.environ))
    except (NoServerInstalled, NoTree) as reason:
        print(f"{product}: {reason}", file=sys.stderr)
        return True
    good = True
    over = time.monotonic() + options.minutes * 60
    template = PrivateServer(binary)
    try:
        template.initialise()
        for scenario in SCENARIOS.values():
            wanted = not options.only or scenario.name in options.only
            if not wanted or binary.flavor not in scenario.flavors:
                continue
            if time.monotonic() > over:
                print(f"{product:14} {scenario.name:36} not staged: the time is over")
                good = False
                continue
            row = _run(product, binary, template.data, scenario, options)
            good = good and row.good
    finally:
        template.close()
    return good


def _run(
    product: str, binary: ServerBinary, template: Path, scenario: Scenario,
    options: argparse.Namespace,
) -> Row:  # fmt: skip
    began = time.monotonic()
    try:
        _stage(product, binary, template, scenario, options.logs)
    except (NotHere, pytest.skip.Exception, pytest.fail.Exception) as reason:
        note_unstaged(product, scenario.name, str(reason))
        row = Row(scenario, missing=str(reason))
    except Exception as broken:  # noqa: BLE001 - one broken fault must not end the whole run
        row = Row(scenario, broken=f"{type(broken).__name__}: {broken}"[:300])
    else:
        row = row_of(place_of(product, scenario.name), scenario)
    print(f"{product:14} {scenario.name:36} {row.told()}  {time.monotonic() - began:.0f} s")
    for judgement in row.judgements:
        if options.tell or not judgement.good:
            print(judgement.told())
    sys.stdout.flush()
    return row


def _stage(
    product: str, binary: ServerBinary, template: Path, scenario: Scenario, logs: Path | None
) -> None:
    """Leaves a record. Raises NotHere."""
    if scenario.own_network and not own_network.is_inside():
        own_network.run_inside("--only", scenario.name, "--product", product)
        return
    with bench(binary, dict(scenario.settings), template, scenario.aged) as place:
        scenario.stage(place)
        if logs is not None:
            _copy_logs(place.server.directory, logs / product / scenario.name)
        keep(check(place, scenario), place, place_of(product, scenario.name))


def _copy_logs(directory: Path, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for log in directory.glob("*.log*"):
        shutil.copy(log, to)


if __name__ == "__main__":
    sys.exit(main())
