"""Each failure goes to the evidence that is nearest in time, identity and kind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.cpu_time import cpu_seconds, lines_run
from tests.unit.diagnosis.test_diagnosis import LOG, NOW, at, case, ended, lost, outage, step
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase, StepResult
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Verdict


def causes(of: Case) -> list[str | None]:
    return [a.cause for a in diagnose(of).attributions]


def app(*failures: Failure) -> StepResult:
    return step("symptom", failures=failures)


def log(*evidence: Evidence) -> StepResult:
    return step("error-log", *evidence, looked=LOG)


def end_of(signal: str, when: str, number: int, account: str = "'app'@'web'") -> Evidence:
    occurrence = Occurrence(at=at(when), account=account, connection_id=number)
    return Evidence(
        signal, signal, "error log", first=occurrence.at, last=occurrence.at,
        occurrences=(occurrence,),
    )  # fmt: skip


def in_log(name: str, when: str, signal: str = "client.lost") -> Failure:
    """A loss that the log of this name tells of, without a rest."""
    whole, _, part = when.partition(".")
    failure = replace(lost(whole, signal=signal), source=f"{name}.log:1")
    assert failure.at is not None
    return replace(failure, at=failure.at + timedelta(seconds=float(f"0.{part or 0}")))


def refused(when: str) -> Failure:
    return replace(lost(when, signal="client.refused"), phase=Phase.CONNECT)


# ---- identity ----------------------------------------------------------------------------------


def test_the_end_of_another_connection_is_not_ours() -> None:
    packet = log(end_of("log.aborted-packet", "14:00:00", 17))
    ours = replace(lost("14:00:01"), connection_id=18)
    assert causes(case(app(ours), packet)) == [None]
    assert causes(case(app(replace(ours, connection_id=17)), packet)) == ["packet-too-large"]


def test_the_end_of_another_account_is_not_ours() -> None:
    packet = log(end_of("log.aborted-packet", "14:00:00", 17, "'report'@'10.0.0.9'"))
    ours = replace(lost("14:00:01"), account="shop@web")
    assert causes(case(app(ours), packet)) == [None]
    assert causes(case(app(replace(ours, account="report@web")), packet)) == ["packet-too-large"]


def test_who_names_its_connection_gets_its_end_although_another_failure_is_nearer() -> None:
    packet = log(end_of("log.aborted-packet", "14:00:00", 17))
    named = replace(lost("14:00:09"), connection_id=17)
    assert causes(case(app(lost("14:00:01"), named), packet)) == [None, "packet-too-large"]


def test_a_second_use_of_a_lost_connection_goes_with_the_first() -> None:
    packet = log(end_of("log.aborted-packet", "14:00:00", 17))
    first = replace(lost("14:00:01"), connection_id=17)
    again = replace(lost("14:01:40"), connection_id=17)
    assert causes(case(app(first, again), packet)) == ["packet-too-large"] * 2


# ---- one end, one failure ----------------------------------------------------------------------


def test_an_end_that_a_failures_own_words_tell_of_explains_no_other_failure() -> None:
    seen = log(ended("log.idle-timeout", "14:00:00"))
    says = Evidence("client.idle-disconnect", "4031", "app.log:1")
    told = step(
        "symptom",
        says,
        failures=(lost("14:00:20"), lost("14:00:30", signal="client.idle-disconnect")),
    )
    assert causes(case(told, seen, flavor="mysql")) == [None, "idle-timeout"]


def test_the_log_and_the_counter_tell_of_the_same_ends() -> None:
    seen = log(ended("log.idle-timeout", "14:00:00", "14:05:00"))
    counted = Evidence(
        "count.idle-timeout", "4031", "events_errors_summary", count=2,
        first=at("14:00:00"), last=at("14:05:00"),
    )  # fmt: skip
    told = app(*(lost(f"14:0{m}:10") for m in (0, 5, 6, 7)))
    found = causes(case(told, seen, step("counters", counted), flavor="mysql"))
    assert found.count("idle-timeout") == 2


def test_a_count_takes_part_with_its_first_and_last_time() -> None:
    counted = Evidence(
        "count.packet-too-large", "1153", "events_errors_summary", count=3,
        first=at("14:00:00"), last=at("14:10:00"),
    )  # fmt: skip
    told = app(lost("13:30:00"), lost("14:05:00"), lost("14:40:00"))
    found = causes(case(told, step("counters", counted), flavor="mysql"))
    assert found == [None, "packet-too-large", None]


# ---- nearness ----------------------------------------------------------------------------------


def test_the_nearer_of_two_kinds_of_end_explains_a_failure() -> None:
    seen = log(
        ended("log.aborted-timeout", "14:00:00"),
        ended("log.aborted-packet", "14:00:11"),
    )
    assert causes(case(app(lost("14:00:12")), seen)) == ["packet-too-large"]


def test_of_two_outages_the_nearer_explains_a_failure() -> None:
    seen = log(
        outage("log.shutdown", "14:00:00", "14:00:10"), outage("log.crash", "14:01:00", "14:01:05")
    )
    told = app(lost("14:00:04"), lost("14:01:02"), refused("14:01:03"), lost("14:01:09"))
    assert causes(case(told, seen)) == ["server-restarted", *["server-crash"] * 3]


def test_a_connection_that_was_used_after_a_restart_was_not_lost_by_it() -> None:
    seen = log(outage("log.shutdown", "14:00:00", "14:00:10"))
    told = app(lost("14:01:00", idle=20), lost("14:01:00", idle=90), refused("14:01:00"))
    assert causes(case(told, seen)) == [None, "server-restarted", None]


def test_an_end_of_the_failures_own_goes_before_an_outage_that_is_over() -> None:
    seen = log(
        outage("log.shutdown", "14:00:00", "14:00:10"), ended("log.aborted-packet", "14:01:00")
    )
    told = app(lost("14:00:12"), lost("14:01:01"))
    assert causes(case(told, seen)) == ["server-restarted", "packet-too-large"]


def test_what_a_probe_confirmed_goes_before_what_the_log_merely_allows() -> None:
    seen = log(ended("log.aborted-write-error", "14:00:00"))
    cut = Evidence("probe.idle-silent", "an idle connection was forgotten after 300 s", "probe")
    diagnosis = diagnose(case(app(lost("14:00:01")), seen, step("idle", cut)))
    assert diagnosis.attributions[0].cause == "network-idle-drop"
    assert diagnosis.findings[0].cause == "network-idle-drop"


def test_of_two_failures_the_nearer_one_gets_the_end_whatever_comes_first() -> None:
    seen = log(ended("log.aborted-packet", "14:00:11"))
    told = app(in_log("a", "14:00:09.5"), in_log("b", "14:00:11.5"))
    assert causes(case(told, seen)) == [None, "packet-too-large"]


def test_what_is_only_counted_is_left_for_those_that_nothing_nearer_explains() -> None:
    seen = log(ended("log.aborted-timeout", "14:00:00", "14:00:00"))
    counted = Evidence("count.killed", "KILL", "Com_kill", count=2)
    kills = step("counters", counted, facts={"com_kill": 2})
    told = app(
        *(in_log(name, f"14:00:{s}") for name, s in zip("abcd", (1, 1, 30, 30), strict=True))
    )
    found = causes(case(told, seen, kills))
    assert found == ["idle-timeout"] * 2 + ["connection-killed"] * 2


def test_an_outage_explains_no_failure_of_a_connection_that_worked_since() -> None:
    """The same, whether a count explains it better or nothing does."""
    back = log(outage("log.shutdown", "14:00:00", "14:00:05"))
    told = [in_log("a", "13:00:00"), in_log("a", "14:00:07"), in_log("a", "14:00:20")]
    worked = [*told[:2], replace(told[2], worked=at("14:00:15"))]
    assert causes(case(app(*worked), back))[1:] == ["server-restarted", None]
    counted = Evidence("count.killed", "KILL", "Com_kill", count=2)
    kills = step("counters", counted, facts={"com_kill": 1})
    assert causes(case(app(*worked), back, kills))[1:] == ["server-restarted", "connection-killed"]


def test_what_is_put_down_to_an_outage_for_want_of_better_accuses_nobody() -> None:
    """A pool that has worked since a quick restart loses two connections a while later."""
    back = log(outage("log.shutdown", "14:00:00", "14:00:03"))
    told = app(*(replace(in_log("a", "14:00:40"), worked=at("14:00:30")) for _ in range(2)))
    doubtful = diagnose(case(told, back))
    assert {a.cause for a in doubtful.attributions} == {"server-restarted"}
    assert not doubtful.accused
    first = app(*(in_log("a", "14:00:04") for _ in range(2)))
    assert [f.cause for f in diagnose(case(first, back)).accused] == ["server-restarted"]


def test_a_pool_loses_its_older_connections_one_by_one_after_an_outage() -> None:
    back = log(outage("log.shutdown", "14:00:00", "14:00:05"))
    burst = [in_log("a", "14:00:06"), in_log("a", "14:00:06")]
    later = replace(in_log("a", "14:00:12"), worked=at("14:00:10"))
    assert causes(case(app(*burst, later), back)) == ["server-restarted"] * 3


def test_what_took_many_connections_at_once_took_one_more() -> None:
    seen = log(ended("log.aborted-packet", *["14:00:00"] * 3))
    told = app(*(in_log(name, "14:00:00") for name in "abcd"))
    assert causes(case(told, seen)) == ["packet-too-large"] * 4
    alone = app(*(in_log(name, "14:00:00") for name in "abc"), in_log("d", "14:00:09"))
    assert causes(case(alone, seen))[3] is None


def test_a_client_that_refuses_a_statement_by_itself_takes_no_end_of_the_servers() -> None:
    """Go and Java know max_allowed_packet: such a statement is never sent."""
    seen = log(end_of("log.aborted-packet", "14:00:00", 17))
    words = Evidence("client.packet-too-large", "too large", "app.log:1")
    own_check = replace(in_log("go", "14:00:00"), signal="client.packet-too-large", number=None)
    told = step("symptom", words, failures=(own_check, in_log("b", "14:00:01")))
    assert causes(case(told, seen)) == ["packet-too-large"] * 2
    refused = replace(own_check, number=1153)
    told = step("symptom", words, failures=(refused, in_log("b", "14:00:01")))
    assert causes(case(told, seen)) == ["packet-too-large", None]


def test_a_second_word_of_one_connection_is_no_second_loss() -> None:
    seen = log(
        outage("log.crash", "13:59:50", "13:59:55"), end_of("log.aborted-packet", "14:00:00", 17)
    )
    first = replace(in_log("a", "14:00:01"), connection_id=17)
    second = replace(in_log("a", "14:00:01.2", "client.sending-packet"), connection_id=17)
    assert causes(case(app(first, second), seen)) == ["packet-too-large"] * 2


def test_an_orderly_end_is_no_timeout_where_the_server_resets_those_that_idle() -> None:
    """MariaDB resets an idle session; after KILL the client reads an end of file (2013)."""
    seen = log(ended("log.aborted-timeout", "14:00:00"))
    counted = Evidence("count.killed", "KILL", "Com_kill", count=1)
    kills = step("counters", counted, facts={"com_kill": 1})
    told = replace(lost("14:00:03", idle=4), number=2013, phase=Phase.QUERY)
    for handling, cause in (
        ("one-thread-per-connection", "connection-killed"),
        ("pool-of-threads", "idle-timeout"),
    ):
        settings = step("settings", facts={"thread_handling": handling})
        assert causes(case(app(told), seen, kills, settings)) == [cause]


def test_lines_without_a_time_beside_refused_connects_are_of_the_outage() -> None:
    """Also where a rest would fit a timeout; a line that stands apart may be of that."""
    crash = log(outage("log.crash", "14:00:00", "14:00:05"))
    limits = step("settings", facts={"wait_timeout": 2})
    told = [
        replace(lost("14:00:00", idle=2.5), at=None, source="app.log:4"),
        replace(refused("14:00:00"), at=None, source="app.log:5"),
        replace(lost("14:00:00", idle=2.5), at=None, source="app.log:9"),
    ]
    assert causes(case(app(*told), crash, limits)) == ["server-crash"] * 2 + ["idle-timeout"]


# ---- rests -------------------------------------------------------------------------------------


def test_a_timeout_explains_only_a_rest_that_long() -> None:
    notice = replace(
        ended("log.idle-timeout", "14:00:00"),
        occurrences=(Occurrence(at=at("14:00:00"), seconds=600.0),),
    )
    short, long = lost("14:00:10", idle=30), lost("14:00:10", idle=610)
    assert causes(case(app(short), log(notice), flavor="mysql")) == [None]
    assert causes(case(app(long), log(notice), flavor="mysql")) == ["idle-timeout"]


def test_of_two_timeouts_the_one_that_fits_the_rest() -> None:
    ends = (
        Occurrence(at=at("14:00:00"), seconds=60.0),
        Occurrence(at=at("14:05:00"), seconds=60.0),
    )
    notices = replace(ended("log.idle-timeout", "14:00:00", "14:05:00"), occurrences=ends)
    # The first came to its end at 14:00:00, and was noticed after the other one.
    told = app(lost("14:05:30", idle=390), lost("14:05:10", idle=70))
    because = [a.because for a in diagnose(case(told, log(notices), flavor="mysql")).attributions]
    assert "14:00:00" in because[0]
    assert "14:05:00" in because[1]


def test_a_setting_in_force_now_says_nothing_of_a_time_before_the_start() -> None:
    started = step("connection", facts={"started_at": at("14:10:00").isoformat()})
    settings = step("settings", facts={"wait_timeout": 60, "max_allowed_packet": 1 << 20})
    told = app(lost("14:00:00", idle=70), lost("14:30:00", idle=70))
    assert causes(case(told, started, settings)) == [None, "idle-timeout"]


def test_a_setting_says_nothing_of_a_time_before_its_last_change() -> None:
    facts: dict[str, str | int | float | bool | None] = {
        "max_allowed_packet": 1 << 20,
        "max_allowed_packet_changed_at": at("14:20:00").isoformat(),
    }
    told = app(lost("14:00:00", size=2 << 20), lost("14:30:00", size=2 << 20))
    found = causes(case(told, step("settings", facts=facts), flavor="mysql"))
    assert found == [None, "packet-too-large"]


# ---- what is ruled out, and what nobody felt ---------------------------------------------------


def test_a_cause_that_is_ruled_out_explains_nothing_in_no_sum_either() -> None:
    kills = Evidence("log.aborted-killed", "killed", "error log", count=4)
    none = step("counters", looked=("count.killed",))
    diagnosis = diagnose(case(step("error-log", kills), none))
    killed = next(f for f in diagnosis.findings if f.cause == "connection-killed")
    assert not killed.verdict.accuses
    assert killed.explains == 0
    assert diagnosis.total == 0


def silent(since: str, until: str) -> StepResult:
    facts: dict[str, str | int | float | bool | None] = {
        "failures": 0, "log_from": at(since).isoformat(), "log_to": at(until).isoformat(),
    }  # fmt: skip
    return step("symptom", facts=facts)


def test_a_restart_that_the_applications_log_covers_in_silence_is_no_cause() -> None:
    seen = log(outage("log.shutdown", "14:00:00", "14:00:10"))
    up = step("connection", Evidence("state.answers", "it answers", "connect"))
    assert [f.cause for f in diagnose(case(up, seen)).accused] == ["server-restarted"]
    assert not diagnose(case(silent("13:30:00", "14:30:00"), up, seen)).accused
    later = diagnose(case(silent("14:10:00", "14:30:00"), up, seen))
    assert [f.cause for f in later.accused] == ["server-restarted"], "it does not cover the time"


def test_denied_logins_of_others_are_no_cause_beside_a_silent_application() -> None:
    bots = ended("log.access-denied", "14:00:00", "14:00:05", "14:00:10", account="root@scanner")
    assert diagnose(case(log(bots))).accused
    assert not diagnose(case(silent("13:30:00", "14:30:00"), log(bots))).accused


def test_ends_of_unknown_reason_rule_no_reason_out() -> None:
    unknown = ended("log.aborted-unknown", "14:00:00")
    verdicts = {f.cause: f.verdict for f in diagnose(case(log(unknown))).findings}
    for cause in ("idle-timeout", "packet-too-large", "client-not-closing"):
        assert verdicts.get(cause) is not Verdict.RULED_OUT, cause
    assert not diagnose(case(log(unknown))).accused


# ---- size --------------------------------------------------------------------------------------


def _many(count: int) -> Case:
    """`count` failures and as many ends, of several kinds, accounts and ids, over a day."""
    kinds = ("log.aborted-timeout", "log.aborted-packet", "log.aborted-read-error")
    ends: dict[str, list[Occurrence]] = {kind: [] for kind in kinds}
    failures = []
    for n in range(count):
        moment = NOW - timedelta(days=1) + timedelta(seconds=86000 * n / count)
        account = f"'user{n % 40}'@'web'"
        ends[kinds[n % 3]].append(Occurrence(at=moment, account=account, connection_id=n))
        failures.append(
            Failure(
                "client.lost",
                "gone away",
                f"app.log:{n}",
                moment + timedelta(seconds=n % 25),
                2013,
                account=f"user{n % 40}@web" if n % 3 else None,
                connection_id=n if n % 7 == 0 else None,
                idle_seconds=30.0 if n % 2 else None,
            )
        )
    found = [
        Evidence(kind, kind, "error log", len(o), o[0].at, o[-1].at, occurrences=tuple(o))
        for kind, o in ends.items()
    ]
    logged = step("error-log", *found, looked=LOG, facts={"can_tell_aborted": True})
    limits = step("settings", facts={"wait_timeout": 28, "interactive_timeout": 28})
    return case(step("symptom", failures=tuple(failures)), logged, limits)


def _seconds(of: Case) -> float:
    return cpu_seconds(lambda: diagnose(of))


def test_the_time_grows_with_the_number_of_failures_and_not_with_its_square() -> None:
    small, large = _many(10_000), _many(100_000)
    _seconds(small)  # the knowledge base is read once
    few = min(_seconds(small) for _ in range(2))
    many = _seconds(large)
    assert many < 10 * few * 3 + 0.5, (few, many)


def _undated(count: int) -> Case:
    """Failures and timeouts of which no single time is known, but the window alone."""
    ends = [Occurrence(at=NOW - timedelta(seconds=n)) for n in range(count)]
    told = tuple(Failure("client.lost", "gone", f"app.log:{3 * n}") for n in range(count))
    seen = Evidence("log.aborted-timeout", "t", "error log", count, occurrences=tuple(ends))
    return case(app(*told), log(seen))


def _loop(count: int) -> Case:
    """A server that died again and again, each time with damaged data before, and its clients."""
    deaths = tuple(
        Occurrence(at=at, until=at + timedelta(seconds=1))
        for at in (NOW - timedelta(seconds=10 * n) for n in range(count))
    )
    found = [
        Evidence(s, s, "error log", count, deaths[-1].at, deaths[0].at, occurrences=deaths)
        for s in ("log.crash", "log.corruption", "log.crash-loop", "log.startup-failed")
    ]
    signals = ("client.lost", "client.refused", "client.connect-lost")
    told = tuple(
        Failure(signals[n % 3], "gone", f"app.log:{n}", NOW - timedelta(seconds=7 * n, hours=8))
        for n in range(count)
    )
    up = step("connection", facts={"started_at": (NOW - timedelta(days=30)).isoformat()})
    return case(app(*told), log(*found), up)


def _alike(moments: bool, accounts: str | None) -> Callable[[int], Case]:
    """Failures and timeouts of one moment or a second apart, of no account, one, or one each."""

    def shape(count: int) -> Case:
        told, ends = [], []
        for n in range(count):
            when = NOW - timedelta(hours=1) - timedelta(seconds=0 if moments else n)
            account = accounts and accounts.format(n)
            told.append(Failure("client.lost", "gone", f"app.log:{n}", when, 2013, account=account))
            ends.append(Occurrence(at=when - timedelta(seconds=0.3), account=account))
        seen = Evidence("log.aborted-timeout", "t", "error log", count, occurrences=tuple(ends))
        return case(app(*told), log(seen))

    return shape


def _burst(count: int) -> Case:
    """Failures of one second, half of them after a rest that a timeout explains, and one timeout;
    the others were lost in their company."""
    begin = NOW - timedelta(hours=1)
    told = tuple(
        Failure(
            "client.lost", "gone", f"app.log:{n}", begin + timedelta(seconds=n / count), 2013,
            idle_seconds=30.0 if n % 2 else None,
        )
        for n in range(count)
    )  # fmt: skip
    seen = Evidence("log.aborted-timeout", "t", "error log", occurrences=(Occurrence(at=begin),))
    limits = step("settings", facts={"wait_timeout": 28, "interactive_timeout": 28})
    return case(app(*told), log(seen), limits)


_SHAPES = [
    _undated,
    _loop,
    _burst,
    *(
        _alike(moments, of)
        for moments in (True, False)
        for of in (None, "'app'@'web'", "'u{}'@'w'")
    ),
]


@pytest.mark.parametrize("shape", [_many, *_SHAPES])
def test_twice_as_many_failures_take_twice_as_many_steps(shape: Callable[[int], Case]) -> None:
    """What does not grow with them (a few hundred events are compared with each other) is left
    out: how much more 4,000 take than 2,000 is held against 2,000 and 1,000."""
    diagnose(shape(10))  # the knowledge base is read once
    few, more, many = (lines_run(partial(diagnose, shape(n))) for n in (1_000, 2_000, 4_000))
    # A sort alone comes near 2.2, a square to 4.
    assert many - more < 2.5 * (more - few), (few, more, many)


@pytest.mark.parametrize("shape", _SHAPES)
def test_no_shape_of_case_takes_the_square_of_its_size(shape: Callable[[int], Case]) -> None:
    few, many = shape(500), shape(8_000)
    _seconds(few)
    assert _seconds(many) < 16 * 5 * min(_seconds(few) for _ in range(3)) + 0.5


# ---- kinds of end ------------------------------------------------------------------------------


def test_connections_that_were_last_used_together_reach_a_timeout_together() -> None:
    """Somebody else's sessions time out one by one while ours are killed in one moment."""
    others = ended("log.aborted-timeout", "14:00:01", "14:00:03", "14:00:05", account="bi@x")
    told = step("symptom", failures=tuple(lost("14:00:05", idle=6) for _ in range(3)))
    total = Evidence("count.killed", "killed", "Com_kill", count=3, weak=True)
    logged = step("error-log", others, looked=LOG, facts={"can_tell_aborted": True})
    kills = step("counters", total, facts={"com_kill": 3})
    found = diagnose(case(told, logged, kills))
    assert {a.cause for a in found.attributions} == {"connection-killed"}
    assert [f.cause for f in found.accused] == ["connection-killed"]


