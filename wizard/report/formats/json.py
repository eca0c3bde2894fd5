"""The report as JSON, schema version 1: what `check --format json` prints.

A contract with other programs: keys may be added, none may change its meaning or go.
"""

import json
import math
from datetime import datetime

from wizard import __version__
from wizard.case.case import Case
from wizard.case.evidence import StepResult
from wizard.case.json_codec import Json, encode
from wizard.diagnosis.model import Diagnosis, Finding, Missing, Reason
from wizard.recipes import fitting
from wizard.report.masked import shown

SCHEMA_VERSION = 1


def render(case: Case, diagnosis: Diagnosis) -> str:
    """The report in ASCII; times are ISO 8601 with their offset."""
    return json.dumps(as_data(case, diagnosis), ensure_ascii=True, indent=2, allow_nan=False) + "\n"


def as_data(case: Case, diagnosis: Diagnosis) -> dict[str, Json]:
    """The report as the values that JSON knows."""
    view = shown(case, diagnosis)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "goneaway-wizard", "version": view.case.tool_version or __version__},
        "target": _target(view.case),
        "window": {
            "since": _time(view.case.window.since),
            "until": _time(view.case.window.until),
        },
        "diagnosis": [_finding(finding) for finding in view.diagnosis.findings],
        "failures": {
            "total": view.diagnosis.total,
            "explained": view.diagnosis.explained,
            "unexplained": view.diagnosis.unexplained,
            "observer": view.diagnosis.observer,
        },
        "steps": [_step(result) for result in view.case.steps],
        "changes": [encode(change) for change in view.case.changes],
        "recipes": [recipe.id for recipe in fitting(case, diagnosis)],
        "next": view.diagnosis.advice or None,
        "remarks": list(view.diagnosis.remarks),
        "masked": view.masked,
    }


def _target(case: Case) -> dict[str, Json]:
    facts = case.target
    return {
        "flavor": facts.flavor,
        "version": facts.version,
        "host": facts.host,
        "port": facts.port,
        "socket": facts.socket,
        "reachable": facts.reachable,
        "label": facts.label,
        "app_host": facts.app_host,
    }


def _finding(finding: Finding) -> Json:
    confidence = finding.confidence if math.isfinite(finding.confidence) else 0.0
    return {
        "cause": finding.cause,
        "verdict": finding.verdict.value,
        "confidence": round(confidence, 2),
        "explains": finding.explains,
        "title": finding.title,
        "noise": finding.noise,
        "for": [_reason(reason) for reason in finding.supports],
        "against": [_reason(reason) for reason in finding.against],
        "missing": [_missing(missing) for missing in finding.missing],
        "remedies": list(finding.remedies),
    }


def _reason(reason: Reason) -> Json:
    return {
        "signal": reason.signal,
        "text": reason.text,
        "source": reason.source,
        "step": reason.step,
        "count": reason.count,
        "first": _time(reason.first),
        "last": _time(reason.last),
        "excerpt": reason.excerpt,
    }


def _missing(missing: Missing) -> Json:
    text = f"{missing.text}: {missing.how}" if missing.how else missing.text
    return {"signal": missing.signal, "text": text, "step": missing.step, "how": missing.how}


def _step(result: StepResult) -> Json:
    return {
        "id": result.id,
        "status": result.status.value,
        "reason": result.reason,
        "seconds": result.seconds,
        "headline": result.headline,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
