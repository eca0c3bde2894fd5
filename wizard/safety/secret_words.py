"""The words that a secret goes by, and what is said of one without telling it."""

import re

# What stands before `key` where it opens something; an index's, a sort's, a partition's does not.
_KEYED = (
    "account|storage|encryption|signing|signature|master|hmac|shared|app|license"
    "|client|deploy|session|service|subscription|ssh|webhook|auth"
)
# What follows `key` where it is counted, numbered or timed, not told: encryption_key_id=1.
_OF_KEY = (
    r"(?!s?_(?:ids?|age|count|len(?:gth)?|name|prefix|path|rotation|type|version|requests?"
    r"|at_startup))"
)
# Short ones, which many other words hold: whole, or a part that an underscore or a hump sets off.
_CODES = (
    r"(?<![^\W_])(?:pin|[ht]?otp|jwt|cvv2?|cvc2?|jsessionid|phpsessid"
    r"|(?:pin|otp|[2m]fa|auth|verification|security|one_?time|confirmation|backup|recovery|unlock)_code)\b"
    r"|(?-i:(?<=[a-z0-9])(?:Pin|Otp|Jwt)(?:Code)?)\b"
)
# Not what has passed, passes, is passive or a passage; nor a compass or a bypass.
_PASS = r"pass(?!(?:ed|es|ing|ages?|engers?|ive(?:ly)?|ion|ports?|able|through)\b)"
_NO_OTHER = r"(?<!com)(?<!by)(?<!tres)(?<!sur)(?<!over)(?<!under)"
# A word that holds a secret, as an option, a key of JSON, a variable of the environment or a
# DSN's parameter: MYSQL_ROOT_PASSWORD, db.passwd, api-key, authentication_string. What a dot or a
# dash parts from it is not looked at: `password-file` is another option.
KEY = (
    rf"(?<!\w)(?=\w*?(?:passwor[dt]|passwd|passphrase|(?:\b|_){_PASS}|{_NO_OTHER}pass\b|pwd|ps?w\b|secret|token"
    rf"|credentials?|creds?\b|{_CODES}|(?:api|private|access)_?key|(?:{_KEYED})_?key{_OF_KEY}|(?<=\bapi-)key|(?<=\bprivate-)key"
    r"|(?<=\baccess-)key|(?<=\bpass[.-])word\b|authentication_string|_auth\b|mot_de_passe|senha|contrase[nñ]a|clave\b"
    r"|kennwort|wachtwoord|heslo|has[lł]o\b|пароль|密码|密碼|パスワード|비밀번호))\w+(?!\w)"
)
KEYS = (
    "pass", "pwd", "pw", "psw", "secret", "token", "cred", "key", "auth", "mot_de", "senha",
    "contrase", "clave", "kennwort", "wachtwoord", "heslo", "haslo", "hasło", "пароль", "密码",
    "密碼", "パスワード", "비밀번호", "pin", "otp", "jwt", "cvv", "cvc", "_code",
    "sessid", "sessionid",
)  # fmt: skip
# Said of a secret in prose: "password for app is SECRET", "token was changed to SECRET".
_PLUGINS = r"(?!(?:mysql_(?:native|old|clear)|caching_sha2|sha256|validate)_password)"
_SPACED = r"(?<!\w)(?:(?:api|access|private)\s+key|pass\s+phrase|mot\s+de\s+passe)(?!\w)"
SAID = (
    rf"(?!pass(?!w|phrase|code|_|\b)|(?:com|by|sur|tres|over|under)pass\b){_PLUGINS}"
    rf"(?:{KEY}|{_SPACED})"
    r"(?:\s+(?:for|of)\s+(?:the\s+)?(?:user\s+|account\s+)?[^\s:=]{1,80})?"
    r"\s+(?:(?:(?:has|have|had|will|would|should|shall|must|may|can|could)\s+)?"
    r"(?:is|was|are|were|been|be|equals|ist|war|lautet|est|era|es|è|é|jest|är)"
    r"(?:\s+(?:now|still|currently|just|simply|actually|always|again|also|only|like))?"
    r"(?:\s+(?:re)?(?:set|changed|updated|rotated)\s+(?:back\s+)?to)?"
    r"|(?:re)?(?:set|changed|updated|rotated)\s+to|->|→)\s+"
)
ANY_KEY = re.compile(rf"(?i){KEY}|{_SPACED}")
"""Nothing in `KEYS` patterns matches a text without one: it is looked for once, not by each."""

