"""Masks what prose quotes, but for what names something or says an error.

An account, a path, a time, a setting.
"""

import os
import re

from wizard.safety.redact_sql import MASK

_COMMENT = re.compile(r"(?s)/\*(?!\?\*/).*?(?:\*/|\Z)")
"""Comments of statements carry what frameworks put there (sqlcommenter): an e-mail address."""

_QUOTED = re.compile(
    r"(?s)(?<![\w\\])(?P<q>\\*[\"'])(?P<body>(?:(?!(?P=q))(?:\\(?:.|\Z)|[^\\]))*)(?P<end>(?P=q)|\Z)"
    r"|(?P<open>[“„‘‚«])(?P<said>[^”“’‘»\n]*)(?P<close>[”“’‘»]|\Z)"
)
# Quoted texts of log lines that name things, and that a reader needs: an account or its parts,
# a path, a time, an option. In the languages of the servers' messages.
_LABELS = (
    "user|host(?:name)?|db|database|real ip|address|server(?: (?:on|at|host))?|on|variable"
    "|parameter"
    "|socket(?: file)?|through socket|file|plugin|table|tablespace|period of|for user|than"
    "|connection id"
    "|key(?: name)?|field|column|command|version|method|protocol|interface|connect to|plugin"
    "|channel|event|state|result|(?:to|from) (?:master|source)"
    "|(?:logger|level|severity|lvl|levelname|timestamp|ts|thread|sqlstate|errno|signal|pid)"
    "|utilisateur|h[oô]te|bd|benutzer|datenbank|usu[aá]rio|equipo|datos|dados|utente|användare"
    "|bruger|v[æe]rt"
    "|databasen|gebruiker|kasutaja|masin|andmebaas|u[zž]ivatel|stroj|datab[aá]ze|korisnik je bio"
    "|bazi"
    "|пользователя|хост|хоста|базе данных|бази данних|користувач|მომხმარებელი|ჰოსტი|ბაზამდე"
    "|ユーザー|ホスト|データベース|用户|主机|数据库"
)
_NAMED = re.compile(
    rf"(?i)(?:(?:(?<!\w)|(?<=到|。))(?:{_LABELS})\\*[\"']?\s*(?:=>|[:=-])?\s*\\*'?|@)\Z"
)
_ENDINGS = tuple(f" {_LABELS}".translate(str.maketrans("()|[]?:", "       ")).split())
"""Parts of labels with which text before a quote ends: most text has none, and is told at once."""

_PLAIN = re.compile(
    r"(?:[./][\w./#-]*|\d{4}-\d\d-\d\d[T ][\d:.,+Z-]*|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?"
    r"|(?:[a-z]+_)+(?:timeout|packet|connections|errors|connect|size|limit|length|resolve|log"
    r"|threads)"
    r"|max_[a-z]+(?:_[a-z]+)+|(?:tcp|ssl)://[\d.:]{7,30}"
    r"|(?:ER|CR|PROTOCOL)(?:_[A-Z0-9]+)+|P[12]0\d\d|HY000|08S01"
    r"|E(?:PIPE|CONN[A-Z]+|TIMEDOUT|HOST[A-Z]+|NET[A-Z]+|AI_[A-Z]+|NOTFOUND|NOENT|ACCES|PERM"
    r"|ADDR[A-Z]+)"
    r"|(?:mysql_(?:native|clear|old)|caching_sha2|sha256)_password|ed25519|(?:unix|auth)_socket"
    r"|(?:--)?[a-z][a-z_-]{2,60}=(?:\d{1,10}[KMGTkmgt]?|ON|OFF|on|off)"
    r"|unauthenticated user|connecting host|field list|ulimit|host|exception|cryptography"
    r"|(?:mysqladmin|mariadb-admin) flush-hosts"
    r"|(?:handshake: )?(?:reading|waiting for|sending) (?:init\w+|auth\w+|final)[a-z ]{0,60})\Z"
)
_SYSTEM = frozenset(os.strerror(number) for number in range(1, 134))
"""What the system says of an error: `errno: 28 "No space left on device"`."""

