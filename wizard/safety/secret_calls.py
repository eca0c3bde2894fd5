"""The arguments of calls that connect, log in or stand in a stack trace, as patterns.

As those of `secret_shapes`. A secret has no name there, only a place.
"""

import re

# A value: quoted (possibly inside a quoted text, where its quotes are escaped), or bare.
QUOTED = r"(?:(?P<q>[\"'])(?:(?P=q){2}|(?!(?P=q))(?:\\(?:.|\Z)|[^\\]))*(?:(?P=q)|\Z)|\\+[\"'].*)"
CALLS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    # The arguments of a connect, as PHP's stack traces show them.
    (
        ("pdo", "mysql"),
        re.compile(
            r"(?i)(?P<keep>\b(?:PDO|mysqli?)(?:(?:->|::)(?:__construct|(?:real_)?connect)"
            r"|_p?(?:real_)?connect)\s*\((?!\)(?!:?\s*\(?(?:mysql:|host|dsn|uri))))(?P<mask>[^\n]+)"
        ),
    ),
    # The arguments of any other connect or login, up to the last quote before a bracket closes: a
    # secret may hold quotes of its own. Perl's DBI leaves the secret out itself, and what is read
    # from the environment is none.
    (
        ("connect", "new ", "open", "login", "logon", "auth", "attempt", "_bind"),
        re.compile(
            r"(?i)(?P<keep>(?:\b\w*connect|\b(?:get|create|open)\w*connection"
            r"|\bnew\s{1,3}[\w\\.]{0,80}(?:PDO|mysqli|sequelize|wpdb|connection|database|pool"
            r"|client|adapter)"
            r"|(?:->|::|\.)(?:open|login|logon|authenticate|auth|attempt)|_(?:login|bind|auth))"
            r"\s*\((?!'[^'\n]{0,300}','[^'\n]{0,80}',\.\.\.\))"
            r"(?!\s{0,3}(?:['\"][\w.-]{0,64}['\"],\s{0,3}){2}process\.env\.\w{1,80}\s{0,3}[,)]))"
            r"(?:(?=[^)\n]*[\"'])(?P<mask>[^\n]*[\"'](?=[^\"'\n]*\))|[^\n]+)|[^)\n]+)"
        ),
    ),
    # Quoted arguments in a frame of PHP: #0 /app/Db.php(12): Redis->auth('SECRET')
    (
        ("): ", "function]: "),
        re.compile(
            r"(?P<keep>(?<!\S)#\d{1,4}\s{1,3}(?:[^()\n]{1,400}\(\d{1,7}\)"
            r"|\[internal function\]):\s{1,3}"
            r"[\w\\>:{}.-]{1,300}\([^'\"()\n]{0,200})(?P<mask>['\"](?:(?!\)\s{1,4}#\d)[^\n])+)"
        ),
    ),
)
"""Each with words (in lower case) of which a text must have one for the pattern to be tried."""
