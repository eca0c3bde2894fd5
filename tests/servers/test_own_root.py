"""Roots of their own, made by the kernel: a service's directory is edited, a container's not."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.harness.requirement import unavailable
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import ServerProcess
from wizard.remedies.option_file_edit import NoPlace
from wizard.remedies.own_root import files_root

pytestmark = pytest.mark.servers

_ENTER = """
cd "$1" && mkdir -p usr old || exit
mount --bind /usr usr
for link in bin lib lib64 sbin; do [ -e /$link ] && ln -sfn usr/$link $link; done
pivot_root . old && cd / || exit
echo ready
exec /bin/sleep 300
"""
_IN_A_DIRECTORY = 'mount --bind "$1" "$1"\n'
_ON_AN_OVERLAY = """
mkdir -p "$1.up" "$1.work"
mount -t overlay -o "lowerdir=$1,upperdir=$1.up,workdir=$1.work" none "$1" || exit
"""


@contextmanager
def rooted(before: str, root: Path) -> Iterator[ServerProcess]:
    """A process whose root is `root`, in a mount namespace of its own, as systemd makes it."""
    root.mkdir(exist_ok=True)
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", before + _ENTER]
    with subprocess.Popen(
        [*command, "sh", str(root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if process.stdout.readline().strip() != "ready":
                unavailable(f"no root of its own can be made: {process.stderr.read()}")
            pid = process.pid
            yield ServerProcess(pid, "mariadbd", root=f"/proc/{pid}/root")
        finally:
            process.kill()


def test_a_services_own_directory_is_found(tmp_path: Path) -> None:
    with rooted(_IN_A_DIRECTORY, tmp_path / "a root") as process:
        assert files_root(LocalHost(), process) == tmp_path / "a root"


@pytest.mark.parametrize(
    ("before", "mark", "told"),
    [
        (_IN_A_DIRECTORY, ".dockerenv", "it has /.dockerenv"),
        (_IN_A_DIRECTORY, "run/.containerenv", "it has /run/.containerenv"),
        (_ON_AN_OVERLAY, "", "an overlay is its root"),
    ],
)
def test_what_is_made_from_an_image_is_refused(
    before: str, mark: str, told: str, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "run").mkdir(parents=True)
    if mark:
        (root / mark).touch()
    with rooted(before, root) as process, pytest.raises(NoPlace) as refused:
        files_root(LocalHost(), process)
    assert told in str(refused.value)


def test_a_file_system_that_is_mounted_nowhere_else_is_not_seen(tmp_path: Path) -> None:
    only_there = 'mount -t tmpfs none "$1"\n'
    with rooted(only_there, tmp_path / "root") as process, pytest.raises(NoPlace) as refused:
        files_root(LocalHost(), process)
    assert "not seen from here" in str(refused.value)
