"""Brings along in one round trip what is asked of another machine next. See `base.Along`."""

import shlex
from collections.abc import Iterator

from wizard.hosts.protocol import Prefetch

COMMAND_SECONDS = 5
"""Seconds for one command: a journal of many gigabytes is slow to open."""

MAX_NAMES = 10_001
DESCRIBED = 64
"""Names of a directory of which stat tells as well."""

NO_COMMAND = "goneaway-wizard: no such command"

# Sets $as to what is needed to act as root; what sudo said against it is told once. It needs one of
# the preambles of ssh_script.
AS_ROOT = """
may() {
[ -z "$asked" ] || return
asked=yes as=
[ "$(id -u)" != 0 ] && [ -z "$refused" ] && command -v sudo >/dev/null 2>&1 || return
if no=$(as_root stat -L -c %f / 2>&1); then as=as_root; else say sudo; echo "$no"; fi
}
"""

# absent() is true only where each directory above the path may be searched. The others set $s to
# what is needed before a command that reads the path, and tell where there is no way.
FILES = (
    AS_ROOT
    + """
absent() {
[ ! -e "$1" ] || return 1
up=$1
while [ -n "$up" ]; do
up=${up%/*}
if [ -e "${up:-/}" ]; then [ -x "${up:-/}" ]; return; fi
done
return 1
}
gone() {
absent "$1" || return
say gone; echo "$1"
}
way() {
s=
[ -n "$2" ] || { may; s=$as; [ -n "$s" ] || { say denied; echo "$1"; return 1; }; }
}
look() {
gone "$1" && return
way "$1" "$([ -e "$1" ] && echo yes)" || return
if m=$($s stat -L -c '%f %s %Y' -- "$1" 2>/dev/null); then say meta; echo "$1"; echo "$m"; fi
}
piece() {
gone "$2" && return
way "$2" "$([ -r "$2" ] && echo yes)" || return
m=$($s stat -L -c '%f %s %Y' -- "$2" 2>/dev/null) || return
case $m in 8???' '*) ;; *) return ;; esac
most=$1 path=$2 skip=0
set -- $m
[ "$2" -le "$most" ] || skip=$((($2 - most) / 65536))
say meta; echo "$path"; echo "$m"
say piece $((skip * 65536)) $((most + 131072)); echo "$path"
if [ $skip = 0 ]; then $s head -c $((most + 131072)) -- "$path" 2>/dev/null
else $s dd if="$path" bs=65536 skip=$skip count=$((most / 65536 + 2)) 2>/dev/null
fi || { echo; say broken; echo "$path"; return; }
echo
}
ahead() { piece 65536 "$1"; }
"""
)

# Triples of kind, number and text; each section is closed by the next, and the last by `end`.
ALONG = f"""
list() {{
gone "$2" && return
[ -r "$2" ] && [ -x "$2" ] || {{ say denied; echo "$2"; return; }}
[ -d "$2" ] || return
say names "$1"; echo "$2"
ls -A -- "$2" 2>/dev/null | head -n "$1"
}}
names() {{
gone "$2" && return
way "$2" "$([ -r "$2" ] && [ -x "$2" ] && echo yes)" || return
$s test -d "$2" || return
say names "$1"; echo "$2"
$s ls -A -- "$2" 2>/dev/null | head -n "$1"
say entries; echo "$2"
up=${{2%/}} first=$($s ls -A -- "$2" 2>/dev/null | head -n {DESCRIBED})
set --
set -f
IFS='
'
for f in $first; do set -- "$@" "$up/$f"; done
unset IFS
set +f
[ $# = 0 ] || $s stat -L -c '%f %s %Y %n' -- "$@" 2>/dev/null
}}
run() {{
most=$1
eval "set -- $2"
s=
case $1/$5 in dmesg/*|journalctl/*|sh/docker|sh/podman) may; s=$as ;; esac
case $1 in sh) name=$5 ;; env) name=$4 ;; *) name=$1 ;; esac
say answer $i $most
case $hung in *" $name "*) code=124; echo; say told $i; echo "code $code"; return ;; esac
if command -v -- "$1" >/dev/null 2>&1; then
told=$({{ {{ $s $bound env LC_ALL=C.UTF-8 "$@" </dev/null 2>&3; c=$?; echo "code $c" >&3
}} | head -c "$most" >&4; }} 3>&1)
else told='{NO_COMMAND}
code 127'
fi
code=${{told##*code }}
case $code in 124|143) hung="$hung $name " ;; esac
echo
say told $i; printf '%s\\n' "$told"
}}
exec 4>&1
bound= hung= code=0 i=0
timeout {COMMAND_SECONDS} true 2>/dev/null && bound='timeout {COMMAND_SECONDS}'
while [ $# -gt 2 ]; do
case $1 in
file) piece "$2" "$3" ;;
stat) look "$3" ;;
list) list "$2" "$3" ;;
names) names "$2" "$3" ;;
run) run "$2" "$3" ;;
else) [ "$code" = 0 ] || run "$2" "$3" ;;
esac
case $1 in run|else) i=$((i + 1)) ;; esac
shift 3
done
say end
"""


def arguments(along: Prefetch) -> Iterator[str]:
    """The triples that ALONG reads."""
    for file in along.files:
        if _is_plain(file.path):
            yield from ("file", str(file.limit), file.path)
    for path in filter(_is_plain, along.stats):
        yield from ("stat", "0", path)
    for path in filter(_is_plain, along.listings):
        yield from ("list", str(MAX_NAMES), path)
    for path in filter(_is_plain, along.directories):
        yield from ("names", str(MAX_NAMES), path)
    for command in along.commands:
        kind = "else" if command.instead else "run"
        yield from (kind, str(command.limit), shlex.join(command.words))


def _is_plain(path: str) -> bool:
    """Whether the path is one line, as a section's first line has to be."""
    return "\0" not in path and "\n" not in path
