"""What a fleet costs: `python -m tests.servers.bench_fleet [HOSTS ...]`, hosts being aliases.

One MariaDB behind one sshd stands for them all, but a host that hangs, two that refuse and one
whose key has changed. 20 forks; wall time, processor time and the largest process.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from tests.servers.harness.templates import data_templates, start_with
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon, free_port, new_key

FORKS = 20
TIME_LIMIT = 30
"""Seconds for the host that hangs; the others have the command's own 2 minutes."""

SIZES = (10, 50, 200)


def measured(place: Path, home: Path, hosts: dict[str, dict[str, object]], count: int) -> str:
    inventory = place / f"inventory-{count}.yml"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "wizard", "fleet", "-i", str(inventory), "--forks", str(FORKS),
         "--dir", str(place / f"cases-{count}"), "--format", "json"],
        capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(home)},
    )  # fmt: skip
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = json.loads(done.stdout)
    seen, unseen = len(answer["hosts"]), len(answer["not_looked_at"])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    why = Counter(host["reason"] for host in answer["not_looked_at"])
    reasons = "".join(f"\n        {number} x {reason}" for reason, number in why.most_common())
    return (
        f"{count:>5} hosts: {seen} checked, {unseen} not; {wall:.1f} s, {cpu:.1f} s of processor, "
        f"{cpu / count:.2f} s a host; largest process {after.ru_maxrss / 1024:.0f} MB{reasons}"
    )


def main(sizes: tuple[int, ...]) -> None:
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = start_with(stack, stack.enter_context(data_templates()), "mariadb", {})
        client = ClientHome(place / "client")
        daemon = SshDaemon(place / "sshd", authorized=(client.key(),)).start()
        stack.callback(daemon.stop)
        stranger = SshDaemon(place / "stranger").start()
        stack.callback(stranger.stop)
        client.knows(daemon)
        other = Path(f"{new_key(place / 'other')}.pub").read_text(encoding="ascii").split()
        with client.known_hosts.open("a", encoding="ascii") as known:
            known.write(f"[127.0.0.1]:{stranger.port} {other[0]} {other[1]}\n")
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        way = {"ansible_host": "127.0.0.1", "ansible_user": "root"}
        odd = {
            "hanging": {
                **way,
                "ansible_port": silent.getsockname()[1],
                "goneaway_time_limit": TIME_LIMIT,
            },
            "refusing1": {**way, "ansible_port": free_port()},
            "refusing2": {**way, "ansible_port": free_port()},
            "changed": {**way, "ansible_port": stranger.port},
        }
        alike = {**way, "ansible_port": daemon.port, "goneaway_socket": str(server.socket),
                 "goneaway_user": "root", "goneaway_error_log": str(server.error_log)}  # fmt: skip
        for count in sizes:
            hosts = {**odd, **{f"db{n}": alike for n in range(count - len(odd))}}
            print(measured(place, client.home, hosts, count), flush=True)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
