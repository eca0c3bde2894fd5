"""Remedies: what would be changed, the change itself, the proof, and the way back.

No module here prints, asks or knows of a screen. In the order of use::

    situation = observe(session, target, case, host)     situation.py   reads, changes nothing
    planned   = plan(remedy, situation, wanted, persist) plan.py        pure; raises PlanError
    applied   = apply(planned, session, connector, journal, progress)   apply.py -> Applied
    checked   = verify(applied.entry, session, connector, journal, progress)
                                                         verify.py      -> Verification(lines, ok)
    entries   = journal.entries()                        journal.py     newest last
    conflicts = undo_conflicts(entry, session)           undo.py        what others changed since
    undone    = undo(entry, session, journal, overwrite) undo.py        -> Undone(lines, state)

`remedy` is a knowledge.model.Remedy; `situation` a situation.Situation; `wanted` maps variable
names to the operator's own words ("64M", "10m"); `progress` takes one line of text. `session`
may be None for undo: then only files are put back. `journal` is `Journal.default()`.

A Plan has `changes` (VariableChange: name, unit, old, new, old_text, new_text),
`statements`, `undo_statements`, `file_edit` (FileEdit with path and unified `diff`, or None),
`costs` and `notes`, all made for display. `preview.lines(plan)` is the plan as plain text.
Applied has `entry`, `ok` and `lines`.
"""
