"""A crash names a private file, and never prints what a variable held."""

import stat
from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.textual_compat import crash_line
from tests.screens.fake import live

SECRET = "hunter2-secret"


async def test_a_crash_leaves_no_values(capfd: pytest.CaptureFixture[str]) -> None:
    app = WizardApp(live())

    def explode() -> None:
        password = SECRET
        raise RuntimeError(f"login with {password}")

    async def crash() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            app.call_later(explode)
            for _ in range(5):
                await pilot.pause()

    with pytest.raises(RuntimeError):
        await crash()
    assert app.return_code == 1
    path = Path(app.crash_report)
    try:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_text()
        assert "RuntimeError" in text
        assert "explode" in text
        assert SECRET not in text
    finally:
        path.unlink()
    out, err = capfd.readouterr()
    assert SECRET not in out + err
    assert str(path) in crash_line(app)
