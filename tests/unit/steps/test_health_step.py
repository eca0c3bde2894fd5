"""The step as a whole: what is evidence, what was looked for, and what is said otherwise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowledge.load import load
from tests.unit.health.fake_host import CALM, GIB, NOW, TableHost, disk
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, Failure, Scalar, StepResult, StepStatus
from wizard.hosts.protocol import CommandResult, HostError, NotPermitted, ServerProcess
from wizard.server.session import CannotConnect, ServerSession
from wizard.steps.health import STEP
from wizard.steps.step import Cancelled, Context, Skip
from wizard.target.model import Sources, Target

END = datetime.fromtimestamp(NOW, UTC)
WINDOW = Window(END - timedelta(hours=2), END)
TCP = Target(host="127.0.0.1", port=3306)
SERVER = ServerProcess(
    4711, "mariadbd", ("mariadbd",), NOW - 600, 900 << 20, 50, 32768, 9, "mysql",
    listening=(3306,),
)  # fmt: skip
REFUSED = (Evidence("state.refused", "refused", "connect"),)
OOM = "Out of memory: Killed process {} ({}) total-vm:9kB, anon-rss:1024kB"
ALL_WELL = {"datadir": "/srv/d", "port": 3306}


class NoServer:
    def connect(self, **_how: object) -> ServerSession:
        raise CannotConnect("refused")


def ring(*messages: tuple[float, str], wrapped: bool = False) -> dict[str, Any]:
    """dmesg of a host that booted 30 days ago; each message so many seconds before now."""
    boot = 30 * 86400
    first = () if wrapped else ("[    0.000000] Linux version 6.1.0",)
    rows = [*first, *(f"[{boot - ago:.6f}] {text}" for ago, text in messages)]
    old = CommandResult(1, "", "unknown option")
    return {"dmesg --time-format iso": old, "dmesg": "\n".join(rows) + "\n"}


def context(
    host: TableHost | None,
    facts: Mapping[str, Scalar] | None = None,
    met: tuple[Evidence, ...] = (),
    target: Target = TCP,
    steps: tuple[StepResult, ...] = (),
) -> Context:
    connection = StepResult("connection", StepStatus.DONE, evidence=met, facts=facts or {})
    case = Case(END, WINDOW, TargetFacts(target.label), (connection, *steps))
    return Context(target, Sources(), case, NoServer(), host, "the host is out of sight")


def run(host: TableHost, **more: Any) -> StepResult:
    return STEP.run(context(host, **more))


def signals(result: StepResult) -> list[str]:
    return [e.signal for e in result.evidence]


def healthy(**more: Any) -> TableHost:
    more.setdefault("commands", ring((9000, "x")))
    more.setdefault("processes", (SERVER,))
    return TableHost(disks={"/srv/d": disk("/srv/d", free=50 * GIB)}, **more)


def test_a_healthy_host_yields_no_evidence_and_says_what_it_looked_for() -> None:
    waits = {f"/proc/{SERVER.pid}/wchan": "do_poll.constprop.0"}
    result = run(healthy(files=waits), facts=ALL_WELL)
    assert result.status is StepStatus.DONE
    assert result.evidence == ()
    assert {"kernel.oom-kill", "kernel.oom-other", "host.process-missing", "host.disk-full",
            "host.process-stopped", "host.inodes-full", "host.memory-low", "host.swapping",
            "host.cpu-busy", "host.files-near-limit", "host.rebooted", "kernel.conntrack-full",
            "kernel.listen-overflow"} == set(result.looked_for)  # fmt: skip
    assert "nothing wrong" in result.headline
    assert result.facts["server_pid"] == 4711
    assert result.facts["kernel_log_readable"] is True
    assert result.facts["oom_pids"] == ""


def test_signals_are_known_to_the_knowledge_base() -> None:
    known = load().signals
    result = run(healthy(), facts=ALL_WELL)
    assert all(known[name].step == "health" for name in result.looked_for)


def test_without_a_host_the_step_is_skipped_with_the_reason() -> None:
    with pytest.raises(Skip, match="out of sight"):
        STEP.run(context(None))


def test_each_killed_server_is_an_evidence_of_its_own_with_its_pid() -> None:
    host = healthy(
        commands=ring((6000, OOM.format(100, "mariadbd")), (3000, OOM.format(200, "mariadbd")))
    )
    result = run(host, facts=ALL_WELL)
    assert [(e.signal, e.value) for e in result.evidence] == [
        ("kernel.oom-kill", 100.0),
        ("kernel.oom-kill", 200.0),
    ]
    first = result.evidence[0]
    assert "pid 100" in first.text
    assert first.excerpt == OOM.format(100, "mariadbd")
    assert first.first is not None
    assert abs(first.first - (END - timedelta(seconds=6000))) < timedelta(seconds=1)
    assert first.occurrences[0].at == first.first
    assert result.facts["oom_pids"] == "100,200"


def test_who_asked_for_the_memory_is_told_unless_it_was_the_server_itself() -> None:
    for asker, told in (("php-fpm", True), ("connection", False), ("mysqld", False)):
        asked = f"{asker} invoked oom-killer: gfp_mask=0x0, order=0"
        host = healthy(commands=ring((701, asked), (700, OOM.format(100, "mysqld"))))
        (one,) = run(host, facts=ALL_WELL).evidence
        assert (f"{asker} had asked" in one.text) is told


def test_a_kill_outside_the_window_is_history_unless_the_error_log_knows_the_dead() -> None:
    host = healthy(commands=ring((86400, OOM.format(100, "mariadbd"))))
    assert signals(run(host, facts=ALL_WELL)) == []
    assert run(host, facts=ALL_WELL).facts["oom_pids"] == "100"
    dead = StepResult("error-log", StepStatus.DONE, facts={"dead_pids": "99,100"})
    assert signals(run(host, facts=ALL_WELL, steps=(dead,))) == ["kernel.oom-kill"]


def test_another_process_killed_is_another_signal() -> None:
    host = healthy(commands=ring((60, OOM.format(1, "java")), (50, OOM.format(2, "php-fpm"))))
    (one,) = run(host, facts=ALL_WELL).evidence
    assert (one.signal, one.count) == ("kernel.oom-other", 2)


def test_what_concerns_the_server_comes_before_the_kills_of_others() -> None:
    kills = ring((60, OOM.format(1, "java")), (50, OOM.format(100, "mariadbd")))
    host = healthy(commands=kills, processes=(replace(SERVER, create_time=NOW - 40),))
    full = TableHost(disks={"/srv/d": disk("/srv/d", free=0)}, commands=kills, processes=(SERVER,))
    assert signals(run(host, facts=ALL_WELL)) == ["kernel.oom-kill", "kernel.oom-other"]
    assert signals(run(full, facts=ALL_WELL))[-1] == "kernel.oom-other"


def test_a_server_that_was_running_before_was_not_the_victim() -> None:
    host = healthy(commands=ring((120, OOM.format(200, "mysqld"))))
    assert signals(run(host, facts=ALL_WELL)) == ["kernel.oom-other"]
    started = replace(SERVER, create_time=NOW - 118)
    host = healthy(commands=ring((120, OOM.format(200, "mysqld"))), processes=(started,))
    assert signals(run(host, facts=ALL_WELL)) == ["kernel.oom-kill"]


@pytest.mark.parametrize(
    "commands",
    [
        {"dmesg": CommandResult(1, "", "read kernel buffer failed: Operation not permitted")},
        {},
        ring((60, "x"), wrapped=True),
        {"dmesg": ""},
    ],
    ids=["refused", "no tool", "wrapped", "empty"],
)
def test_what_could_not_be_looked_at_is_never_absent(commands: dict[str, Any]) -> None:
    result = run(healthy(commands=commands), facts=ALL_WELL)
    assert not {"kernel.oom-kill", "kernel.oom-other"} & set(result.looked_for)
    assert any("kernel log" in note for note in result.notes)


def test_a_wrapped_log_that_still_holds_the_kill_is_believed() -> None:
    host = healthy(commands=ring((700, OOM.format(9, "mariadbd")), wrapped=True))
    result = run(host, facts=ALL_WELL)
    assert signals(result) == ["kernel.oom-kill"]
    assert "kernel.oom-kill" in result.looked_for


def test_a_log_from_the_boot_is_complete_unless_something_failed_before_it() -> None:
    young = replace(CALM, boot_time=NOW - 3600)
    commands = {"dmesg": "[    0.000000] Linux version 6.1.0\n"}
    host = healthy(commands=commands, metrics=young)
    assert "kernel.oom-kill" in run(host, facts=ALL_WELL).looked_for
    for ago, looked in ((600, True), (7000, False)):
        failure = Failure("client.lost", "gone", "app.log:1", END - timedelta(seconds=ago))
        symptom = StepResult("symptom", StepStatus.DONE, failures=(failure,))
        result = run(host, facts=ALL_WELL, steps=(symptom,))
        assert ("kernel.oom-kill" in result.looked_for) is looked


def test_the_groups_own_counter_speaks_weakly_where_the_log_is_closed() -> None:
    files = {
        "/proc/4711/cgroup": "0::/docker/abc\n",
        "/sys/fs/cgroup/docker/abc/memory.max": str(GIB),
        "/sys/fs/cgroup/docker/abc/memory.current": "1000",
        "/sys/fs/cgroup/docker/abc/memory.events": "oom_kill 2\n",
    }
    (one,) = run(healthy(commands={}, files=files), facts=ALL_WELL).evidence
    assert (one.signal, one.weak, one.count, one.value) == ("kernel.oom-kill", True, 2, None)
    result = run(healthy(files=files), facts=ALL_WELL)
    assert result.evidence == ()
    assert result.facts["memory_limit"] == GIB


@pytest.mark.parametrize(
    ("state", "wchan", "told", "command"),
    [
        ("stopped", "do_signal_stop", "SIGSTOP", f"kill -CONT {SERVER.pid}"),
        ("tracing-stop", "ptrace_stop", "debugger", "end that tracer"),
        ("", "do_freezer_trap\n", "frozen", "docker unpause, thaw"),
        ("", "__refrigerator", "frozen", "docker unpause, thaw"),
        ("", "do_poll.constprop.0", "", None),
    ],
)
def test_a_process_that_runs_no_instruction_is_told(
    state: str, wchan: str, told: str, command: str | None
) -> None:
    host = healthy(processes=(replace(SERVER, state=state),))
    host.files[f"/proc/{SERVER.pid}/wchan"] = wchan
    result = run(host)
    assert signals(result) == (["host.process-stopped"] if told else [])
    assert told in result.headline
    assert result.facts["let_go_on"] == command
    assert (command or "") in result.headline


@pytest.mark.parametrize(
    ("groups", "files", "told"),
    [
        ("0::/a.slice\n", {"/sys/fs/cgroup/a.slice/cgroup.events": "frozen 1\n"}, True),
        ("0::/a.slice\n", {"/sys/fs/cgroup/a.slice/cgroup.events": "frozen 0\n"}, False),
        ("5:freezer:/db\n0::/\n", {"/sys/fs/cgroup/freezer/db/freezer.state": "FROZEN\n"}, True),
        ("5:freezer:/db\n0::/\n", {"/sys/fs/cgroup/freezer/db/freezer.state": "THAWED\n"}, False),
        ("0::/\n", {}, None),
    ],
)  # fmt: skip
def test_an_account_that_sees_no_wait_channel_sees_the_group_or_does_not_tell(
    groups: str, files: dict[str, str], told: bool | None
) -> None:
    own = f"/proc/{SERVER.pid}"
    host = healthy(files={f"{own}/wchan": "0", f"{own}/cgroup": groups, **files})
    result = run(host, facts=ALL_WELL)
    assert signals(result) == (["host.process-stopped"] if told else [])
    assert ("host.process-stopped" in result.looked_for) is (told is not None)


def test_a_refused_target_without_a_process_is_missing() -> None:
    result = run(healthy(processes=()), met=REFUSED)
    assert signals(result) == ["host.process-missing"]


@pytest.mark.parametrize(
    ("processes", "met", "target"),
    [
        ((), (), TCP),
        ((SERVER,), REFUSED, TCP),
        ((ServerProcess(5, "mariadbd"),), REFUSED, TCP),
        ((), REFUSED, Target(host="db.example.org")),
        ((), (Evidence("state.access-denied", "", ""),), TCP),
        (NotPermitted("hidepid"), REFUSED, TCP),
    ],
    ids=["reached", "runs", "starting", "remote", "refused by the server", "hidden"],
)
def test_a_process_is_only_missing_where_that_is_certain(
    processes: tuple[ServerProcess, ...] | HostError, met: tuple[Evidence, ...], target: Target
) -> None:
    result = run(healthy(processes=processes), met=met, target=target)
    assert "host.process-missing" not in signals(result)


def test_another_instance_is_not_the_missing_one() -> None:
    other = replace(SERVER, listening=(3307,))
    result = run(healthy(processes=(other,)), met=REFUSED)
    assert signals(result) == ["host.process-missing"]
    assert "1 other runs" in result.evidence[0].text


def test_hidden_processes_are_not_looked_for() -> None:
    result = run(healthy(processes=NotPermitted("hidepid: run as root")), met=REFUSED)
    assert "host.process-missing" not in result.looked_for
    assert any("hidepid" in note for note in result.notes)


def test_a_server_that_is_not_tied_to_the_target_is_said() -> None:
    result = run(healthy(processes=(replace(SERVER, listening=(3307,)),)))
    assert result.facts["server_pid"] is None
    assert any("forward" in note for note in result.notes)


def test_a_reboot_counts_for_data_that_were_there_before_it() -> None:
    young = replace(CALM, boot_time=NOW - 3600)
    for age, expected in ((86400, ["host.rebooted"]), (1800, [])):
        mtimes = {"/srv/d/ibdata1": NOW - 60, "/srv/d/auto.cnf": NOW - age}
        host = healthy(metrics=young, mtimes=mtimes)
        assert signals(run(host, facts=ALL_WELL)) == expected


def test_disk_is_only_looked_at_where_the_data_directory_is_known() -> None:
    result = run(healthy(), facts={"port": 3306})
    assert "host.disk-full" not in result.looked_for
    full = TableHost(
        ring((9000, "x")), disks={"/srv/d": disk("/srv/d", free=0)}, processes=(SERVER,)
    )
    assert signals(run(full, facts=ALL_WELL)) == ["host.disk-full"]


def test_the_operator_can_stop_it() -> None:
    stopped = context(healthy())
    stopped.stop.set()
    with pytest.raises(Cancelled):
        STEP.run(stopped)


def test_metrics_that_fail_fail_the_step_with_a_reason() -> None:
    class Blind(TableHost):
        def metrics(self, paths: Any = (), along: Any = None) -> Any:  # noqa: ARG002
            raise HostError(f"the metrics of {len(paths)} paths could not be read")

    result = run(Blind())
    assert result.status is StepStatus.FAILED
    assert result.reason == "the metrics of 0 paths could not be read"
