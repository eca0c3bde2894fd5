"""What runs on the other side: POSIX shell for dash, bash and BusyBox, nothing installed.

Each script is handed to `/bin/sh -c` with its arguments after it; none is put into its text.
"""

import shlex
from collections.abc import Sequence

from wizard.hosts.protocol import SERVER_NAMES
from wizard.hosts.remote.prefetch_script import ALONG, FILES, NO_COMMAND

_SETTINGS = (
    'PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin" LC_ALL=C TZ=UTC; '
    "export PATH LC_ALL TZ; "
)

# One of these three stands before a script that may use sudo(8).
SUDO_REFUSED = "refused=yes; "
SUDO_WITHOUT_PASSWORD = 'as_root() { sudo -n "$@"; }; '
# A printf that is a program of its own would show the password in its arguments.
SUDO_WITH_PASSWORD = """IFS= read -r secret || exit 4
[ "$(command -v printf)" = printf ] || { echo 'sudo: this shell has no printf' >&2; exit 4; }
as_root() { printf '%s\\n' "$secret" | sudo -S -p '' "$@"; }
"""

ECHO = 'echo "$1"'

SUDO_CHECK = _SETTINGS + "as_root -v"

# Ends all of its group when our side of the channel is closed: sshd itself ends nothing that has
# no terminal. Left out where the shell leads no group of its own.
GUARD = """exec 3<&0 </dev/null
{ read -r _ _ _ _ group _ <"/proc/$$/stat"; } 2>/dev/null
if [ "$group" = "$$" ]; then
{ while read -r _; do :; done <&3; kill -9 -$$; } >/dev/null 2>&1 &
fi
exec 3<&-
"""

# The command is ended, with its children, as soon as our side of the channel is closed.
RUN = (
    _SETTINGS
    + f"""command -v -- "$1" >/dev/null 2>&1 || {{ echo '{NO_COMMAND}' >&2; exit 127; }}
exec 3<&0
own=; command -v setsid >/dev/null 2>&1 && own=setsid
$own env -i PATH="$PATH" HOME="$HOME" LC_ALL=C.UTF-8 TZ=UTC "$@" </dev/null 3<&- &
child=$!
{{ while read -r _; do :; done <&3; kill -9 -$child || kill -9 $child; }} >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait $child
code=$?
kill $guard 2>/dev/null
exit $code"""
)

RUN_NEEDS = ("env", "setsid")

# A short command as root, for one of the preambles of sudo. Exit 126: there is no way.
RUN_AS_ROOT = (
    _SETTINGS
    + """if [ "$(id -u)" = 0 ]; then exec env LC_ALL=C.UTF-8 "$@" </dev/null; fi
[ -z "$refused" ] || { echo 'sudo: it said no' >&2; exit 126; }
command -v sudo >/dev/null 2>&1 || { echo 'there is no sudo' >&2; exit 126; }
as_root env LC_ALL=C.UTF-8 "$@" """
)

# Sets $sudo to what is needed before a command that reads $p, and $mode to its file mode in
# hexadecimal. Exit 3: no such file; 4: not permitted. sudo may lecture before it runs the
# command, whose one line is the last.
_LOOK = """p=$1 sudo=
mode=$(stat -L -c %f -- "$p" 2>&1) || case $mode in
*ermission?denied*|*not?permitted*) sudo=as_root ;;
*) echo "$mode" >&2; exit 3 ;;
esac
[ -n "$sudo" ] || [ ! -e "$p" ] || [ NEEDED "$p" ] || sudo=as_root
if [ -n "$sudo" ]; then
[ -z "$refused" ] || { echo 'sudo said no' >&2; exit 4; }
command -v sudo >/dev/null 2>&1 || { echo 'there is no sudo' >&2; exit 4; }
mode=$(as_root stat -L -c %f -- "$p" 2>&1) || case $mode in
*No?such*|*Not?a?dir*) echo "$mode" >&2; exit 3 ;;
*) echo "$mode" >&2; exit 4 ;;
esac
mode=${mode##*[!0-9a-f]}
fi
"""

READABLE = _SETTINGS + _LOOK.replace("NEEDED", "-r")
"""Begins a script that reads the file $p, which is $1, with $sudo before what reads it."""

GUARDED = _SETTINGS + GUARD + _LOOK.replace("NEEDED", "-r")
"""The same where nothing comes on stdin: it ends with our side of the channel."""

PLAIN = _SETTINGS
"""Begins a script that looks at no file."""

STAT = _SETTINGS + GUARD + _LOOK.replace("NEEDED", "-e") + "$sudo stat -L -c '%f %s %Y' -- \"$p\""

# $2: the size of a block, $3 and $4: blocks to skip and to read. From the start of a file
# `head` is used, as files in /proc give less at once than is asked for.
READ = (
    GUARDED
    + """case $mode in 8???) ;; *) exit 5 ;; esac
if [ "$3" = 0 ]; then $sudo head -c $(($2 * $4)) -- "$p"; exit; fi
$sudo dd if="$p" bs="$2" skip="$3" count="$4" 2>/dev/null"""
)

# $2: how many names at most. After an empty line, what `stat` says of them.
LIST = (
    _SETTINGS
    + GUARD
    + _LOOK.replace('[ NEEDED "$p" ]', '{ [ -r "$p" ] && [ -x "$p" ]; }')
    + """case $mode in 4???) ;; *) exit 6 ;; esac
$sudo ls -A -- "$p" | head -n "$2" || exit 4
[ -z "$sudo" ] || exit 0
echo
cd -- "$p" 2>/dev/null && stat -L -c '%f %s %Y %n' -- * .[!.]* 2>/dev/null | head -n "$3"
exit 0"""
)

