"""Changes one file on the other side, whole or not at all, where it is still as it was seen.

Only the added block crosses: the rest of an option file may hold passwords. A file keeps its
owner, mode and security context (cp -a); symlinks are followed to what they lead to; the lock is
the one that a wizard on that machine takes, flock(2) on the folder.
"""

from wizard.hosts.remote.scripts import PLAIN

CONFLICT, LOCKED, OPEN_TO_ALL, NO_FOLDER, DENIED = 10, 8, 6, 3, 4

# $1 what to do, $2 the file, $3 its SHA-256 before (or "absent"), $4 after, $5 and $6 the block,
# or up to where and from where on it is kept (counted from 1), $7 ends the temporary file's name.
# cat tells of a full disk in words; a shell's own printf calls it an I/O error.
INNER = f"""set -f
op=$1 p=$2 want=$3 after=$4 a=$5 b=$6
own=
case $p in */*.service.d/*) own=yes ;; esac
[ -z "$own" ] || [ "$want" != absent ] || mkdir -p -m 755 -- "${{p%/*}}" 2>/dev/null
real=$(readlink -f -- "$p") && [ -n "$real" ] || {{ echo "no such folder" >&2; exit {NO_FOLDER}; }}
dir=${{real%/*}}
[ -d "${{dir:-/}}" ] || {{ echo "no such folder" >&2; exit {NO_FOLDER}; }}
exec 9<"${{dir:-/}}"
if command -v flock >/dev/null 2>&1; then
flock -w 8 9 || {{ echo "another goneaway-wizard is writing there" >&2; exit {LOCKED}; }}
fi
now=absent
if [ -e "$real" ]; then
case $(stat -c %a -- "$real") in
*[2367]) echo "it is writable for everyone" >&2; exit {OPEN_TO_ALL} ;;
esac
now=$(sha256sum <"$real") || exit 7
now=${{now%% *}}
fi
[ "$now" = "$want" ] || {{ echo "it was changed" >&2; exit {CONFLICT}; }}
tmp=$dir/.${{real##*/}}.$7
set +f
rm -f -- "$dir/.${{real##*/}}".[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]
set -f
trap 'rm -f -- "$tmp"' EXIT
trap 'exit 7' HUP INT TERM
case $op in
remove)
rm -f -- "$real" || exit 7
[ -z "$own" ] || rmdir -- "$dir" 2>/dev/null
sync; exit 0 ;;
append)
if [ "$now" = absent ]; then umask 022; : >"$tmp"; else cp -a -- "$real" "$tmp"; fi &&
printf %s "$a" | cat >>"$tmp" ;;
cut) cp -a -- "$real" "$tmp" && {{ head -c "$a" <"$real"; tail -c +"$b" <"$real"; }} >"$tmp" ;;
*) exit 7 ;;
esac || exit 7
sum=$(sha256sum <"$tmp") || exit 7
[ "${{sum%% *}}" = "$after" ] || {{ echo "the disk did not keep what was written" >&2; exit 7; }}
sync -- "$tmp" 2>/dev/null || sync
mv -f -- "$tmp" "$real" || exit 7
sync -- "${{dir:-/}}" 2>/dev/null || sync"""

# As root where the file or its folder is another's: a copy that an ordinary account makes would
# be its own.
EDIT = (
    PLAIN
    + f"""inner=$1; shift
real=$(readlink -f -- "$2" 2>/dev/null) dir= need=
dir=${{real%/*}}
[ -n "$real" ] && [ -w "${{dir:-/}}" ] || need=yes
if [ -z "$need" ] && [ -e "$real" ]; then [ -O "$real" ] && [ -r "$real" ] || need=yes; fi
[ "$(id -u)" != 0 ] || need=
[ -n "$need" ] || exec /bin/sh -c "$inner" sh "$@"
[ -z "$refused" ] || {{ echo 'sudo said no' >&2; exit {DENIED}; }}
command -v sudo >/dev/null 2>&1 || {{ echo 'there is no sudo' >&2; exit {DENIED}; }}
as_root /bin/sh -c "$inner" sh "$@"
code=$?
[ $code != 1 ] || exit {DENIED}
exit $code"""
)
