"""Many hosts, driven by Ansible: inventory -> check -> result -> table.

collections/ is what Ansible loads: `goneaway.wizard.check` (an action), the playbook that runs it
on every host, and the callback that tells each result. ansible_run.py starts that playbook.
request.py turns a host's variables into what is asked; host_check.py has a process of its own do
it, within a time limit; result.py is the answer, small enough to keep for every host, with
traits.py; results.py keeps them in a directory; table.py and common.py read them all; formats.py
writes.
"""