def test_what_ends_a_connection_in_use_explains_no_rest_before_it() -> None:
    packet = log(ended("log.aborted-packet", "14:00:00"))
    assert causes(case(app(lost("14:00:08", idle=9)), packet)) == [None]
    assert causes(case(app(lost("14:00:08", idle=0)), packet)) == [None]
    assert causes(case(app(lost("14:00:01", idle=9)), packet)) == ["packet-too-large"]
    assert causes(case(app(lost("14:00:08")), packet)) == ["packet-too-large"]


def test_the_same_connection_id_after_a_restart_is_another_connection() -> None:
    seen = log(
        end_of("log.aborted-timeout", "13:50:00", 17),
        outage("log.shutdown", "14:00:00", "14:00:10"),
    )
    later = replace(lost("14:30:00"), connection_id=17)
    assert causes(case(app(later), seen)) == [None]


def test_a_rest_of_nothing_reaches_no_timeout() -> None:
    settings = step("settings", facts={"wait_timeout": 1})
    told = app(lost("14:00:00", idle=0.0), lost("14:10:00", idle=2.5))
    assert causes(case(told, settings)) == [None, "idle-timeout"]


def test_a_server_that_notices_only_when_it_answers_did_not_close() -> None:
    seen = log(ended("log.aborted-write-error", "14:00:04", "14:10:04"))
    found = diagnose(case(app(lost("14:00:02"), lost("14:10:02")), seen))
    assert {a.cause for a in found.attributions} == {"proxy-timeout"}
    assert not found.accused, "it is only possible"


