"""`mcp` as an agent meets it: the official SDK's client starts it and calls its tools."""

import json
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from tests.servers.check_run import password_file
from tests.servers.harness.server import ServerUnderTest
from tests.unit.schema.strict import assert_fits
from wizard.case.case_file import save
from wizard.cli import main
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case

pytestmark = pytest.mark.servers

DATA = Path(__file__).parents[1] / "data"


def started(*target: str) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=["-m", "wizard", "mcp", *target])


def text(result: CallToolResult) -> str:
    return "".join(part.text for part in result.content if isinstance(part, TextContent))


async def test_every_tool_reads_and_none_changes(tmp_path: Path) -> None:
    case = save(recorded_case(Fault.IDLE), tmp_path / "idle.case.json")
    log = DATA / "error-log" / "mariadb-10.11.log"
    async with Client(started()) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == {"check", "logs", "explain", "report"}
        assert all(t.annotations is not None and t.annotations.read_only_hint for t in tools)
        told = await client.call_tool("explain", {"word": "2006"})
        assert "Error 2006" in text(told)
        told = await client.call_tool("logs", {"paths": [str(log)]})
        assert_fits("logs", told.structured_content)
        told = await client.call_tool("report", {"case": str(case)})
        assert_fits("report", told.structured_content)
        missing = await client.call_tool("report", {"case": "--output=/x"})
        assert missing.is_error
        assert "Traceback" not in text(missing)


async def test_check_looks_at_the_server_that_the_operator_named(mariadb: ServerUnderTest) -> None:
    secret = password_file(mariadb, "admin")
    target = ("-h", mariadb.host, "-P", str(mariadb.port), "-u", "admin",
              "--password-file", str(secret))  # fmt: skip
    async with Client(started(*target)) as client:
        told = await client.call_tool("check", {"since": "1h"})
        answer = told.structured_content
        assert_fits("check", answer)
        assert answer is not None
        assert answer["target"]["reachable"] is True
        assert mariadb.passwords["admin"] not in json.dumps(answer)
        wrong = await client.call_tool("check", {"since": "yesterdayish"})
        assert wrong.is_error
        assert "--since" in text(wrong)


@pytest.mark.parametrize("words", [["-psecret"], ["-p"], ["mysql://root:secret@db1/"]])
def test_a_password_in_an_argument_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mcp", *words]) == 2
    said = capsys.readouterr().err
    assert "--password-file" in said
    assert "secret" not in said
