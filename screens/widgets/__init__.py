"""Parts of panes and windows."""