def test_losses_and_refusals_while_the_server_is_up_are_of_what_stands_before_it() -> None:
    up = step("connection", facts={"started_at": at("13:00:00").isoformat()})
    told = app(lost("14:00:00"), lost("14:00:00"), refused("14:00:01"))
    found = diagnose(case(told, up))
    assert {a.cause for a in found.attributions} == {"tunnel-dropped"}
    assert found.findings[0].cause == "tunnel-dropped"
    young = step("connection", facts={"started_at": at("14:00:30").isoformat()})
    assert "tunnel-dropped" not in {a.cause for a in diagnose(case(told, young)).attributions}


def test_losses_before_a_restart_that_took_the_counts_away_may_have_been_kills() -> None:
    young = step("connection", facts={"started_at": at("14:30:00").isoformat()})
    logged = step(
        "error-log",
        outage("log.shutdown", "14:29:50", "14:30:00"),
        looked=LOG,
        facts={"can_tell_aborted": True},
    )
    found = diagnose(case(app(lost("14:00:00", idle=1)), young, logged))
    assert [a.cause for a in found.attributions] == ["connection-killed"]
    assert "connection-killed" not in [f.cause for f in found.accused]


def test_clients_that_give_up_while_the_server_seeks_their_name() -> None:
    seen = log(ended("log.dns-failed", "14:00:05", "14:10:05"))
    words = Evidence("client.read-timeout", "timed out", "app.log:1", count=2)
    gave_up = tuple(lost(t, signal="client.read-timeout") for t in ("14:00:01", "14:10:01"))
    found = diagnose(case(step("symptom", words, failures=gave_up), seen))
    assert found.findings[0].cause == "name-resolution"


