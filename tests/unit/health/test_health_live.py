"""Two looks at a machine, and what they tell of the time between them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.unit.health.fake_host import TableHost
from wizard.health.live import TOO_FAR, Look, look, moment
from wizard.hosts.protocol import HostError

STAT = (
    "cpu  {} 0 {} {} {} 0 0 {} 0 0\ncpu0 1 0 1 1 0 0 0 0 0 0\ncpu1 1 0 1 1 0 0 0 0 0 0\nbtime 1\n"
)
MEMORY = "MemTotal: 16384 kB\nMemFree: 2048 kB\nMemAvailable: 8192 kB\n"
DISKS = "   8       0 sda {} 0 {} 0 {} 0 {} 0 0 0 0\n   8       1 sda1 9 0 9 0 9 0 9 0 0 0 0\n"
PSI = "some avg10=12.50 avg60=3.00 avg300=1.00 total=1\n"


def machine(ticks: tuple[int, int, int, int, int], pages: int, sectors: int) -> dict[str, str]:
    return {
        "/proc/stat": STAT.format(*ticks),
        "/proc/meminfo": MEMORY,
        "/proc/vmstat": f"pswpin {pages}\npswpout {2 * pages}\n",
        "/proc/loadavg": "1.50 1.00 0.50 2/300 4711\n",
        "/proc/diskstats": DISKS.format(1, sectors, 1, 2 * sectors),
        "/proc/pressure/io": PSI,
        "/proc/7/status": "Name:\tmysqld\nVmRSS:\t  2048 kB\nThreads:\t33\n",
    }


class Listing(TableHost):
    """`names` by directory beside the files."""

    names: Mapping[str, tuple[str, ...]] = {"/sys/block": ("sda",), "/proc/7/fd": ("0", "1", "2")}

    def list_dir(self, path: object) -> tuple[str, ...]:
        if str(path) not in self.names:
            raise HostError(f"{path} may not be read")
        return self.names[str(path)]


def two(pid: int | None = 7) -> tuple[Look, Look]:
    before = look(Listing(files=machine((100, 100, 700, 50, 50), 10, 100)), None, pid)
    after = look(Listing(files=machine((130, 110, 740, 60, 60), 30, 300)), None, pid)
    return before, replace(after, at=before.at + 2.0)


def test_two_looks_tell_shares_and_rates() -> None:
    now = moment(*two())
    assert now is not None
    assert (now.busy, now.iowait, now.steal) == (40.0, 10.0, 10.0)
    assert (now.load, now.cpu_count) == (1.5, 2)
    assert (now.available, now.total) == (8 << 20, 16 << 20)
    assert (now.swapped_in, now.swapped_out) == (20 * 4096 / 2, 40 * 4096 / 2)
    assert (now.read, now.written) == (200 * 512 / 2, 400 * 512 / 2)
    assert now.waited == {"io": 12.5}
    assert (now.rss, now.threads, now.files) == (2 << 20, 33, 3)
    assert (now.running, now.connected) == (None, None)


def test_what_is_not_seen_is_none() -> None:
    before, after = two(None)
    now = moment(before, after)
    assert now is not None
    assert (now.rss, now.threads, now.files) == (None, None, None)
    now = moment(replace(before, disks=None), after)
    assert now is not None
    assert (now.read, now.written) == (None, None)


def test_looks_too_far_apart_tell_no_moment() -> None:
    before, after = two()
    assert moment(before, replace(after, at=before.at + TOO_FAR + 1)) is None
    assert moment(before, before) is None
    assert moment(before, replace(after, stat="cpu 1 2")) is None


def test_the_files_are_asked_for_at_once() -> None:
    host = Listing(files=machine((1, 1, 1, 1, 1), 1, 1))
    look(host, None, 7)
    (asked,) = host.brought
    paths = {file.path for file in asked.files}
    assert {"/proc/stat", "/proc/meminfo", "/proc/7/status", "/proc/pressure/cpu"} <= paths
    assert asked.listings == ("/sys/block", "/proc/7/fd")
    assert asked.commands == ()


@pytest.mark.parametrize("missing", ["/proc/stat", "/proc/meminfo", "/proc/loadavg"])
def test_a_machine_without_proc_is_an_error(missing: str) -> None:
    files = machine((1, 1, 1, 1, 1), 1, 1)
    del files[missing]
    with pytest.raises(HostError):
        look(Listing(files=files), None, 7)
