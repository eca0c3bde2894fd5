"""Machines that commands, files and metrics come from, behind one protocol."""
