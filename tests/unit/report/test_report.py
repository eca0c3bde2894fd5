"""The reports: the answer first, the counts exact, the text bounded and harmless in each markup."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.unit.report.samples import (
    HOSTILE,
    NOON,
    failure,
    finding,
    full_case,
    full_diagnosis,
    many_failures,
    poisoned,
    quiet_case,
    quiet_diagnosis,
    unreachable_case,
)
from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus, Table
from wizard.columns import chop, width, wrap
from wizard.diagnosis.model import Attribution, Diagnosis, Reason, Verdict
from wizard.report import FORMATS, SUFFIXES, render
from wizard.report.formats import text as text_format
from wizard.report.formats.markdown import escape as markdown_escape

EMPTY = Diagnosis((), (), "server", 0, 0, "")

SAMPLES: dict[str, tuple[Case, Diagnosis]] = {
    "full": (full_case(), full_diagnosis()),
    "quiet": (quiet_case(), quiet_diagnosis()),
    "unreachable": (unreachable_case(), EMPTY),
    "many": (full_case(), many_failures()),
    "hostile": (poisoned(full_case()), poisoned(full_diagnosis())),
    "bare": (replace(full_case(), steps=(), changes=()), EMPTY),
}


def text_of(name: str) -> str:
    return render(*SAMPLES[name], "text")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_says_something_of_every_case(name: str, format_: str) -> None:
    out = render(*SAMPLES[name], format_)
    assert out.endswith("\n")
    assert "db1:3306" in out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)


def test_another_format_is_an_error() -> None:
    with pytest.raises(KeyError):
        render(quiet_case(), EMPTY, "pdf")
    assert set(SUFFIXES) == set(FORMATS)


@pytest.mark.parametrize("name", SAMPLES)
def test_text_keeps_to_eighty_columns(name: str) -> None:
    assert max(width(line) for line in text_of(name).splitlines()) <= text_format.COLUMNS


@pytest.mark.parametrize("name", ["full", "quiet", "unreachable", "many", "bare"])
def test_our_own_words_are_ascii(name: str) -> None:
    assert text_of(name).isascii()


def test_wide_characters_count_as_two_columns() -> None:
    case = replace(full_case(), target=replace(full_case().target, label="漢字" * 60))
    wide = poisoned(full_diagnosis(), "漢字かな交じり文 " * 9)
    lines = render(case, wide, "text").splitlines()
    assert max(width(line) for line in lines) <= 80
    assert max(len(line) for line in lines) <= 80


def test_a_change_that_the_servers_restart_forgot_is_not_told_as_in_force() -> None:
    case, diagnosis = full_case(), full_diagnosis()
    (change, *_) = case.changes
    began = (change.at + timedelta(minutes=1)).isoformat()
    server = StepResult("connection", StepStatus.DONE, facts={"started_at": began})
    forgot = "ended by the server's restart"
    for lasting in (True, False):
        made = replace(change, lasting=lasting)
        found = replace(case.with_step(server), changes=(made,))
        assert " ".join(render(found, diagnosis, "text").split()).count(forgot) == 2 * (not lasting)
        undone = replace(found, changes=(replace(made, state="undone"),))
        assert forgot not in " ".join(render(undone, diagnosis, "text").split())


def test_the_answer_comes_first() -> None:
    lines = text_of("full").splitlines()
    assert lines[0].startswith("CONFIRMED  idle-timeout - The server closed an idle connection")
    assert lines[1].strip() == "31 of 37 failures."
    assert lines[2].startswith("LIKELY  server-restarted - ")
    assert lines[2].endswith("4 of 37 failures.")
    assert lines[3] == "Do first: Let the pool drop connections before anybody else does"
    assert " ".join(lines[4:6]) == (
        "Changed already, 2026-08-05 15:00:00 +02:00: SET GLOBAL wait_timeout = 28800 (applied)."
    )
    assert lines[6] == "2 failures are not explained."
    assert lines[7].startswith("Look at next: the network probe")


def test_sections_come_in_order() -> None:
    titles = re.findall(r"^([A-Z ]+)\n-+$", text_of("full"), re.MULTILINE)
    assert titles == [
        "WHAT TO DO", "WHAT WAS LOOKED AT", "WHY", "FAILURES", "FOR THE APPLICATION",
        "OTHER SUSPECTS", "STEPS", "SETTINGS THAT MATTER", "CHANGES", "WHAT WAS MASKED",
    ]  # fmt: skip


def test_noise_is_never_the_answer() -> None:
    noise = finding("health-check-noise", Verdict.LIKELY, noise=True)
    out = render(quiet_case(), replace(EMPTY, findings=(noise,)), "text")
    assert out.startswith("NOTHING FOUND")
    assert re.search(r"^noise +health-check-noise", out, re.MULTILINE)


def test_nothing_found_says_what_was_and_was_not_looked_at() -> None:
    head = text_of("quiet").split("\n\n")[0]
    assert head.startswith("NOTHING FOUND  No cause is confirmed or likely in the window.")
    assert "Looked at: Server; Error log; Settings." in head
    assert "Not looked at: Health (needs the server's machine: give --ssh)." in head
    flat = " ".join(head.split())
    assert "Tried, and failed: Latency and loss (the server went away: 2013)." in flat
    assert "No failure was counted" in head


def test_failures_without_a_cause_are_not_called_nothing_found() -> None:
    seen = Attribution(failure(1, NOON), None, "nothing")
    out = render(quiet_case(), Diagnosis((), (seen,), "application", 1, 0, ""), "text")
    assert out.startswith("NOT EXPLAINED  1 failure, and no cause is confirmed or likely.")


def test_an_unreachable_server_is_said() -> None:
    out = text_of("unreachable")
    assert out.startswith("UNREACHABLE  db1:3306 does not answer, and no log told why.")
    assert "does not answer within 10 s" in out
    assert "Looked at: " not in out.split("\n\n")[0].replace("Not looked at: ", "")
    assert "nothing could be looked at" in out


def test_a_case_without_steps_claims_nothing() -> None:
    assert text_of("bare").startswith("NOTHING LOOKED AT")


def test_sessions_that_the_server_saw_are_not_called_failures() -> None:
    diagnosis = Diagnosis(
        (finding("idle-timeout", Verdict.CONFIRMED, 12),), (), "server", 12, 12, ""
    )
    out = render(full_case(), diagnosis, "text")
    assert "12 of 12 ended sessions" in " ".join(out.split())
    assert "--app-log" in out


def test_two_thousand_failures_are_bounded_and_counted_exactly() -> None:
    out = text_of("many")
    assert "2000 failures: 1980 explained, 20 not explained." in out
    assert re.search(r"^idle-timeout +1980 ", out, re.MULTILINE)
    assert re.search(r"^not explained +20 ", out, re.MULTILINE)
    assert "... and 1960 more" in out
    assert len(out.splitlines()) < 300
    data = json.loads(render(*SAMPLES["many"], "json"))
    assert data["failures"] | {"observer": ""} == {
        "total": 2000, "explained": 1980, "unexplained": 20, "observer": "",
    }  # fmt: skip


def test_the_time_axis_marks_each_failure_in_its_row() -> None:
    rows = re.findall(r"^(idle-timeout|server-restarted|not explained) +([.#\d]{48})$",
                      text_of("full"), re.MULTILINE)  # fmt: skip
    totals = {name: sum(int(mark) for mark in marks if mark != ".") for name, marks in rows}
    assert totals == {"idle-timeout": 31, "server-restarted": 4, "not explained": 1}
    assert "1 failure without a time." in text_of("full")
    restarted = dict(rows)["server-restarted"]
    assert restarted.index("4") == int(74 / 120 * 48)


def test_failures_outside_the_window_stretch_the_axis() -> None:
    late = Attribution(failure(1, NOON + timedelta(days=2)), None, "x")
    out = render(full_case(), Diagnosis((), (late,), "application", 1, 0, ""), "text")
    assert re.search(r"^not explained +\.{47}1$", out, re.MULTILINE)
    assert re.search(r"08-05 13:00 +08-07 13:00$", out, re.MULTILINE)


def test_times_are_told_in_the_zone_of_the_case() -> None:
    reason = replace(
        full_diagnosis().findings[0].supports[0],
        first=datetime(2026, 8, 5, 11, 0, 1, tzinfo=UTC),
        last=datetime(2026, 8, 5, 12, 0, tzinfo=UTC),
    )
    diagnosis = replace(
        full_diagnosis(), findings=(replace(full_diagnosis().findings[0], supports=(reason,)),)
    )
    for format_ in ("text", "md"):
        out = render(full_case(), diagnosis, format_)
        assert "2026-08-05 13:00:01 to 14:00:00 +02:00" in out
    found = json.loads(render(full_case(), diagnosis, "json"))["diagnosis"][0]["for"][0]
    assert found["first"] == "2026-08-05T11:00:01+00:00"


def test_the_remedies_come_from_the_knowledge_base_with_their_command() -> None:
    out = text_of("full")
    assert "* Let sessions idle longer (wait_timeout) [idle-timeout]" in out
    assert "goneaway-wizard fix raise-wait-timeout --dry-run" in out
    assert "Risk: " in out


def test_settings_are_shown_beside_their_defaults() -> None:
    assert re.search(r"^wait_timeout +600 s +28800 s +new sessions$", text_of("full"), re.MULTILINE)
    assert "16777216 (16 MiB)" in text_of("full")


def test_changes_are_shown_with_their_verification() -> None:
    out = text_of("full")
    assert "* SET GLOBAL wait_timeout = 28800 (applied)" in out
    assert "Verification: a new session that idled 620 s still answers" in out
    assert "Nothing was changed." in text_of("quiet")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_repeated_case_stands_before_beside_after(format_: str) -> None:
    out = render(full_case(), full_diagnosis(), format_)
    row = ("a session that idles 620 s", "is closed: 2006", "answers")
    places = [out.rindex(cell) for cell in row]
    assert places == sorted(places)


@pytest.mark.parametrize("format_", FORMATS)
def test_no_literal_of_a_statement_leaves(format_: str) -> None:
    reason = Reason("s", "saw SELECT a FROM t WHERE b = 'hunter2'", "log", "error-log", 1,
                    excerpt="Query: SELECT 'hunter2', 'x' FROM t")  # fmt: skip
    step = StepResult(
        "queries",
        StepStatus.DONE,
        headline="UPDATE t SET a = 'hunter2'",
        notes=("mysql -phunter2",),
        facts={"init_connect": "SET @a='hunter2'"},
    )
    case = replace(full_case(), steps=(*full_case().steps, step))
    shown = replace(full_diagnosis(), findings=(finding("x", Verdict.LIKELY, supports=(reason,)),))
    out = render(case, shown, format_)
    assert "hunter2" not in out
    assert "@example.org" not in out
    assert "user12" not in out


def test_the_count_of_masked_values_is_told() -> None:
    assert "37 values in log lines and statements are shown as ?." in text_of("full")
    assert json.loads(render(*SAMPLES["full"], "json"))["masked"] == 37
    assert "Nothing had to be masked." in text_of("quiet")


def test_markdown_text_cannot_become_markup() -> None:
    out = render(*SAMPLES["hostile"], "md")
    outside = re.sub(r"^( *)(`{3,})text\n.*?^\1\2$", "", out, flags=re.MULTILINE | re.DOTALL)
    outside = re.sub(r"`[^`\n]+`(?=:)", "", outside)
    assert "<script" not in outside
    assert "<!-- -->" in outside
    assert not re.search(r"@(?=\w)", outside)
    assert not re.search(r"(?<!\\)\[", outside)
    assert "://" not in outside
    assert not re.search(r"^#+ h$", outside, re.MULTILINE)
    assert not re.search(r"^\|\| x", outside, re.MULTILINE)
    assert "```" not in outside.replace("\\`", "")
    titles = re.findall(r"^## (.+)$", outside, re.MULTILINE)
    assert len(titles) == len(set(titles)) == 7


def test_a_fence_is_longer_than_what_it_holds() -> None:
    out = render(*SAMPLES["hostile"], "md")
    for indent, fence, body in re.findall(
        r"^( *)(`{3,})text\n(.*?)^\1\2$", out, re.MULTILINE | re.DOTALL
    ):
        assert all(len(run) < len(fence) for run in re.findall("`+", body))
        assert all(line.startswith(indent) for line in body.splitlines())


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        ("wait_timeout", "wait_timeout"),
        ("_x_", "\\_x\\_"),
        ("*b* a|b", "\\*b\\* a\\|b"),
        ("- item", "\\- item"),
        ("1. item", "1<!-- -->. item"),
        ("2.7 ms", "2.7 ms"),
        ("# h", "\\# h"),
        ("a & <b>", "a &amp; &lt;b&gt;"),
        ("@everyone a@b.c", "@<!-- -->everyone a@<!-- -->b.c"),
        ("fixes #12", "fixes #<!-- -->12"),
        ("http://x www.x.y", "http:<!-- -->//x www<!-- -->.x.y"),
        ("a\n# b", "a # b"),
        ("C:\\x", "C:\\\\x"),
    ],
)
def test_markdown_escapes(plain: str, escaped: str) -> None:
    assert markdown_escape(plain) == escaped


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", SAMPLES)
def test_html_is_whole_and_carries_no_script(name: str) -> None:
    page = render(*SAMPLES[name], "html")
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert not tags.seen & {"script", "img", "a", "link", "iframe", "b"}
    assert {key for key, _ in tags.attributes} <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "id",
        "viewbox", "role", "x", "y", "width", "height", "x1", "x2", "y1", "y2",
    }  # fmt: skip
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert "http://" not in page.replace("http://evil", "")


def test_jira_text_cannot_become_markup() -> None:
    out = render(*SAMPLES["hostile"], "jira")
    outside = re.sub(r"^\{noformat\}\n.*?^\{noformat\}$", "", out, flags=re.MULTILINE | re.DOTALL)
    assert out.count("\n{noformat}\n") % 2 == 0
    assert not re.search(r"(?<!\\)[{}]", outside)
    assert not re.search(r"(?<!\\)\[", outside)
    assert "\\\\" not in outside
    assert "://" not in outside
    assert not re.search(r"(?<!\\)@\w", outside)
    assert not re.search(r"^(?:# h|\|\| x)", outside, re.MULTILINE)
    for row in re.findall(r"^\|(?!\|).*\|$", outside, re.MULTILINE):
        assert len(re.findall(r"(?<!\\)\|", row)) in (3, 4, 5)


def test_hostile_text_is_shown_and_not_dropped() -> None:
    for format_ in ("text", "json"):
        assert "<script>alert(1)</script>" in render(*SAMPLES["hostile"], format_)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in render(*SAMPLES["hostile"], "html")
    assert "\x1b" in HOSTILE


def test_wrapping_loses_nothing() -> None:
    text = "漢字 " * 30 + "x" * 200 + " end"
    assert "".join(wrap(text, 37)).replace(" ", "") == text.replace(" ", "")
    assert "".join(chop(text, 37)) == text
    assert (
        max(width(line) for line in (*wrap(text, 37), *(p.rstrip() for p in chop(text, 37)))) <= 37
    )
    assert wrap("", 10) == [""]


def test_texts_that_differ_in_numbers_alone_are_told_once() -> None:
    seen = tuple(
        Attribution(
            replace(failure(1, NOON), text=f"2026-08-05T13:00:{i:02} lost after {i}.5 s"), None, "x"
        )
        for i in range(9)
    )
    out = render(full_case(), Diagnosis((), seen, "application", 9, 0, ""), "text")
    assert out.count("lost after") == 1
    assert "9 times, not explained" in out


def test_a_log_line_breaks_between_words() -> None:
    assert chop("one two three four", 9) == ["one two ", "three ", "four"]
    assert chop("abcdefgh i", 8) == ["abcdefgh ", "i"]


def test_what_an_experiment_measured_is_in_every_format() -> None:
    table = Table(
        "Latency from here", ("stage, ms", "median"), (("query", "quick"),) * 30, "a note"
    )
    done = StepResult("latency", StepStatus.DONE, headline="it is", tables=(table,))
    case = full_case().with_step(done)
    for format_ in ("text", "md", "html", "jira"):
        told = render(case, full_diagnosis(), format_)
        assert "Latency from here" in told
        assert told.count("quick") == 24
        assert "6 more rows" in told
        assert "a note" in told
    skipped = replace(done, status=StepStatus.SKIPPED)
    case = full_case().with_step(skipped)
    assert "Latency from here" not in render(case, full_diagnosis(), "text")
