"""Everything that may say which server: flags, URL, login path, option files, environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wizard.safety.errors import UsageError
from wizard.safety.plain_file import is_plain
from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetArguments
from wizard.target.given_file import Say
from wizard.target.login_path import LoginPathError, login_file, read_login_path
from wizard.target.option_files import OptionSet, client_options, search_path
from wizard.target.url import UrlTarget

_NO_FILE = Path(os.devnull)
"""What is named where no option file is to be read."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value with the words for where it came from."""

    value: str = field(repr=False)
    origin: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a target is made of. `login` outranks `files`, as in the mysql client."""

    flags: TargetArguments
    url: UrlTarget
    login: OptionSet
    files: OptionSet
    environ: Mapping[str, str]

    def option(self, *names: str) -> Given | None:
        """The first of `names` that the login path or the option files set."""
        for options in (self.login, self.files):
            for name in names:
                value = options.text(name)
                if value is not None:
                    return Given(without_nul(value, name, options.where(name)), options.where(name))
        return None

    def has(self, name: str) -> bool:
        return name in self.login.options or name in self.files.options

    def variable(self, name: str) -> Given | None:
        value = self.environ.get(name)
        return Given(value, name) if value else None


def without_nul(value: str, name: str, origin: str) -> str:
    """`value`; raises UsageError where a NUL byte would end it for the mysql client, unsaid."""
    if "\0" in value:
        raise UsageError(
            f"{sanitize(name)} ({sanitize(origin)}) holds a NUL byte: write it there anew, as plain"
            " text"
        )
    return value


def gather(
    flags: TargetArguments,
    environ: Mapping[str, str],
    remark: Callable[[str], None],
    say: Say | None = None,
) -> Inputs:
    """`remark` takes lines about what is ignored; `say`, unless they are the same, is told of a
    wait. Raises UsageError."""
    for path in (flags.defaults_file, flags.defaults_extra_file):
        if path is not None and not os.access(path, os.R_OK):
            raise UsageError(f"the option file {sanitize(str(path))} cannot be read")
        if path is not None and path.is_dir():
            raise UsageError(
                f"the option file {sanitize(str(path))} is a directory; name the file in it"
            )
        if path is not None and path != _NO_FILE and not (is_plain(path.stat()) or path.is_fifo()):
            raise UsageError(
                f"the option file {sanitize(str(path))} is no regular file; name one, or {_NO_FILE}"
                " for none"
            )
    suffix = flags.defaults_group_suffix or environ.get("MYSQL_GROUP_SUFFIX", "")
    paths = search_path(
        environ, defaults_file=flags.defaults_file, extra_file=flags.defaults_extra_file
    )
    named = {path for path in (flags.defaults_file, flags.defaults_extra_file) if path is not None}
    files = client_options(paths, suffix, named, say or remark)
    for line in files.remarks:
        remark(line)
    return Inputs(
        flags, flags.url or UrlTarget(), _login(flags, environ, suffix, remark), files, environ
    )


def _login(
    flags: TargetArguments,
    environ: Mapping[str, str],
    suffix: str,
    remark: Callable[[str], None],
) -> OptionSet:
    path = login_file(environ)
    try:
        options = read_login_path(path, flags.login_path, suffix) if path else OptionSet({})
    except LoginPathError as error:
        if flags.login_path:
            raise UsageError(str(error)) from None
        remark(str(error))
        return OptionSet({})
    if flags.login_path and not any(
        option.group == flags.login_path for option in options.options.values()
    ):
        raise UsageError(
            f"there is no login path {sanitize(flags.login_path)!r}; "
            "mysql_config_editor print --all shows those that exist"
        )
    return options
