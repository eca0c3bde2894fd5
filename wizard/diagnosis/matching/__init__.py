"""How well one piece of evidence explains one failure: in identity, in kind and in time.

clues.py       a clue, what it can still explain, and how well it fits
seen.py        a failure as it is compared: when, how long it had rested, among which others
match.py       the rules by kind of evidence: a limit, a state, a trouble, an experiment
outages.py     the server was gone: while it lasted, and the first use of older connections
sessions.py    sessions that ended one by one, and those that were only counted
"""
