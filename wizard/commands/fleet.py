"""`goneaway-wizard fleet -i INVENTORY`: every host of an Ansible inventory, in one table."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from wizard.commands import exit_codes
from wizard.commands.check import deliver
from wizard.commands.endings import unwinding_on_signals
from wizard.commands.probe_flags import checked
from wizard.commands.terminal import print_answer, remark
from wizard.fleet.formats import FLEET_FORMATS, render_fleet
from wizard.fleet.table import Fleet, fleet_of
from wizard.safety.errors import UsageError
from wizard.safety.plain_file import is_plain
from wizard.safety.private_file import require_new
from wizard.safety.sanitize import sanitize
from wizard.steps.limits import duration
from wizard.steps.names import ALL, PROBE_IDS
from wizard.target.flags import TargetParser, given_path
from wizard.units import whole_number

_TIME_LIMIT = 120.0
_MOST_FORKS = 1000


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "fleet",
        help="check many hosts, driven by Ansible, and tell what they have in common",
        description="Has Ansible check every host of an inventory, changes nothing, and prints "
        "one table: by verdict and cause, worst first. Each host's case lies in --dir. How a "
        "machine is reached are Ansible's connection variables; goneaway_FLAG are flags of "
        "check (goneaway_user, goneaway_app_log ...); goneaway_password belongs into a vault. "
        "Exit code: as check, over all hosts; 3 where a host could not be looked at and no other "
        "has a cause.",
    )
    add = parser.add_argument
    add("-i", "--inventory", type=_named, action="append", required=True, metavar="INVENTORY",
        help="as ansible takes it: a file, directory, script or list (repeatable)")  # fmt: skip
    add("--limit", type=_named, metavar="PATTERN", help="only these hosts, as ansible takes it")
    add("--forks", type=_count, metavar="N", help="how many at a time (default: Ansible's, 5)")
    add("--probe", action="append", default=[], choices=(*PROBE_IDS, ALL), metavar="NAME",
        help="also run this probe on every host (repeatable)")  # fmt: skip
    add("--time-limit", type=checked(duration), default=_TIME_LIMIT, metavar="TIME",
        help="how long one host may take (default 2m)")  # fmt: skip
    add("--dir", type=given_path, metavar="DIR", help="keep cases and results there")
    add("--resume", action="store_true", help="look at the hosts that DIR has no answer of")
    add("--vault-password-file", type=_named, action="append", metavar="FILE",
        help="handed on to Ansible")  # fmt: skip
    add("--ask-vault-password", action="store_true", help="let Ansible ask for it")
    add("--format", choices=FLEET_FORMATS, default="text", help="default: text")
    add("--output", type=given_path, metavar="FILE", help="write it there, mode 0600")
    add("--collections", action=_Collections, nargs=0,
        help="print where the Ansible collection goneaway.wizard lies, and exit")  # fmt: skip
    parser.set_defaults(run=run)


class _Collections(argparse.Action):
    """For ANSIBLE_COLLECTIONS_PATH, whoever runs a playbook of their own."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> None:
        from wizard.fleet.ansible_run import COLLECTIONS

        print_answer(f"{COLLECTIONS}\n")
        parser.exit()


def run(args: argparse.Namespace) -> int:
    """Raises UsageError, AnsibleError, CannotWriteError."""
    from wizard.fleet.ansible_run import AnsibleOptions, require_ansible
    from wizard.fleet.look import look
    from wizard.fleet.results import ResultDirectory

    require_ansible()
    _require_files("--inventory", args.inventory)
    _require_files("--vault-password-file", args.vault_password_file or ())
    if args.output is not None:
        require_new(args.output)
    if args.resume and args.dir is None:
        raise UsageError("--resume goes on in a directory: name it with --dir")
    place = args.dir or Path(f"goneaway-fleet-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
    directory = ResultDirectory(place.absolute())
    if directory.holds_any and not args.resume:
        raise UsageError(f"{place} has answers already: --resume looks at the rest, or give another"
                         " --dir")  # fmt: skip
    directory.make()
    options = AnsibleOptions(
        tuple(args.inventory), args.limit, args.forks,
        tuple(args.vault_password_file or ()), args.ask_vault_password,
    )  # fmt: skip
    asked = {
        "dir": str(directory.path), "probe": args.probe, "time_limit": args.time_limit,
        "resume": args.resume,
    }  # fmt: skip
    with unwinding_on_signals():
        results, interrupted = look(options, asked, directory, _progress)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    fleet = fleet_of(results, interrupted)
    deliver(render_fleet(fleet, args.format), args.output)
    remark(f"the cases are in {place}; goneaway-wizard open {place} shows them")
    return exit_code(fleet)


def exit_code(fleet: Fleet) -> int:
    """That of `check`, over all hosts."""
    if fleet.interrupted:
        return exit_codes.INTERRUPTED
    codes = {host.exit_code for host in (*fleet.hosts, *fleet.unseen)}
    for code in (exit_codes.INTERNAL, exit_codes.CAUSE_FOUND, exit_codes.UNREACHABLE):
        if code in codes:
            return code
    if fleet.unseen:
        return exit_codes.UNREACHABLE
    return exit_codes.USAGE if exit_codes.USAGE in codes else exit_codes.DONE


def _require_files(flag: str, named: Sequence[str]) -> None:
    """Ansible would read a pipe or a device for ever, also one in an inventory's folder.

    What it cannot use else it tells itself. Raises UsageError.
    """
    for path in map(Path, named):
        for each in (path, *(path.rglob("*") if path.is_dir() else ())):
            if each.exists() and not each.is_dir() and not is_plain(each.stat()):
                raise UsageError(f"{flag}: {sanitize(str(each))} is no regular file; name one")


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} hosts; Ctrl-C ends it\033[K", end="", file=sys.stderr,
              flush=True)  # fmt: skip


def _named(text: str) -> str:
    """What goes to Ansible, which takes nothing for the folder here, or for every host."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it names nothing; name one, or leave the flag out")
    return text


def _count(text: str) -> int:
    count = whole_number(text, _MOST_FORKS)
    if not count:
        raise argparse.ArgumentTypeError(
            f"{text[:20]!r} is no number of forks: give 1 to {_MOST_FORKS}"
        )
    return count
