"""Why each place matters for this error, and which step of the usual article it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepWords:
    """`why` is one line for the operator, `brief` the same for a small terminal; `article` is the
    article's step, `ours` puts it right."""

    why: str
    brief: str
    article: str = ""
    ours: str = ""


STEP_WORDS: dict[str, StepWords] = {
    "symptom": StepWords(
        "The exact number and time tell apart what 2006 alone cannot: idle, size, restart,"
        " network.",
        "number and time tell which",
    ),
    "connection": StepWords(
        "A server that is down or young explains much; and it says what this account may see.",
        "down or young says much",
    ),
    "health": StepWords(
        "A server that was killed for want of memory loses every connection at once.",
        "a kill for memory ends all",
        "1 Check Server Health",
        "load and swap slow a server down; only a kill or a crash makes it go away",
    ),
    "error-log": StepWords(
        "The server writes why it ended a session: timeout, size, kill, crash, restart.",
        "it says why sessions ended",
        "1 Check Server Health",
        "ended sessions are only written with log_warnings 2 or log_error_verbosity 3",
    ),
    "counters": StepWords(
        "What was counted shows whether sessions end badly at all, and of which kind.",
        "how many ended badly",
    ),
    "settings": StepWords(
        "A short timeout or a small packet limit ends connections by design.",
        "short limits end sessions",
        "its five settings",
        "raise one only where a failure ran into it; its defaults are out of date",
    ),
    "general-log": StepWords(
        "It shows who rested, who vanished without Quit, and what each connection said last.",
        "who rested, who vanished",
        "2 Enable the General Query Log",
        "it tells no reason for an end; switch it on for seconds, and surely off again",
    ),
    "slow-log": StepWords(
        "A statement that runs into a limit, or into a client's patience, ends like a lost server.",
        "slow runs into limits",
        "4 Analyze Long-Running Queries",
        "slow alone loses no connection: what matters is how near it comes to a limit",
    ),
    "version": StepWords(
        "A known fault of a release can drop connections, and an old one gets no mending.",
        "known bugs drop sessions",
        "6 Update MySQL Version",
        "only a known bug of your version is a reason; the number alone ends no connection",
    ),
    "recorder": StepWords(
        "Who was lost to what is surest where it was seen as it happened, at night as well.",
        "surest as it happens",
    ),
    "network": StepWords(
        "Only an experiment shows who cuts: the server, or something between that no log knows.",
        "only a test shows who cuts",
        "3 Network, 5 Workload",
        "loss is rare; a forgotten idle connection is common, and ping cannot show it",
    ),
    "diagnosis": StepWords(
        "Each failure and what explains it, with what speaks against it.",
        "what explains each failure",
    ),
    "fix": StepWords(
        "Nothing is changed before it was shown; each change is proved, and undone.",
        "shown first, proved, undone",
    ),
    "report": StepWords(
        "What was found, what was not looked at, and what to do, for the ticket.",
        "what was found and not seen",
    ),
    "knowledge": StepWords(
        "What each number, setting and piece of advice is worth.", "what each advice is worth"
    ),
}


def why_line(place_id: str) -> str:
    return f"WHY  {STEP_WORDS[place_id].why}"


def brief_why(place_id: str) -> str:
    """The same where a row has 32 columns and there are few of them."""
    return f"WHY  {STEP_WORDS[place_id].brief}"


def article_note(place_id: str) -> str:
    """Which step of the usual article this is, behind the head; empty where it is none."""
    article = STEP_WORDS[place_id].article
    return f"  (article: {article})" if article else ""


def ours_line(place_id: str) -> str:
    """What has to be put right of the article's step; empty where nothing has."""
    words = STEP_WORDS[place_id]
    return f"But  {words.ours}." if words.ours else ""
