"""The fault lab: faults and decoys staged on real servers, and what the wizard makes of each.

`python -m tests.lab` (or `make lab`) runs them; `--help` lists the ways to run a part.
"""
