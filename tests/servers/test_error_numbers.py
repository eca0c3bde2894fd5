"""The servers' own perror says of every number what the knowledge base says."""

import re
import subprocess
from collections.abc import Callable

import pytest

from knowledge.load import errors
from knowledge.model import Meaning
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.templates import Templates
from wizard.demo.binaries import ServerBinary

Ask = Callable[[str, int], tuple[str, str] | None]

SPEAKERS = {"mysql": ("server", "mysql"), "mariadb": ("server", "mariadb")}
VALUE = re.compile(r"%[-.0-9]*l*[a-zA-Z]")


@pytest.fixture
def told(_templates: Templates) -> Ask:
    """What a product's perror says of a number: symbol, and text with `...` for values."""

    def ask(product: str, number: int) -> tuple[str, str] | None:
        binary, _data = _templates(product)
        return _perror(binary, number)

    return ask


def _perror(binary: ServerBinary, number: int) -> tuple[str, str] | None:
    """None where the server has no such number."""
    command = binary.command("perror", str(number))
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        unavailable("there is no perror beside the server")
    if "not found" in done.stderr or "No such file" in done.stderr:
        unavailable("there is no perror beside the server")
    found = re.search(rf"error code (?:MY-0*)?{number} \((\w+)\): (.*)", done.stdout)
    if found is None:
        return None
    text = VALUE.sub("...", found[2].split("Learn more:")[0])
    return found[1], " ".join(text.split())


@pytest.mark.parametrize("product", ["mysql", "mariadb"])
def test_numbers_are_the_servers_own(product: str, told: Ask) -> None:
    wrong = {}
    for error in errors().values():
        for meaning in (m for m in error.meanings if m.speaker in SPEAKERS[product]):
            said = told(product, error.number)
            if said is None or said != expected(meaning, said[0], product):
                wrong[error.number] = said
    assert not wrong


def expected(meaning: Meaning, symbol: str, product: str) -> tuple[str, str]:
    """MySQL renamed master and slave in its symbols; MariaDB kept them."""
    text = meaning.mariadb_text if product == "mariadb" and meaning.mariadb_text else meaning.text
    same = symbol.replace("MASTER", "SOURCE") == meaning.symbol
    return (symbol if same else meaning.symbol), text


@pytest.mark.parametrize("number", [1927, 1969])
def test_mysql_lacks_mariadbs_numbers(number: int, told: Ask) -> None:
    assert told("mysql", number) is None
