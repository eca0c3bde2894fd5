"""Our slow log digest against pt-query-digest's, on logs of real servers, where it is installed.

`python -m tests.servers.bench_slow_digest`; part of `make bench`. Groups, counts, sums and maxima
agree; `use` is left out, which pt-query-digest takes for the default database of the entry.
"""

import json
import shutil
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path

from tests.servers.harness.templates import EVERY_PRODUCT, data_templates, start_with
from wizard.logs.slow.by_size import tally_for
from wizard.logs.slow.lines import whole_entries

STATEMENTS = (
    "INSERT INTO t (b) VALUES ('x{n}'), ('it''s'), (NULL)",
    "SELECT * FROM t WHERE a IN ({n}, 2, 3) AND b = 'q\\'x' -- why\n ORDER BY a ASC LIMIT {n}",
    "SELECT a FROM t UNION SELECT a FROM t UNION SELECT a FROM t",
    "SELECT /* a hint */ COUNT(*), TRUE FROM t WHERE b LIKE '%{n}%' OR a > -{n}.5e3",
    "UPDATE t SET b = CONCAT(b, 0x4{n}) WHERE a = {n}",
    "SELECT SLEEP(0.0{n})",
)


def main() -> int:
    program = shutil.which("pt-query-digest")
    if program is None:
        print("pt-query-digest is not installed (Debian: percona-toolkit)")
        return 0
    different = 0
    with ExitStack() as stack:
        template = stack.enter_context(data_templates())
        for product in EVERY_PRODUCT:
            settings: dict[str, object] = {"slow_query_log": "ON", "long_query_time": "0"}
            server = start_with(stack, template, product, settings)
            with server.client(database="shop", autocommit=True) as client:
                cursor = client.cursor()
                cursor.execute("CREATE TABLE t (a INT PRIMARY KEY AUTO_INCREMENT, b VARCHAR(99))")
                for number in range(1, 10):
                    for statement in STATEMENTS:
                        cursor.execute(statement.replace("{n}", str(number)))
            log = next(server.data.glob("*slow.log"))
            server.stop()
            different += compare(product, log, program)
            server.close()
    return 1 if different else 0


def compare(product: str, log: Path, program: str) -> int:
    """How many groups differ."""
    tally = tally_for(1, UTC, large=1)
    for data in whole_entries([log.read_bytes()]):
        tally.take(data)
    ours = {s.fingerprint: (s.count, s.seconds, s.longest) for s in tally.digest().shapes}
    answer = subprocess.run(
        [program, "--output", "json", "--limit", "100%", "--no-version-check", str(log)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    theirs = {
        c["fingerprint"]: (int(c["query_count"]), *(
            float(c["metrics"]["Query_time"][name]) for name in ("sum", "max")
        ))
        for c in json.loads(answer[answer.index("{") :])["classes"]
    }  # fmt: skip
    both = {name for name in {*ours, *theirs} if name and not name.startswith(("use ", "user@"))}
    differ = [name for name in both if not _alike(ours.get(name), theirs.get(name))]
    for name in differ:
        print(f"  {name!r}: ours {ours.get(name)}, theirs {theirs.get(name)}")
    print(f"{product}: {len(both)} groups, {len(differ)} differ")
    return len(differ)


def _alike(ours: "tuple[float, ...] | None", theirs: "tuple[float, ...] | None") -> bool:
    if ours is None or theirs is None:
        return False
    return all(abs(a - b) < 1e-4 for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    sys.exit(main())
