"""Connections to other machines over SSH: settings, host keys, authentication, channels."""
