"""JSON Schemas of what commands print with `--format json`: find.py, and one file a schema.

A contract with other programs, as data: keys may be added, none may change its meaning or go.
Draft 2020-12, <https://json-schema.org/draft/2020-12>.
"""