LIST_NEEDS = ("stat", "ls", "head")
METRICS_NEED = ("cat", "date", "grep")
PROCESSES_NEED = ("cat", "grep", "stat")
"""The programs without which the answer tells nothing, or what is not so. The others' part is
missing where they do not answer."""

# $1 marks the lines between sections; $2 paths follow whose file systems are looked at, and then
# what ALONG reads.
METRICS = (
    _SETTINGS
    + GUARD
    + FILES
    + """n=$1; shift
say() { echo "$n $*"; }
sample() {
say stat $1; grep -E '^(cpu|btime)' /proc/stat
say uptime $1; cat /proc/uptime
say vmstat $1; grep -E '^pswp(in|out) ' /proc/vmstat
}
sample 1
sleep 0.6 2>/dev/null || sleep 1
sample 2
say meminfo; cat /proc/meminfo
say loadavg; cat /proc/loadavg
say diskstats; cat /proc/diskstats 2>/dev/null
say blocks; ls /sys/block 2>/dev/null
say net; cat /proc/net/dev
say date; date +%s
i=0 disks=$1; shift
while [ $i -lt $disks ]; do
say disk $i; i=$((i + 1))
stat -L -c %d -- "$1" 2>/dev/null && stat -f -c '%S %b %f %a %c %d' -- "$1" 2>/dev/null
shift
done"""
    + ALONG
)

# $1 marks the lines between sections, and what ALONG reads follows.
BRING = (
    _SETTINGS
    + GUARD
    + FILES
    + """n=$1; shift
say() { echo "$n $*"; }"""
    + ALONG
)

# What is asked of a server's process and its control group next goes with it. The pids controller
# of cgroup v1 has a tree of its own, and so has its freezer.
_GROUPS = """
groups() {
while IFS=: read -r number kinds path; do
case ",$kinds," in
*,memory,*) top=/sys/fs/cgroup/memory
names='memory.limit_in_bytes memory.usage_in_bytes memory.oom_control memory.failcnt memory.stat' ;;
*,pids,*) top=/sys/fs/cgroup/pids; names='pids.current pids.max pids.events' ;;
*,freezer,*) top=/sys/fs/cgroup/freezer; names=freezer.state ;;
,,) top=/sys/fs/cgroup
names='memory.max memory.high memory.current memory.events memory.pressure memory.stat'
names="$names pids.current pids.max pids.events cgroup.events" ;;
*) continue ;;
esac
at=$top${path%/}
while :; do
for name in $names; do ahead "$at/$name"; done
case $at in "$top"/*) at=${at%/*} ;; *) break ;; esac
done
done
}
"""

# $1 marks the lines between sections.
PROCESSES = (
    _SETTINGS
    + GUARD
    + FILES
    + _GROUPS
    + f"""n=$1; shift
say() {{ echo "$n $*"; }}
[ -e /proc/1/stat ] || exit 4
say ticks; getconf CLK_TCK 2>/dev/null || echo 100
say page; getconf PAGESIZE 2>/dev/null || echo 4096
say boot; grep '^btime' /proc/stat
say root; stat -L -c %d:%i /
ahead /proc/sys/kernel/hostname
found=
for d in /proc/[0-9]*; do
c=; {{ read -r c <"$d/comm"; }} 2>/dev/null || continue
case $c in {"|".join(sorted(SERVER_NAMES))}) ;; *) continue ;; esac
found=yes
say process "${{d#/proc/}}" "$c"
say stat; cat "$d/stat" 2>/dev/null
say statm; cat "$d/statm" 2>/dev/null
say cmdline; cat "$d/cmdline" 2>/dev/null; echo
say files; grep '^Max open files' "$d/limits" 2>/dev/null
say user; stat -c %U "$d" 2>/dev/null
s=
[ -r "$d/fd" ] || {{ may; s=$as; }}
say rootid; id=$($s stat -L -c %d:%i "$d/root/." 2>/dev/null); echo "${{id##*[!0-9:]}}"
say rootlink; link=$($s readlink "$d/root" 2>/dev/null); echo "$link"
say linkid; id=$($s stat -L -c %d:%i "$link/." 2>/dev/null); echo "${{id##*[!0-9:]}}"
say fds
$s ls -l "$d/fd" 2>/dev/null | sed -n 's/^l.*socket:\\[\\([0-9]*\\)\\]$/\\1/p; t; s/^l.*/-/p'
for name in status wchan cgroup limits oom_score_adj net/netstat; do ahead "$d/$name"; done
[ -r "$d/cgroup" ] && groups <"$d/cgroup"
done
[ -n "$found" ] || {{ say end; exit 0; }}
say tcp; awk '$4 == "0A" {{ print $2, $10 }}' /proc/net/tcp /proc/net/tcp6 2>/dev/null
say unix; awk '$4 ~ /^0001/ && $8 ~ /^\\// {{
i = $7; $1 = $2 = $3 = $4 = $5 = $6 = $7 = ""; sub(/^ */, ""); print i, $0
}}' /proc/net/unix 2>/dev/null
say end
exit 0"""
)


def command_line(script: str, *arguments: str) -> str:
    """One line for the account's login shell, whichever it is."""
    words: Sequence[str] = ("/bin/sh", "-c", script, "sh", *arguments)
    return "exec " + " ".join(shlex.quote(word) for word in words)
