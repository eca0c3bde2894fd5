"""The recorder's totals in Prometheus' text format, for node_exporter's textfile collector."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.own_cost import OwnCost
from wizard.recorder.sample import Sample
from wizard.safety.private_file import write_private

MOST_LABELS = 200
"""Pairs of cause and account; further accounts are counted together as `other`."""


@dataclass(slots=True)
class Totals:
    """What has been counted since the recorder began."""

    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    sessions: int = 0
    sampled_at: datetime | None = None
    sample_seconds: float = 0.0
    outages: int = 0
    cost: OwnCost = field(default_factory=OwnCost)
    _outage: datetime | None = None
    """When the newest outage began: a short one is told by the server's return alone."""

    def add_event(self, event: RecorderEvent) -> None:
        """Count an event that is a failure of somebody's."""
        if event.kind in (EventKind.SERVER_DOWN, EventKind.SERVER_UP):
            self.outages += event.began is None or event.began != self._outage
            self._outage = event.began
        if event.kind not in (EventKind.SESSION_ENDED, EventKind.LOGIN_FAILED):
            return
        account = event.session.account if event.session is not None else ""
        key = (event.cause or "unknown", account)
        if key not in self.failures and len(self.failures) >= MOST_LABELS:
            key = (key[0], "other")
        self.failures[key] += event.count

    def add_sample(self, sample: Sample) -> None:
        """Take over the newest sample's figures."""
        self.sessions = len(sample.sessions)
        self.sampled_at = sample.at
        self.sample_seconds = sample.seconds
        self.cost.add(sample)


def write_metrics(path: Path, totals: Totals) -> None:
    """Replace `path` at once, mode 0600. Raises CannotWriteError."""
    write_private(path, as_text(totals).encode("utf-8"), overwrite=True)
    path.chmod(0o644)


def as_text(totals: Totals) -> str:
    """The totals in the text format, version 0.0.4."""
    lines = ["# TYPE goneaway_failures_total counter"]
    for (cause, account), count in sorted(totals.failures.items()):
        labels = f'cause="{_escaped(cause)}",account="{_escaped(account)}"'
        lines.append(f"goneaway_failures_total{{{labels}}} {count}")
    cost = totals.cost
    for name, counted in (
        ("goneaway_outages_total", float(totals.outages)),
        ("goneaway_recorder_cpu_seconds_total", cost.cpu_seconds),
        ("goneaway_recorder_samples_total", float(cost.samples)),
    ):
        lines += [f"# TYPE {name} counter", f"{name} {counted:.3f}"]
    stamp = totals.sampled_at.timestamp() if totals.sampled_at is not None else 0.0
    for name, value in (
        ("goneaway_sessions", float(totals.sessions)),
        ("goneaway_last_sample_timestamp_seconds", stamp),
        ("goneaway_sample_seconds", totals.sample_seconds),
        ("goneaway_recorder_memory_bytes", float(cost.memory)),
    ):
        lines += [f"# TYPE {name} gauge", f"{name} {value:.3f}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
