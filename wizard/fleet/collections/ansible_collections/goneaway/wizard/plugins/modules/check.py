"""Documentation of goneaway.wizard.check; the action of the same name does the work."""

DOCUMENTATION = r"""
module: check
short_description: Find out why a host's MySQL or MariaDB connections go away
description:
  - Runs C(goneaway-wizard check) for the host, from the controller over SSH with the host's own
    connection variables. It changes nothing.
  - Every flag of C(check) that names a target, a log or the window is a variable C(goneaway_FLAG),
    for example C(goneaway_user), C(goneaway_app_log), C(goneaway_since). C(goneaway_password) is
    the database account's password and belongs into a vault.
  - Where C(goneaway_file) names the one file of C(make bundle) on the controller, it is copied to
    the host and runs there over Ansible's own connection, with become where the task has it;
    C(goneaway_python) is the host's Python then. Nothing of it stays on the host.
options:
  dir:
    description: Keep the case and the result there. Without it neither is kept.
    type: path
  probe:
    description: Probes to run as well.
    type: list
    elements: str
    default: []
  time_limit:
    description: Seconds that the host may take; C(goneaway_time_limit) of the host wins.
    type: float
    default: 120
  fail_on:
    description: Fail the task for a cause of this verdict or a firmer one, or never.
    choices: [confirmed, likely, never]
    default: likely
  facts:
    description: Return the result also as the fact C(goneaway_wizard).
    type: bool
    default: true
  resume:
    description: Take a result that is in I(dir) already.
    type: bool
    default: false
"""

RETURN = r"""
goneaway_wizard:
  description: The host's result; also a fact.
  returned: always
  type: dict
  contains:
    exit_code: {description: What check would have ended with., type: int}
    reason: {description: Why the host could not be looked at, or empty., type: str}
    causes: {description: Causes that are confirmed or likely, best first., type: list}
    failures: {description: How many failures were seen., type: int}
    explained: {description: How many of them a cause explains., type: int}
"""

EXAMPLES = r"""
- hosts: databases
  gather_facts: false
  tasks:
    - goneaway.wizard.check:
        dir: ./cases
        fail_on: confirmed
"""