_NAME = re.compile(r"[\w.@%:/$#+-]{0,80}\Z")
# The messages of servers and drivers about a lost connection, as they are quoted: the very
# thing that a reader looks for. What is quoted inside them is judged by itself. An error's name is
# a whole word: parts of it could be taken in every combination.
_MESSAGE = re.compile(
    r"(?i)(?:SQLSTATE\[\w+\]:?\s*|\[\d+\]\s*|General error:\s*|\w*Error\b:?\s*"
    r"|ERROR \d+ \(\w+\):?\s*|\(?\d{4}\b[,:]?\s*|(?:query failed|sql|driver|get connection): "
    r"|! |#\w{5}|(?:p1_mysql_|Mysql\.)\w{1,20}: |\(conn[:=][^()]{1,80}\)\s*"
    r"|An exception occurred (?:while executing a query|in the driver): "
    r"|\d{4}-\d\d-\d\d[T ][\d:.]{8,15}(?:Z|[+-]\d\d:\d\d)?\s+\d+\s+(?:\[[\w-]{1,20}\]\s+){1,3})*"
    r"(?:(?:The )?(?:MySQL )?server has gone away|Lost connection to|Can.?t (?:connect to|create"
    r"|add new command|reconnect until)|Cannot execute new commands|socket (?:was|has unexpectedly"
    r" been) closed|pool timeout: |getaddrinfo E[A-Z_]+ |Received error packet before"
    r"|Got (?:a |an )?(?:packet|timeout|error)|Packets? (?:for query|sequence|out of order)"
    r"|Server shutdown"
    r"|Connection (?:was killed|reset|refused|timed out|lost|closed)|Too many connections"
    r"|Access denied for user|The client was disconnected|Query execution was interrupted"
    r"|Communications? link|Unknown (?:MySQL )?server host|Host '|User '|MySQL Connection not"
    r"|Broken pipe|SSL connection|Commands out of sync|The last packet|server closed the connection"
    r"|No connection|WSREP has not|read ETIMEDOUT|connect E[A-Z]+|timed? ?out\b|query timed out"
    r"|(?:invalid|bad) connection|(?:database|connection) is (?:already )?closed|unexpected EOF"
    r"|(?:dial|read|write) (?:tcp|unix) [\w.:>\[\]/-]{1,200}: |TLS/SSL error|Not connected\Z"
    r"|Cancelled during execution|Unknown (?:database|column|table) '|User \w{1,80} already has"
    r"|The server is currently in|The (?:MySQL|MariaDB) server is running with|Error (?:writing"
    r"|reading) file"
    r"|Aborted connection|Deadlock found|Lock wait timeout|read packet timeout|closing bad idle"
    r"|log event entry exceeded|Obteve |Member (?:with|was) |This server is not able|(?:Index"
    r"|Record) file is crashed|Out of memory[.;])"
)
_GLUED = re.compile(r"\w")


def mask_prose(text: str) -> tuple[str, int]:
    """`text` without what it quotes, and how much that was."""
    count, position = 0, 0
    out: list[str] = []
    text, comments = _COMMENT.subn("/*?*/", text)
    while match := _QUOTED.search(text, position):
        out.append(text[position : match.start()])
        end = match.end()
        if match["end"] and _GLUED.match(text, end):
            if not match["body"]:  # ''name': the second one opens
                out.append(text[match.start() : match.end("q")])
                position = match.end("q")
                continue
            # The quoted text has quotes of its own: it ends with the line's last one.
            end = max(end, text.rfind(match["q"]) + len(match["q"]))
        shown, masked = _shown(match, text, end)
        out.append(shown)
        count, position = count + masked, end
    return "".join(out) + text[position:], count + comments


def _shown(match: "re.Match[str]", text: str, end: int) -> tuple[str, int]:
    before = text[max(0, match.start() - 40) : match.start()]
    if match["open"]:
        quote, closing, last = match["open"], match["close"], match["close"]
    else:
        quote, closing, last = match["q"], match["end"], match["q"]
    body = text[match.start() + len(quote) : end - len(closing)]
    stays = bool(closing) and _may_stay(body, before, text[end : end + 1])
    if stays or body in ("", MASK):
        return text[match.start() : end], 0
    if closing and _MESSAGE.match(body):
        inner, count = mask_prose(body)
        return f"{quote}{inner}{last}", count
    return f"{quote}{MASK}{closing}", 1


def _may_stay(body: str, before: str, after: str) -> bool:
    """Whether the quoted text names something harmless, by its place or its shape."""
    if _PLAIN.match(body) or body in _SYSTEM:
        return True
    if after in ("@", ":") and _NAME.match(body):
        return True
    if not before.rstrip(" \t:=>-\\\"'").lower().endswith(_ENDINGS) and not before.endswith("@"):
        return False
    return bool(_NAME.match(body) and _NAMED.search(before))
