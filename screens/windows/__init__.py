"""What opens over the panes and is closed with Esc."""
