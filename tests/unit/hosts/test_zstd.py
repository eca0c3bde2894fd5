"""A log that was compressed with zstd, read as if it were plain."""

from datetime import UTC, datetime
from pathlib import Path

from backports import zstd

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.logs.application.open_file import open_log
from wizard.logs.application.read import scan_application_log
from wizard.logs.error.supervisor import supervisors_in_file

TEXT = b"".join(b"2026-11-23 10:00:%02d %d [Note] line\n" % (n % 60, n) for n in range(60_000))


def test_frames_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "error.log.1.zst"
    pack = zstd.compress
    path.write_bytes(pack(TEXT[:700_000]) + pack(TEXT[700_000:]))
    host = LocalHost()
    assert host.cells(path, "zstd -dcq").size == len(TEXT)
    assert host.read_unpacked(path, "zstd -dcq", 690_000, 50_000) == TEXT[690_000:740_000]


def test_a_damaged_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "error.log.1.zst"
    packed = bytearray(zstd.compress(TEXT, options={zstd.CompressionParameter.checksum_flag: 1}))
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    cells = LocalHost().cells(path, "zstd -dcq")
    assert cells.complaint
    assert cells.size < len(TEXT)


def test_an_application_s_log_is_read_as_if_it_were_plain(tmp_path: Path) -> None:
    line = "2026-11-23 10:00:00 ERROR (2006, 'MySQL server has gone away')\n"
    plain = tmp_path / "app.log"
    plain.write_text(("2026-11-23 09:59:59 INFO all is well\n" * 5000 + line) * 3, "utf-8")
    packed = tmp_path / "app.zst"
    packed.write_bytes(zstd.compress(plain.read_bytes()))
    ours, theirs = (scan_application_log(path) for path in (plain, packed))
    assert (theirs.counts, theirs.lines) == (ours.counts, ours.lines)
    assert theirs.total == 3
    assert not theirs.truncated


def test_an_application_s_log_that_is_damaged_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    line = b"2026-11-23 10:00:00 ERROR (2006, 'MySQL server has gone away') %d\n"
    text = b"".join(line % n for n in range(60_000))
    path = tmp_path / "app.log.zst"
    packed = zstd.compress(text)
    path.write_bytes(packed[: len(packed) // 2])
    found = scan_application_log(path)
    assert 0 < found.total < 60_000
    assert "reading stopped" in found.truncated
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert supervisors_in_file(path, window, open_log) == ()
