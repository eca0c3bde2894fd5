"""Remedies: what would be changed, the change itself, the proof, and the way back.

No module here prints, asks or knows of a screen. `session.py` is the door: prepare, carry_out,
prove, still_old, take_back for variables; do_at_once for what nothing takes back. `on_host.py` is
that for the machine: prepare_host, carry_out_on_host, prove_on_host; restart_needed, restart_now.

figures, proposals, budget, costs, in_vain   which value, by which rule, at what price
offers                                       the remedies of a diagnosis, in order
situation, keeping, place, own_root          what a plan is made from; reads, changes nothing
option_mirror, option_file_edit              where a line wins, here and over SSH
option_check                                 the server's own judgement of its files
plan, preview, managed                       what would be done; pure; as text to hand on
apply, option_file_write, files*             the change: journal first, all or nothing
trials, verify                               before and after, side by side
open_sessions                                who still holds the old value
host_plan, host_change, as_root, restart     the database host: kernel settings, unit, restart
actions                                      ends sessions, unblocks hosts; not undoable
journal*, undo, alone                        the way back, from whatever process, one at a time
"""
