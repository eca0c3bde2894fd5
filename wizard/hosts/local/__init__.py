"""This machine, asked through psutil and /proc."""
