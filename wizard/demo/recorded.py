"""Cases of the demo's faults, recorded where a server is installed, for where none is."""

from importlib.resources import as_file, files

from wizard.case.case import Case
from wizard.case.case_file import load
from wizard.demo.faults import Fault


def recorded_case(fault: Fault) -> Case:
    """The case of an earlier run of `demo FAULT --save-case`."""
    with as_file(files("wizard.demo") / "recorded_cases" / f"{fault}.json") as path:
        return load(path)
