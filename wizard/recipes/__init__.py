"""What to set in the application, worked out from what was measured. Pure."""

from wizard.recipes.fit import fitting
from wizard.recipes.lines import explain_lines
from wizard.recipes.measure import RecipeFigures, measure
from wizard.recipes.values import FilledSnippet, filled, values

__all__ = [
    "FilledSnippet", "RecipeFigures", "explain_lines", "filled", "fitting", "measure", "values",
]  # fmt: skip