# ---- an error that was pasted, without a time --------------------------------------------------


def told_of(when: str) -> Failure:
    return replace(lost(when), at=None, source="pasted text, line 1", told_at=at(when))


@pytest.mark.parametrize("skew", [0.0, -300.0, 300.0])
def test_what_came_after_an_error_was_pasted_is_not_its_cause(skew: float) -> None:
    """The clocks of the two machines differ by `skew`, which the connection step measures."""
    seen = step("connection", facts={"clock_skew_seconds": skew})
    events = {
        "server-restarted": outage("log.shutdown", "14:10:00", "14:10:20"),
        "packet-too-large": end_of("log.aborted-packet", "14:10:00", 17),
    }
    early = at("14:05:00") - timedelta(seconds=skew)
    late = at("14:20:00") - timedelta(seconds=skew)
    for cause, event in events.items():
        before = replace(told_of("14:05:00"), told_at=early)
        after = replace(before, told_at=late)
        assert causes(case(app(before), seen, log(event))) == [None]
        assert causes(case(app(after), seen, log(event))) == [cause]


def test_without_a_measured_clock_a_pasted_error_may_be_of_any_time() -> None:
    """A clock that is minutes ahead would else clear a server that was killed."""
    killed = log(outage("log.shutdown", "14:10:00", "14:10:20"))
    assert causes(case(app(told_of("14:05:00")), killed)) == ["server-restarted"]


def test_of_two_ends_just_after_a_failure_the_nearer_is_its_own() -> None:
    near, far = "14:00:01", "14:00:02"
    both = log(ended("log.aborted-packet", near, far))
    ours = in_log("a", "14:00:00.5")
    later = in_log("b", "14:00:05")
    whys = [a.because for a in diagnose(case(app(ours), both)).attributions]
    assert whys == [f"a session ended so at {near}"]
    whys = [a.because for a in diagnose(case(app(later, ours), both)).attributions]
    assert whys == [f"a session ended so at {far}", f"a session ended so at {near}"]
