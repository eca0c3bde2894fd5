"""The fleet's pure parts: variables to flags, results to a table, tables to texts."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.schema.strict import assert_fits
from wizard.commands.fleet import exit_code
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Verdict
from wizard.fleet.formats import FLEET_FORMATS, render_fleet
from wizard.fleet.look import result_of_event
from wizard.fleet.request import FLAGS, PREFIX, HostRequest, Way, ssh_options, words_of
from wizard.fleet.result import HostCause, HostResult, not_looked_at, result_from, result_of
from wizard.fleet.results import ResultDirectory, file_name
from wizard.fleet.table import fleet_of
from wizard.fleet.traits import subnet_of
from wizard.safety.errors import UsageError


def host(name: str, *causes: tuple[str, Verdict, int], **traits: str) -> HostResult:
    told = tuple(HostCause(c, f"Title of {c}", v, 0.9, n) for c, v, n in causes)
    failures = sum(n for _, _, n in causes)
    return HostResult(
        name, 1 if causes else 0, case=f"{name}.case.json", server="mariadb 10.11.19",
        causes=told, failures=failures, explained=failures, traits=traits,
    )  # fmt: skip


IDLE = ("idle-timeout", Verdict.CONFIRMED, 31)
CRASH = ("server-crash", Verdict.LIKELY, 2)
FLEET = fleet_of(
    [
        host("quiet", wait_timeout="28800"),
        host("crashed", CRASH, wait_timeout="28800"),
        host("idle2", IDLE, wait_timeout="60"),
        host("idle1", IDLE, CRASH, wait_timeout="60"),
        not_looked_at("gone", "nothing listens on <port> 22", 3),
    ]
)


def test_every_variable_that_is_a_flag_of_check_becomes_one() -> None:
    variables = {f"{PREFIX}app_log": ["/a b", "/c"], f"{PREFIX}user": "app", "other": 1,
                 f"{PREFIX}password": "secret", f"{PREFIX}time_limit": 9}  # fmt: skip
    words = words_of(variables, ["idle"])
    assert words == ("--app-log=/a b", "--app-log=/c", "--user=app", "--probe=idle")


def test_each_flag_is_understood_by_check() -> None:
    from wizard.commands.fleet_host import _parsed

    values = {"port": "3306", "protocol": "TCP", "ssl_mode": "REQUIRED", "app_ssh": "web1",
              "idle_limit": "10s", "statement_limit": "10s", "packet_limit": "1M"}  # fmt: skip
    for flag in FLAGS:
        _parsed(words_of({f"{PREFIX}{flag}": values.get(flag, "x")}))


def test_a_variable_that_nobody_knows_is_told() -> None:
    with pytest.raises(UsageError, match="goneaway_pasword"):
        words_of({"goneaway_pasword": "x"})


def test_words_of_ssh_become_lines_of_its_configuration() -> None:
    told = ssh_options("-o ProxyJump=bastion -oUserKnownHostsFile=/k -C -J 'two' -p 2222", "/key")
    assert told == ("IdentityFile /key", "ProxyJump bastion", "UserKnownHostsFile /k",
                    "ProxyJump two", "Port 2222")  # fmt: skip
    with pytest.raises(UsageError):
        ssh_options("-o 'unclosed")


def test_secrets_are_in_no_repr() -> None:
    request = HostRequest(
        "a", (), "", Way("h", password="s3cret", sudo_password="s3cret"), "s3cret"
    )
    assert "s3cret" not in repr(request)


def test_the_worst_come_first_and_those_that_nobody_saw_apart() -> None:
    assert [r.host for r in FLEET.hosts] == ["idle1", "idle2", "crashed", "quiet"]
    assert [r.host for r in FLEET.unseen] == ["gone"]
    assert [(c.cause, c.hosts, c.failures) for c in FLEET.causes] == [
        ("idle-timeout", ("idle1", "idle2"), 62),
        ("server-crash", ("idle1", "crashed"), 4),
    ]


def test_what_is_common_is_told_only_where_it_tells_hosts_apart() -> None:
    idle, crash = FLEET.causes
    assert [s.text for s in idle.common] == ["wait_timeout 60 (2 of 2, elsewhere 0 of 2)"]
    assert crash.common == ()
    alike = fleet_of(
        [host(f"h{n}", IDLE, version="a") for n in range(3)] + [host("x", version="a")]
    )
    assert alike.causes[0].common == ()


def test_exit_codes_are_those_of_check() -> None:
    assert exit_code(FLEET) == 1
    assert exit_code(fleet_of([host("a")])) == 0
    assert exit_code(fleet_of([host("a"), not_looked_at("b", "refused", 3)])) == 3
    nothing_read = replace(host("b"), exit_code=2)
    assert exit_code(fleet_of([host("a"), nothing_read])) == 2
    assert exit_code(fleet_of([host("a", IDLE), nothing_read])) == 1
    assert exit_code(fleet_of([host("a", IDLE), not_looked_at("b", "broken", 70)])) == 70
    assert exit_code(fleet_of([host("a", IDLE)], interrupted=True)) == 130


@pytest.mark.parametrize("style", FLEET_FORMATS)
def test_every_format_tells_every_host_and_cause(style: str) -> None:
    text = render_fleet(FLEET, style)
    for word in ("idle1", "idle2", "crashed", "quiet", "gone", "confirmed", "server-crash"):
        assert word in text
    assert text.endswith("\n")


def test_json_follows_its_schema() -> None:
    answer = json.loads(render_fleet(FLEET, "json"))
    assert_fits("fleet", answer)
    assert answer["failures"] == {"total": 66, "explained": 66, "unexplained": 0}


def test_text_from_outside_does_no_harm() -> None:
    nasty = "=cmd|<script>alert(1)</script>\x1b[2J\u202e"
    fleet = fleet_of([not_looked_at(nasty, nasty, 3), replace(host("a", IDLE), server=nasty)])
    for style in FLEET_FORMATS:
        text = render_fleet(fleet, style)
        assert "\x1b" not in text
        assert "\u202e" not in text
    table = list(csv.reader(io.StringIO(render_fleet(fleet, "csv"))))
    assert not [cell for row in table for cell in row if cell.startswith("=")]
    assert "<script" not in render_fleet(fleet, "html")


@pytest.mark.parametrize("fault", list(Fault))
def test_a_case_in_short_survives_its_file(fault: Fault, tmp_path: Path) -> None:
    case = recorded_case(fault)
    result = result_of("db/1", case, diagnose(case), 1, 2.04)
    assert result.causes
    assert result.traits["version"].startswith("mariadb 10.")
    directory = ResultDirectory(tmp_path / "new")
    directory.make()
    directory.keep(result)
    assert directory.result("db/1") == result == result_from(result.as_data())
    assert list(directory.results()) == [result]


def test_hosts_of_whatever_name_have_files_of_their_own() -> None:
    names = ["db1", "db/1", "db_1", "../x", ".x", "", "a" * 300, "a" * 301, "\udc8b"]
    files = [file_name(name) for name in names]
    assert len(set(files)) == len(names)
    assert not [file for file in files if "/" in file or file.startswith(".") or len(file) > 120]


def test_what_ansible_says_in_place_of_an_answer_is_the_reason() -> None:
    assert result_of_event({"host": "a", "failed": "no vault\x1b[2J"}).reason == "no vault[2J"
    assert "damaged" in result_of_event({"host": "a", "result": {"host": 3}}).reason


def test_subnets() -> None:
    assert subnet_of(["db.example", "10.1.2.3"]) == "10.1.2.0/24"
    assert subnet_of(["fe80::1"]) == "fe80::/64"
    assert subnet_of(["db.example"]) == ""
