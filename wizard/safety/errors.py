"""The exceptions whose text may be shown to the operator as it is.

    WizardError                   one line for the operator; `advice` is the next thing to try
    ├── UsageError                the command line cannot be used
    │   ├── UrlError              target.url
    │   ├── LoginPathError        target.login_path
    │   └── BadValue              server.values: no value for this variable
    ├── HostError                 hosts.protocol: a command or file could not be had
    │   ├── NotPermitted
    │   ├── NotFound
    │   └── SshError              hosts.ssh.errors
    │       └── NoShell
    ├── ServerError               server.session: what the server or the way to it refused
    │   ├── CannotConnect
    │   ├── ConnectionLost
    │   ├── AnswerTooLarge
    │   ├── QueryDenied
    │   └── QueryFailed
    ├── CaseFileError             case.case_file
    ├── CannotWriteError          safety.private_file
    ├── NotAlone                  remedies.alone: another wizard is at it
    ├── JournalError              remedies.journal
    ├── PlanError                 remedies.plan
    │   └── NothingToDo
    ├── FileChangeError           remedies.option_file_write
    ├── UndoRefused               remedies.undo
    ├── NoSuchTopic               explain.find
    ├── NoServerInstalled         demo.binaries
    ├── Skip                      steps.step: the step cannot look here
    └── Cancelled                 steps.step: the operator stopped it

Exceptions that never leave their module are not listed. The exit code that goes with each is
in `commands.exit_codes`.
"""


class WizardError(Exception):
    """An error whose message is one line for the operator. `advice` is what to try next."""

    advice: str = ""


class UsageError(WizardError):
    """What was given cannot be used; the message is one line that says what to do."""
