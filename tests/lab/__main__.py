"""`python -m tests.lab [--only NAME]... [--product NAME]... [--list] [--tell] [--dry-run]`"""

import argparse
import os
import sys
import time
from pathlib import Path

import pytest

from tests.lab import matrix
from tests.lab.bench import NotHere, bench
from tests.lab.catalogue import SCENARIOS
from tests.lab.judge import Judgement, judge
from tests.lab.record import check, keep, place_of
from tests.lab.scenario import Scenario
from tests.servers.harness import server_trees
from tests.servers.harness.debian_mirror import NoTree
from wizard.demo.binaries import NoServer, ServerBinary
from wizard.demo.private_server import PrivateServer

DEFAULT_PRODUCTS = ("mariadb", "mysql")


def main() -> int:
    options = _options()
    if options.list:
        for scenario in SCENARIOS.values():
            causes = ", ".join(scenario.causes) or "(decoy)"
            print(f"{scenario.name:36} {causes:28} {scenario.title}")
        return 0
    results: dict[str, dict[str, matrix.Row]] = {}
    began = time.monotonic()
    for product in options.product or DEFAULT_PRODUCTS:
        results[product] = _run_product(product, options)
    matrix.show(results)
    complete = not (options.only or options.product or options.dry_run)
    if complete:
        matrix.write(results, time.monotonic() - began)
    rows = [row for by_name in results.values() for row in by_name.values()]
    return 0 if all(row.good for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab")
    parser.add_argument("--only", action="append", choices=sorted(SCENARIOS), metavar="NAME")
    parser.add_argument("--product", action="append", choices=sorted(server_trees.PRODUCTS))
    parser.add_argument("--list", action="store_true", help="what there is to stage")
    parser.add_argument("--tell", action="store_true", help="tell every diagnosis, not bad ones")
    parser.add_argument("--dry-run", action="store_true", help="record nothing")
    return parser.parse_args()


def _run_product(product: str, options: argparse.Namespace) -> dict[str, matrix.Row]:
    try:
        binary = server_trees.find(server_trees.PRODUCTS[product], dict(os.environ))
    except (NoServer, NoTree) as reason:
        print(f"{product}: {reason}", file=sys.stderr)
        return {}
    rows: dict[str, matrix.Row] = {}
    template = PrivateServer(binary)
    try:
        template.initialise()
        for scenario in SCENARIOS.values():
            wanted = not options.only or scenario.name in options.only
            if wanted and binary.flavor in scenario.flavors:
                rows[scenario.name] = _run(product, binary, template.data, scenario, options)
    finally:
        template.close()
    return rows


def _run(
    product: str,
    binary: ServerBinary,
    template: Path,
    scenario: Scenario,
    options: argparse.Namespace,
) -> matrix.Row:
    began = time.monotonic()
    try:
        judgements = _judgements(product, binary, template, scenario, options.dry_run)
    except (NotHere, pytest.skip.Exception, pytest.fail.Exception) as reason:
        row = matrix.Row(scenario, skipped=str(reason))
    except Exception as broken:  # noqa: BLE001 - one broken fault must not end the whole run
        row = matrix.Row(scenario, broken=f"{type(broken).__name__}: {broken}"[:300])
    else:
        row = matrix.Row(scenario, judgements)
    print(f"{product:14} {scenario.name:36} {row.told()}  {time.monotonic() - began:.0f} s")
    for judgement in row.judgements:
        if options.tell or not judgement.good:
            print(judgement.told())
    sys.stdout.flush()
    return row


def _judgements(
    product: str, binary: ServerBinary, template: Path, scenario: Scenario, dry: bool
) -> tuple[Judgement, ...]:
    with bench(binary, dict(scenario.settings), template, scenario.aged) as place:
        scenario.stage(place)
        case = check(place, scenario)
        if not dry:
            keep(case, place, place_of(product, scenario.name))
    return tuple(judge(case, scenario, with_log) for with_log in (True, False))


if __name__ == "__main__":
    sys.exit(main())
