"""The right-hand side: one pane a place."""
