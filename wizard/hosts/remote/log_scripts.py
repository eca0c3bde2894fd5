"""Logs over SSH: shell that reads, seeks and sifts them where they lie.

Portable to dash and BusyBox: dd, grep, awk, head, tail, tr and, where there is one, gzip to pack
what crosses. Only dd runs with sudo.
"""

from wizard.hosts.remote.prefetch_script import AS_ROOT
from wizard.hosts.remote.scripts import GUARD, GUARDED, PLAIN
from wizard.hosts.sifting import (
    CELL,
    CELL_LINE,
    FIRST,
    MAX_CELLS,
    MAX_LIFE,
    MAX_LINE,
    Stretch,
    Wanted,
)

SECTOR = 512
"""Blocks are read from multiples of so many bytes on."""

MAX_ERRORS = 8
"""Lines of level ERROR since a start that are sent: the first ones tell why it failed."""

_ALL = 1 << 60
"""More bytes than any file has."""

MAX_OUTPUT = 1 << 30
"""Bytes of a command's output that are looked at, where it runs."""

BLOCKS_NEED = ("stat", "dd", "gzip")
SIFT_NEEDS = ("awk", "cat", "env", "grep", "gzip", "head", "tr")
NEEDS = ("stat", "dd", "tail", *SIFT_NEEDS)
"""The programs without which an answer would be cut, and not say so."""

_PACK = """pack=cat
command -v gzip >/dev/null 2>&1 && pack='gzip -c'
"""

# $2 marks the end of each block, $3 is its length and the others where they begin, in sectors.
BLOCKS = (
    GUARDED
    + _PACK
    + f"""case $mode in 8???) ;; *) exit 5 ;; esac
n=$2 c=$3; shift 3
for o; do
$sudo dd if="$p" bs={SECTOR} skip="$o" count="$c" 2>/dev/null
printf '\\n%s\\n' "$n"
done | $pack"""
)

# part FROM LENGTH: these bytes of the log. Large blocks for speed; tail and head take off what
# was read too much.
_PART = """case $mode in 8???) ;; *) exit 5 ;; esac
[ -z "$unpack" ] || command -v "${unpack%% *}" >/dev/null 2>&1 || {
echo "there is no ${unpack%% *} to unpack it" >&2; exit 7; }
part() {
if [ -z "$unpack" ]; then
$sudo dd if="$p" bs=65536 skip=$(($1 / 65536)) \
count=$((($1 % 65536 + $2 + 65535) / 65536)) 2>/dev/null |
tail -c +$(($1 % 65536 + 1)) | head -c "$2"
else
$sudo dd if="$p" bs=65536 2>/dev/null | $unpack | tail -c +$(($1 + 1)) | head -c "$2"
fi
}
"""

# $2: how to unpack, $3 and $4: from where and how much.
READ_UNPACKED = GUARDED + _PACK + "unpack=$2\n" + _PART + """part "$3" "$4" | $pack"""

# $2: how to unpack. A line with a time in each cell, and at last the size.
CELLS = (
    GUARDED
    + _PACK
    + "unpack=$2\n"
    + _PART
    + f"""part 0 {_ALL} | tr '\\000' '\\n' | awk '
BEGIN {{ apart = {CELL} }}
off >= following && /[0-9]:[0-9][0-9]:[0-9][0-9]/ {{
line[++n] = sprintf("%.0f:%s", off, substr($0, 1, {CELL_LINE}))
if (n > {MAX_CELLS}) {{
for (i = 1; 2 * i - 1 <= n; i++) line[i] = line[2 * i - 1]
n = i - 1; apart *= 2
}}
following = off + apart
}}
{{ off += length($0) + 1 }}
END {{
for (i = 1; i <= n; i++) print line[i]
printf "end:%.0f\\n", off
}}' | $pack"""
)

# Numbers the lines. The first and the last lines of the window that may have a time go on in any
# case, behind the mark, which is one of the texts that grep looks for; so does one that others
# without a time follow, as it may tell the time of a crash.
_NUMBER = """awk -v m="$n" -v b="$begin" -v cut="$cut" '
function marked(sign, line, place, text) { printf "%d:%.0f:%s%s%s\\n", line, place, m, sign, text }
NR == 1 && cut { off = length($0) + 1; next }
off >= b { lines++ }
/[0-9]:[0-9][0-9]:[0-9][0-9]/ {
if (off < b) { if (!earlier++) marked(":", NR, off, $0) }
else if (!seen++) marked(":", NR, off, $0)
n2 = n1; o2 = o1; t2 = t1; n1 = NR; o1 = off; t1 = $0
}
n1 && n1 == NR - 1 { marked("-", n1, o1, t1) }
{ printf "%d:%.0f:%s\\n", NR, off, $0; off += length($0) + 1 }
END {
if (n2 && o2 >= b) marked(":", n2, o2, t2)
if (n1 && o1 >= b) marked(":", n1, o1, t1)
marked(":", 0, 0, "end " lines + 0 " " sprintf("%.0f", off))
}'"""

