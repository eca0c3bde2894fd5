"""Probes without a network: what they open is said, what they find is scripted."""

import pytest

from wizard.case.evidence import Evidence, Samples, StepResult, StepStatus, Table
from wizard.probes import order
from wizard.probes.probe import Probe
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Context, Step

IDS = ("latency", "packet", "idle", "statement", "path")


def _run(_context: Context) -> StepResult:
    raise AssertionError("the fake investigation runs no step")


def _opens(limits: ProbeLimits) -> str:
    return f"opens 8 connections for {limits.idle_seconds:g} s at most."


PROBES = tuple(
    Probe(Step(name, name.capitalize(), f"What {name} would tell", _run), _opens) for name in IDS
)


def know_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the screens and the thread know these probes in place of the real ones."""
    monkeypatch.setattr(names, "PROBE_IDS", IDS)
    monkeypatch.setattr(order, "PROBES", PROBES)


def ladder(*rungs: tuple[str, str], way: str = "from here", text: str = "") -> Table:
    return Table(text or f"Idle ladder, {way}", (text or "IDLE", "OUTCOME"), rungs)


def found(probe: str, text: str = "") -> StepResult:
    """A ladder that the firewall cut, with one fact and two charts."""
    fact = Evidence("probe.idle-silent", text or "forgotten after 20 s", text or "from here")
    quick = tuple(0.2 + (n % 10) / 50 for n in range(400))
    return StepResult(
        probe,
        StepStatus.DONE,
        31.0,
        headline=text or "Something between forgets connections after 20 s",
        evidence=(fact,),
        tables=(ladder((text or "10 s", "alive"), ("20 s", "no answer"), text=text),),
        notes=(text or "2 connections could not be told goodbye.",),
        samples=(Samples(text or "Round trips from here", "ms", (*quick, 12.5)),),
    )