# What is said of one without telling it; any other word is taken for the secret itself.
_OF_ONE = """
    not no a an the in on off out up gone there part at by for from of as to too so very more
    less only already also being been invalid valid incorrect correct wrong right bad good ok
    okay fine empty blank missing absent present null none nil undefined unknown required
    mandatory needed necessary optional recommended requested expired expiring expire locked
    unlocked disabled enabled accepted rejected refused denied allowed permitted forbidden
    supported unsupported deprecated obsolete insecure secure safe unsafe weak strong short long
    old new same different identical equal unequal unchanged changed set unset reset updated
    rotated renewed revoked removed deleted created generated issued given provided supplied
    specified used unused reused stored saved kept cached loaded read written sent received
    passed checked verified validated compared hashed encrypted unencrypted decrypted encoded
    decoded masked hidden shown visible logged printed typed entered asked prompted found
    available unavailable ready configured mounted managed handled ignored skipped needs? longer
    shorter older newer stale fresh temporary random public private case sensitive matched
    matching mismatched still now always never protected exposed leaked compromised malformed
    broken just simply actually currently again like well what where when why how that this
    these those it yours? ours? mine alone instead first
"""
NO_SECRET = (
    rf"(?!(?:{'|'.join(_OF_ONE.split())}|\d{{1,4}}\s+(?:bytes|char(?:acter)?s|days?|hours?|minutes?"
    r"|seconds?|years?))(?![\w$@#%&*+=^~/\\-]|[.,:;!?]\w))"
)

