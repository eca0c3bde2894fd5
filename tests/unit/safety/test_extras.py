"""What an extra brings can be installed without an index that knows the wizard."""

import sys

from wizard.safety.extras import install_command


def test_it_names_what_the_extra_brings_for_this_very_python() -> None:
    told = install_command("mcp")
    assert told.startswith(f"{sys.executable} -m pip install 'mcp")
    assert "goneaway-wizard[" not in told
    assert "ansible-core" in install_command("fleet")


def test_markers_are_left_out() -> None:
    told = install_command("fast")
    assert "hyperscan" in told
    assert "platform_machine" not in told