# Keeps of each kind of line the first ones and the newest, and counts all. An "Aborted
# connection" line is known by the reason at its end, any other by the first text that it holds.
_PICK = f"""SESSIONS="$sessions" LIFE="$life" STARTS="$starts" awk -v m="$n" -v b="$begin" \\
-v newest="$newest" -v most="$most" '
BEGIN {{
nl = split(ENVIRON["LIFE"], life, "\\n")
ns = split(ENVIRON["SESSIONS"], text, "\\n")
nb = split(ENVIRON["STARTS"], start, "\\n")
for (i = 1; i <= ns; i++) if (text[i] ~ /^\\(/) reason[text[i]] = i
}}
function context(line) {{
if (line != "" && line != sent) {{ lived[++l % {MAX_LIFE}] = "h:" line; sent = line }}
}}
$0 == "--" {{ next }}
{{
a = index($0, ":"); rest = substr($0, a + 1); z = index(rest, ":")
at = substr($0, 1, a - 1) ":" substr(rest, 1, z - 1) ":"
off = substr(rest, 1, z - 1) + 0; t = substr(rest, z + 1)
sign = index(t, m) == 1 ? substr(t, length(m) + 1, 1) : ""
if (sign != "") t = substr(t, length(m) + 2)
if (sign == ":" && at == "0:0:") {{ print "e:" t; next }}
if (sign == "=") {{ print "f:" t; next }}
kind = ""
if (off >= b && match(t, /\\047 \\([^(]*$/)) {{
r = substr(t, RSTART + 2); sub(/[.\\r]+$/, "", r)
if (r in reason) kind = "r" reason[r]
}}
if (kind != "" && index(t, "user: \\047unauthenticated")) kind = kind "u"
lives = 0
if (kind == "") for (i = 1; i <= nl; i++) if (index(t, life[i])) {{ lives = 1; break }}
if (kind == "" && !lives && off >= b)
for (i = 1; i <= ns; i++) if (index(t, text[i])) {{ kind = "t" i; break }}
line = (lives ? "life" : kind) ":" at substr(t, 1, {MAX_LINE})
if (sign == ":") {{ print "h:" line; next }}
if (sign == "-") {{ timed = line; next }}
if (lives) {{
if (off < b) for (i = 1; i <= nb; i++) if (index(t, start[i])) {{ l = 0; sent = ""; break }}
for (i = 1; i <= nb; i++) if (index(t, start[i])) {{ ne = es = 0 }}
while (es < ne) context(errors[++es])
context(timed); context(before)
lived[++l % {MAX_LIFE}] = "h:" line; sent = line
}} else if (kind != "") {{
k = ++count[kind]
if (k <= {FIRST}) first[kind, k] = line; else ring[kind, k % newest] = line
}}
if (index(t, "[ERROR]") && ne < {MAX_ERRORS}) errors[++ne] = line
before = line
}}
END {{
left = l - {MAX_LIFE}; if (left < 0) left = 0
print "x:" left
for (i = left + 1; i <= l; i++) print lived[i % {MAX_LIFE}]
for (kind in count) kinds++
for (kind in count) {{
print "n:" kind ":" count[kind]
used = 0
for (k = 1; k <= {FIRST} && k <= count[kind]; k++) print "h:" first[kind, k]
for (k = count[kind]; k > {FIRST} && k > count[kind] - newest; k--) {{
line = ring[kind, k % newest]; used += length(line)
if (used > most / kinds) break
print "h:" line
}}
}}
}}'"""

_SIFTED = f"""tr '\\000' '\\n' | {_NUMBER} |
grep -a -F -B 1 -- "$n
[ERROR]
$sessions
$life" | {_PICK} | $pack"""

# $2 the mark, $3 where the stretch starts, $4 where in it the window begins, $5 its length,
# $6 to $8 the texts (sessions, life, starts), $9 how many of each kind, ${10} how many bytes at
# most, of which an eighth is taken where nothing packs them, ${11} how to unpack.
_ARGUMENTS = """n=$2 from=$3 begin=$4 length=$5 sessions=$6 life=$7 starts=$8 newest=$9 most=${10}
unpack=${11}
[ "$pack" != cat ] || most=$((most / 8))
cut=0; [ "$from" = 0 ] || cut=1
"""

SIFT = GUARDED + _PACK + _ARGUMENTS + _PART + f"""part "$from" "$length" | {_SIFTED}"""

# As SIFT, of what a command writes to both of its streams: ${12} and on. Where it fails, its last
# line is told behind the mark.
SIFT_OUTPUT = (
    PLAIN
    + GUARD
    + "say() { :; }\n"
    + AS_ROOT
    + "may\n"
    + _PACK
    + _ARGUMENTS
    + f"""shift 11
command -v "$1" >/dev/null 2>&1 || {{ echo "there is no $1" >&2; exit 7; }}
asked() {{ $as env LC_ALL=C.UTF-8 "$@" 2>&1; }}
told() {{
asked "$@" && return
code=$? why=
[ $code -gt 128 ] || why=$(asked "$@" | tail -n 1 | head -c 300)
printf '\\n%s=%s %s\\n' "$n" $code "$why"
}}
told "$@" | {{
line=; if IFS= read -r line || [ -n "$line" ]; then
printf '\\001' >&2; printf '%s\\n' "$line"; cat; fi
}} | head -c "$length" | {_SIFTED}"""
)


def sift_arguments(stretch: Stretch, wanted: Wanted, mark: str) -> tuple[str, ...]:
    """What SIFT takes."""
    return (
        stretch.path,
        mark,
        str(stretch.start),
        str(stretch.begin - stretch.start),
        str(stretch.end - stretch.start),
        "\n".join(wanted.sessions),
        "\n".join(wanted.life),
        "\n".join(wanted.starts),
        str(wanted.newest),
        str(wanted.most),
        stretch.unpack,
    )