_OF_PARSER = (
    r"\btokens?(?:\s+(?:is|was|are|were)|\s*[:=])\s*(?P<around>[\"'`<]?)(?:EOF|END|EOL|[^\w\s\"'`]{1,3}"
    r"|SELECT|FROM|WHERE|INSERT|INTO|UPDATE|DELETE|SET|VALUES|AND|OR|ON|BY|AS|JOIN|LIMIT|ORDER|GROUP"
    r"|(?:end of )?(?:file|input|line|stream)|punctuation|operator|keyword|identifier"
    r"|newline|indent)"
    r"(?:(?(around)[\"'`>]?))(?=[\s,;.)]|\Z)"
    r"|\b(?:next|unexpected|current|last|previous|expected|lookahead)\s+token(?:\s+(?:is|was)|\s*[:=])\s+"
    r"(?-i:[A-Z_]{2,16})(?![\w$@#%&*+=^~/\\-]|[.,:;!?]\w)"
)
# Variables that tell how passwords are ruled, not one: password_history, validate_password_policy.
OF_POLICY = (
    r"(?<!\w)(?:[\w.-]{0,60}_(?:histor(?:y|ies)|intervals?|lifetime|age|len(?:gth)?|count|errors|rounds"
    r"|digits|letters\w{0,20}|other_characters|(?:lock_)?time|timeout|policy|percentage|expired?"
    r"|locked|required?|require_current|validation|proxy_users|last_changed|set|limit|size|attempts"
    r"|retries|version|current|enabled|used)|[\w.-]{0,60}(?:tokens|passwords|keys))(?!\w)"
)
_KNOWN = r"true|false|null|none|nil|undefined|on|off|enabled|disabled"
_ITS_END = (
    r"[\"']?(?=\s{0,8}(?:[)}\]]|\n|\Z|[,;](?:\s|\Z|[\"']?[\w.-]{1,80}[\"']?\s{0,3}[=:]))"
    r"|\s{1,8}[\w.-]{1,80}\s{0,3}[=:])"
)
# What these words say of other things. (using password: YES): the server's own remark on a refused
# login (error 1045). pwd: also a shell's working directory (`Pwd` is a connection string's, and so
# is what follows a semicolon). Token: also a parser's. A page's pins.
HARMLESS = re.compile(
    r"(?i)using password\s*:\s*(?:(?:YES|NO)\b|\.{3})"
    r"|(?<![\w;&?,$@.-])(?<!; )(?-i:(?:old)?pwd|(?:OLD)?PWD)"
    r"(?:\s+is\s+|\s*:\s*|=)/(?:(?:root|home|var|etc|opt|srv|usr|tmp|app|mnt"
    r"|data|run|media|www|workspace|users)(?:/[\w.+-]+)*/?)?(?=[\s,;)]|\Z)"
    rf"|{_OF_PARSER}"
    rf"|{OF_POLICY}[\"']?\s{{0,40}}(?:=>|[:=])\s{{0,3}}[\"']?(?:\d{{1,10}}|[yn]|low|medium|strong|{_KNOWN}"
    rf"|\d{{4}}-\d\d-\d\d(?:[ T][\d:.]{{5,15}}Z?)?){_ITS_END}"
    # Whether there is one.
    rf"|(?<!\w)[\w.-]{{0,60}}(?:passwor[dt]|passwd|pwd|token|secret|_auth|_key)[\"']?\s{{0,40}}(?:=>|[:=])\s{{0,3}}[\"']?"
    rf"(?:{_KNOWN}){_ITS_END}"
    # Which variable of the environment holds one.
    rf"|(?<!\w)[\w.-]{{0,60}}(?:passwor[dt]|passwd|pwd|pass|token|secret|_key)[\"']?\s{{0,40}}(?:=>|[:=])\s{{0,3}}"
    r"(?:process\.env\.\w{1,80}|(?:os\.environ(?:\.get)?|os\.getenv|System\.getenv|getenv|ENV(?:\.fetch)?"
    r"|\$_ENV)[(\[][\"'][A-Z][A-Z0-9_]{1,80}[\"'][)\]])(?=\s{0,8}(?:[,;)}\]]|\n|\Z))"
    # Where one is kept.
    r"|(?<!\w)[\w.-]{0,60}(?:passw(?:or)?d|pass|secret|token|key)[_-](?:file|path)[\"']?\s{0,40}(?:=>|[:=])\s{0,3}[\"']?"
    rf"(?:[~./][\w./~@-]{{1,200}}|[\w.-]{{1,80}}\.(?:pem|key|crt|der|txt|cnf)){_ITS_END}"
    r"|(?<!\w)(?:(?:\w{0,40}S|s)ecret(?:Name|Ref)|existingSecret)[\"']?:\s{0,3}[\"']?[a-z0-9][a-z0-9.-]{0,62}"
    rf"{_ITS_END}|(?<!\w)\w{{0,40}}SecretKeyRef[\"']?:\s{{0,3}}(?=[{{\n]|name\b|\Z)"
    r"|(?<!\w)pins?\s*[:=]\s*(?:\d{1,3}|true|false|yes|no|on|off)(?![\w.]|[ -]\d\d)"
    # What became of a token or a code, and no more in that clause.
    r"|(?<!\w)(?:jwt|otp|(?:\w{0,20}_)?(?:token|api_key|credentials))[\"']?(?:\s{0,3}=|:)\s{0,3}[\"']?"
    r"(?:expired|invalid|malformed|missing|revoked|rejected|disabled|enabled|required|null|none"
    r"|undefined|not found)[\"']?(?=\s{0,8}(?:[,;)}\]]|\.?(?:\s{0,8}\n|\s{0,8}\Z)))"
    # Where a key is kept.
    r"|(?<=_key)[\"']?\s{0,3}(?:=>|[:=])\s{0,3}[\"']?/[\w./-]{1,200}\.(?:pem|key|crt|cer|p12)(?![\w.])"
    # The name of a part of a program, and what befell it.
    r"|(?:(?<=pin|otp|jwt|key)|(?<=token|_code|_keys)):\s{1,3}(?=[(\[]?(?:SQLSTATE\["
    r"|(?:20[0-5]\d[,:]? ?[\"']?)?(?:MySQL server has|Lost connection|Can.?t connect to)"
    r"|Connection (?:refused|reset)|Too many connections|Communications link))"
)
