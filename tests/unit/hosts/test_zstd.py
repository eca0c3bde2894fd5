"""A log that was compressed with zstd, read as if it were plain."""

from pathlib import Path

from backports import zstd

from wizard.hosts.local.host import LocalHost

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
