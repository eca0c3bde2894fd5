"""Where another mount namespace's root lies in ours, from the text of mountinfo."""

from pathlib import PurePosixPath

import pytest

from wizard.remedies.own_root import mounts, seen_at

OURS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 8:2 / /srv rw,relatime shared:2 - ext4 /dev/sdb1 rw
31 22 0:40 /@data /var/lib/a\\040b rw - btrfs /dev/sdc rw
"""


@pytest.mark.parametrize(
    ("theirs", "place"),
    [
        ("90 80 8:2 /db / rw shared:2 - ext4 /dev/sdb1 rw", "/srv/db"),
        ("90 80 8:1 /opt/db / ro - ext4 /dev/sda1 rw", "/opt/db"),
        ("90 80 0:40 /@data/root / rw - btrfs /dev/sdc rw", "/var/lib/a b/root"),
        ("90 80 0:40 /@other / rw - btrfs /dev/sdc rw", None),
        ("90 80 0:99 / / rw - overlay overlay rw", None),
        ("90 80 8:1 /srv/db / rw - ext4 /dev/sda1 rw", None),
        ("90 80 8:2 /db /mnt rw - ext4 /dev/sdb1 rw", None),
        ("cut", None),
        ("", None),
    ],
)
def test_the_place_in_our_own_tree(theirs: str, place: str | None) -> None:
    """What one of our own mounts hides is not taken for what lies beneath it."""
    found = seen_at(mounts(theirs), mounts(OURS))
    assert found == (None if place is None else PurePosixPath(place))
