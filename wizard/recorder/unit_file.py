"""A systemd unit that runs the recorder as a service, with the arguments it was given.

Source: systemd.service(5), systemd.exec(5). StateDirectory= makes /var/lib/goneaway-wizard, where
`check` looks for recordings.
"""

from collections.abc import Sequence

from wizard.logs.recorded.note import SERVICE_STATE

RECORDING = f"{SERVICE_STATE}/recording"

_UNIT = """\
# goneaway-wizard.service: records which database session is lost to what, as it happens.
#   goneaway-wizard watch ... --print-unit | sudo tee /etc/systemd/system/goneaway-wizard.service
#   sudo systemctl daemon-reload && sudo systemctl enable --now goneaway-wizard
#   journalctl -u goneaway-wizard -f
# The account needs PROCESS, to read the server's error log, and for its password an option file
# that it alone may read (--defaults-file).
[Unit]
Description=Records which database session is lost to what
Documentation=man:systemd.service(5)
After=network-online.target mariadb.service mysql.service mysqld.service
Wants=network-online.target

[Service]
WorkingDirectory={here}
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=5
User=root
Environment=XDG_STATE_HOME=/var/lib
StateDirectory=goneaway-wizard
StateDirectoryMode=0700
UMask=0077
Nice=5
MemoryMax=256M
CPUQuota=20%
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={writable}
ProtectHome=read-only
PrivateTmp=no
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
"""


def unit_text(
    program: str, arguments: Sequence[str], writable: Sequence[str] = (), here: str = "/"
) -> str:
    """The unit's text. `arguments` are those of the command line, without --print-unit;
    `writable` are directories beside the state directory that the recorder writes to; the paths
    among them may be relative to `here`."""
    words = [program, *arguments]
    if not any(word == "--dir" or word.startswith("--dir=") for word in words):
        words += ["--dir", RECORDING]
    paths = " ".join(_quoted(path) for path in dict.fromkeys((SERVICE_STATE, *writable)))
    return _UNIT.format(
        command=" ".join(_quoted(word) for word in words), writable=paths, here=_unquoted(here)
    )


def _unquoted(path: str) -> str:
    """A path as WorkingDirectory= reads it: to the line's end, with specifiers."""
    return path.replace("%", "%%")


def _quoted(word: str) -> str:
    """A word as systemd.syntax(7) reads it: specifiers and variables are doubled."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    plain = escaped and not any(c in escaped for c in " \t'\"\\;")
    return escaped if plain else f'"{escaped}"'
