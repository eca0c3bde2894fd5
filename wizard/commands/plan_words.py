"""What a plan leaves to the operator, in words of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.remedies.plan import Plan, PlanError


def with_wants(error: PlanError) -> str:
    """The error, and how to name a value where that helps."""
    return f"{error}; name a value with --set {error.wants}" if error.wants else str(error)


def how_to_name(plan: Plan) -> str:
    """How to have a value that nothing that was seen asks for."""
    return f"--set {plan.unfounded[0]}=VALUE names it"
