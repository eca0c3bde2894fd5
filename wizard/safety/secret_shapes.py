"""The shapes in which passwords, tokens and their hashes stand in text, as patterns.

Each pattern has a group `mask`, the secret, and a group `keep`, what stands before it. A pattern
takes time linear in the text, whatever it holds: a word is looked at once, from its beginning, and
where no end of a secret can follow, the rest in question is passed over (no `mask`).
"""

import re

# A word that holds a secret, as an option, a key of JSON, a variable of the environment or a
# DSN's parameter: MYSQL_ROOT_PASSWORD, db.passwd, api-key, authentication_string. What a dot or a
# dash parts from it is not looked at: `password-file` is another option.
KEY = (
    r"(?<!\w)(?=\w*?(?:passwor[dt]|passwd|passphrase|\bpass|_pass|pass\b|pwd|ps?w\b|secret|token"
    r"|credentials?|creds?\b|(?:api|private|access)_?key|(?<=\bapi-)key|(?<=\bprivate-)key"
    r"|(?<=\baccess-)key|(?<=\bpass[.-])word\b|authentication_string|_auth\b|mot_de_passe|senha|contrase[nñ]a|clave\b"
    r"|kennwort|wachtwoord|heslo|has[lł]o\b|пароль|密码|密碼|パスワード|비밀번호))\w+(?!\w)"
)
_KEYS = (
    "pass", "pwd", "pw", "psw", "secret", "token", "cred", "key", "auth", "mot_de", "senha",
    "contrase", "clave", "kennwort", "wachtwoord", "heslo", "haslo", "hasło", "пароль", "密码",
    "密碼", "パスワード", "비밀번호",
)  # fmt: skip
# Said of a secret in prose: "password for app is SECRET", "token was changed to SECRET".
_PLUGINS = r"(?!(?:mysql_(?:native|old|clear)|caching_sha2|sha256|validate)_password)"
_SAID = (
    rf"(?!pass(?!w|phrase|code|_|\b)|(?:com|by|sur|tres|over|under)pass\b){_PLUGINS}"
    rf"(?:{KEY}|(?<!\w)(?:(?:api|access|private)\s+key|mot\s+de\s+passe)(?!\w))"
    r"(?:\s+(?:for|of)\s+(?:the\s+)?(?:user\s+|account\s+)?[^\s:=]{1,80})?"
    r"\s+(?:(?:(?:has|have|had|will|would|should|shall|must|may|can|could)\s+)?"
    r"(?:is|was|are|were|been|be|equals|ist|war|lautet|est|era|es|è|é|jest|är)"
    r"(?:\s+(?:now|still|currently|just|simply|actually|always|again|also|only|like))?"
    r"(?:\s+(?:re)?(?:set|changed|updated|rotated)\s+(?:back\s+)?to)?"
    r"|(?:re)?(?:set|changed|updated|rotated)\s+to|->|→)\s+"
)
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
    these those it yours? ours? mine
"""
_NO_SECRET = (
    rf"(?!(?:{'|'.join(_OF_ONE.split())}|\d{{1,4}}\s+(?:bytes|char(?:acter)?s|days?|hours?|minutes?"
    r"|seconds?|years?))(?![\w$@#%&*+=^~/\\-]|[.,:;!?]\w))"
)
# A value: quoted (possibly inside a quoted text, where its quotes are escaped), or bare.
QUOTED = r"(?:(?P<q>[\"'])(?:(?P=q){2}|(?!(?P=q))(?:\\(?:.|\Z)|[^\\]))*(?:(?P=q)|\Z)|\\+[\"'].*)"
# All of a run, as a possessive repeat takes it: Pythons before 3.11, to which readers of logs are
# sent, have none.
_ALL_SLASHES, _ALL_SPACE = r"\\*(?!\\)", r"\s*(?!\s)"
_URL = r"(?<![a-z0-9+.-])[a-z0-9+.-]+://[^\s/:@'\"\[]*:"
# A block of YAML, whose lines follow the key's.
_BLOCK = r"[|>][+-]?\d?[ \t]*(?:\n[ \t]+[^\n]*)+"
# From these words on, every quoted text of a statement may be a password (CREATE USER, SET
# PASSWORD, CREATE SERVER, GRANT): IDENTIFIED BY 'new' REPLACE 'old'.
CREDENTIALS = re.compile(
    r"(?i)\b(?:identified\s*(?:/\*|\b(?:by|with|via)\b)|set\s+password"
    r"|(?:(?:master|source)_)?password\s+(?=[\"'])|\w{0,20}set_external_(?:master|source)\w{0,40}\s*\("
    r"|password\s*\(|(?:aes|des)_(?:en|de)crypt\s*\(|passw\w*[^\w()][^()]{0,200}\)\s*values?\b"
    r"|passw\w*\)\s*values?\b)"
)
# A line after which the secret stands on the next one, alone or as the `value` of a pair.
OPENED = re.compile(rf"(?i){KEY}\\*[\"']?\s*(?:=>|:=|=|:|：)\s*(?:[|>][+-]?\d?)?\s*\Z")
OPENED_PAIR = re.compile(rf"(?i){KEY}\\*[\"']?,?\s*\Z")
OF_PAIR = re.compile(r"(?i)[\s-]*[\"']?\w{0,20}value[\"']?\s*[:=]\s*")
CREDENTIAL = re.compile(
    rf"(?is)(?P<account>'[^'\\\s]*'@'[^'\\\s]*')|(?P<keep>\bby\s+(?!password\b|random\b)|\bas\s+)"
    rf"(?P<mask>[^\s'\"]\S*)|(?P<text>{QUOTED})|(?P<open>\bpassword\s*\(\s*)(?P<bare>[^'\"\s]\S*)"
)
# Each with words (in lower case) of which a text must have one for the pattern to be tried.
PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    # Everything after these words, to the end of the text.
    (
        ("private key", "authorization", "cookie"),
        re.compile(
            r"(?is)(?P<keep>-----BEGIN [A-Z ]*PRIVATE KEY-----|\bauthorization\b[\"']?\s*[:=]"
            r"|\b(?:cookie|set-cookie)\b[\"']?\s*[:=])(?P<mask>.+)"
        ),
    ),
    # scheme://user:secret@host, where the secret may hold @, / and quotes of its own; without
    # an @ only a port may follow the colon.
    (("://",), re.compile(rf"(?i)(?P<keep>{_URL})(?:(?P<mask>\S+)(?=@)|\S+)")),
    (
        ("://",),
        re.compile(
            rf"(?i)(?P<keep>{_URL})"
            r"(?P<mask>(?!\?@|\d{1,5}(?:[/?#,;)\]}'\".:]|\s|\Z))[^\n@]+)"
        ),
    ),
    # user:secret@host without a scheme (a Go DSN, a connection string).
    (
        ("@",),
        re.compile(
            r"(?P<keep>(?<![\w/:.])\w[\w.%+-]{0,80}:(?!//))(?:(?P<mask>\S+)(?=@[\w(\[.-])|\S+)"
        ),
    ),
    # login user/secret@host, as Oracle's clients take it and who comes from there writes it.
    (
        ("@",),
        re.compile(
            r"(?i)(?P<keep>\b(?:log(?:in|on)|connect(?:ing|ed|ion)?|user(?:name)?|account|dsn)"
            r"[\s:=\"']{1,4}(?:(?:as|to|for|with|using)\s+)?[\"']?\w[\w.%+-]{0,80}/)"
            r"(?:(?P<mask>\S+)(?=@[\w(\[.-])|\S+)"
        ),
    ),
    # The arguments of a connect, as PHP's stack traces show them.
    (
        ("pdo", "mysql"),
        re.compile(
            r"(?i)(?P<keep>\b(?:PDO|mysqli?)(?:(?:->|::)(?:__construct|(?:real_)?connect)"
            r"|_p?(?:real_)?connect)\s*\()(?P<mask>[^\n]+)"
        ),
    ),
    # The arguments of any other connect or login, up to the last quote before a bracket closes: a
    # secret may hold quotes of its own.
    (
        ("connect", "pdo", "mysqli", "open", "login", "logon", "authenticate"),
        re.compile(
            r"(?i)(?P<keep>(?:\b\w*connect|\b(?:get|create|open)\w*connection|\bnew\s+(?:PDO|mysqli)"
            r"|(?:->|::|\.)(?:open|login|logon|authenticate))"
            r"\s*\()(?:(?=[^)\n]*[\"'])(?P<mask>[^\n]*[\"'](?=[^\"'\n]*\))|[^\n]+)|[^)\n]+)"
        ),
    ),
    # user:secret of curl.
    (("-u",), re.compile(r"(?P<keep>(?<!\S)(?:-u|--user)[ =]?[\w.@%-]+:)(?P<mask>\S+)")),
    # The pair name="key" value="SECRET", as attributes, JSON, YAML: before what follows, which
    # would take the word `value` for the secret.
    (
        _KEYS,
        re.compile(
            rf"(?is)(?P<keep>{KEY}{_ALL_SLASHES}[\"']?{_ALL_SPACE},?{_ALL_SPACE}{_ALL_SLASHES}[\"']?"
            r"\w{0,20}value\\*[\"']?\s*[:=]\s*)"
            rf"(?P<mask>{QUOTED}|{_BLOCK}|(?!\\*[\"'])[^\s,}}]+)"
        ),
    ),
    (
        ("<value>",),
        re.compile(
            rf"(?i)(?P<keep>{KEY}[\"'][^<>\n]{{0,100}}>\s*<value>\s*)(?P<mask>[^<\s][^<\n]*)"
        ),
    ),
    # define('KEY', 'SECRET'), {:key, "SECRET"}, setKey('SECRET'), <key>SECRET</key>.
    (_KEYS, re.compile(rf"(?is)(?P<keep>{KEY}\\*[\"']?\s*,\s*)(?P<mask>{QUOTED})")),
    (_KEYS, re.compile(rf"(?is)(?P<keep>{KEY}\s*\(\s*)(?P<mask>{QUOTED})")),
    (_KEYS, re.compile(rf"(?i)(?P<keep>{KEY}[\"']?\s*>\s*)(?P<mask>[^<\s][^<\n]*)")),
    # -pSECRET of the mysql clients, and sshpass -p SECRET.
    (
        ("-p",),
        re.compile(rf"(?s)(?P<keep>(?<![^\s\"'(\[=])-p)(?P<mask>{QUOTED}|[^\s\"']\S*)"),
    ),
    (("sshpass",), re.compile(rf"(?is)(?P<keep>\bsshpass\s+-p\s+)(?P<mask>{QUOTED}|\S+)")),
    # -p SECRET, which some of their kin take so, and which is typed for the others by mistake.
    (
        ("-p",),
        re.compile(
            r"(?is)(?P<keep>(?:mysql|maria|mydumper|myloader|backup|toolkit|\bpt-)[^\n]{0,200}?\s-p\s+)"
            rf"(?P<mask>{QUOTED}|(?![-\s]|[\d.:]+(?:\s|\Z))[^\s\"']\S*)"
        ),
    ),
    # --password SECRET; --password-file and its like are other options.
    (
        ("--",),
        re.compile(
            rf"(?is)(?P<keep>--(?:[\w.-]{{1,40}}[.-])?(?:password|pass)\s+)"
            rf"(?P<mask>{QUOTED}|(?!-)\S+)"
        ),
    ),
    # mysqladmin password SECRET, setenv KEY SECRET, kubectl --from-literal=key=SECRET, vault.
    (
        ("admin",),
        re.compile(
            rf"(?is)(?P<keep>admin\b[^\n]{{0,200}}?\spassword\s+)(?P<mask>{QUOTED}|[^\s\"']\S*)"
        ),
    ),
    (
        ("env ", "arg ", "setx "),
        re.compile(
            rf"(?is)(?P<keep>\b(?:(?:set)?env|arg|setx)\s+{KEY}\s+)(?P<mask>{QUOTED}|[^\s=]\S*)"
        ),
    ),
    (
        ("--from-literal",),
        re.compile(r"(?i)(?P<keep>--from-literal[= ][\"']?[^\s=]{0,80}=)(?P<mask>\S+)"),
    ),
    (
        ("vault",),
        re.compile(r"(?i)(?P<keep>\bvault\s+(?:kv\s+put|write)\s+\S+\s+)(?P<mask>[^\n]+)"),
    ),
    # h=HOST,u=USER,p=SECRET of Percona's tools.
    (("p=",), re.compile(r"(?P<keep>,p=|(?<!\S)p=(?=[^\s,]+,))(?P<mask>[^\s,]+)")),
    # Bearer SECRET.
    (
        ("bearer ",),
        re.compile(
            r"(?i)(?P<keep>\bbearer\s+)(?!(?:authentication|authorization)(?:\s|\Z))"
            r"(?P<mask>[^\s\"'`<>{}(),;=]{8,}=*)"
        ),
    ),
    # What a passphrase is said to be: all words.
    (
        ("phrase",),
        re.compile(
            rf"(?i)(?P<keep>(?<!\w)(?=\w*?passphrase)(?:{_SAID}{_NO_SECRET}|\w+\s*[:=]+\s*))"
            r"(?P<mask>(?!\?(?:\s|\Z))[^\s][^\n]*)"
        ),
    ),
    # What is said of a password, where it has the look of one or a colon before it.
    (
        ("pass",),
        re.compile(
            rf"(?is)(?P<keep>\b(?:password|passwd|passphrase)\s+(?:(?:is|was|with)\s+)?(?=[\"'`]))"
            rf"(?P<mask>{QUOTED}|`[^`\n]*`)"
        ),
    ),
    (
        ("pass",),
        re.compile(
            r"(?i)(?P<keep>\b(?:password|passwd|passphrase)\s+(?:(?:is|was)\s+)?)"
            r"(?P<mask>(?=[^\s\"':=]*(?:\d|[a-z](?-i:[A-Z])|[#$%&!?*+^~]))[^\s\"':=]{4,})"
        ),
    ),
    (
        ("pass",),
        re.compile(
            r"(?i)(?P<keep>\bpass(?:word|wd|phrase)\s+(?:(?:is\s+)?(?:for|of|generated)\b[^\n:]{0,80}"
            r"|(?:is|was)\s{0,2}):\s+)"
            r"(?P<mask>\S+)"
        ),
    ),
    # A plain word that is said to be one.
    (
        _KEYS,
        re.compile(rf"(?is)(?P<keep>{_SAID})(?P<mask>{QUOTED}|`[^`\n]*`)"),
    ),
    (
        _KEYS,
        re.compile(rf"(?i)(?P<keep>{_SAID}){_NO_SECRET}(?P<mask>(?!\\*[\"'`])\S+)"),
    ),
    # A word that was used as one, where it is the last of its clause.
    (
        ("pass", "pwd"),
        re.compile(
            r"(?i)(?P<keep>\b(?:with|us(?:e|ed|ing)|tr(?:y|ied|ying)|enter(?:ed)?|typed|gave|sent|my)\s+"
            r"(?:(?:the|a|my|root|new|old)\s+)?(?:password|passwd|passphrase|pwd)\s+)"
            rf"{_NO_SECRET}(?!(?:auth(?:entication)?|hash(?:es|ing)?|file|plugin|prompt|policy|option|policies|login"
            r"|field|column|variable|change|reset|rotation|manager|column|protection|store|vault|for|and|or|via)\b)"
            r"(?P<mask>[^\s\"'`:=,.;)]+)(?=[,.;)]|\s*(?:\n|\Z))"
        ),
    ),
    # key%3DSECRET, as a URL in a URL and a form's data have it.
    (
        ("%3d", "%3a"),
        re.compile(
            rf"(?i)(?P<keep>{KEY}(?:%2[27])?(?:%3A|%3D)(?:%20|\+)?(?:%2[27])?)"
            r"(?P<mask>(?:(?!%2[267])[^\s&\"'])+)"
        ),
    ),
    # KEY = SECRET: quoted, to the end of the line as in an option file, or to the next space.
    (
        _KEYS,
        re.compile(
            rf"(?is)(?P<keep>{KEY}\\*[\"'\])]*\s*(?:=>|:=|=|:|：)\s*)(?P<mask>{QUOTED}|{_BLOCK})"
        ),
    ),
    (
        _KEYS,
        re.compile(
            rf"(?i)(?P<keep>{KEY}\\*[\"'\])]*(?:\s*(?:=>|:=|:|：)\s*|\s+=\s*|=\s+))"
            r"(?P<mask>(?!\\*[\"'])\S[^\n]*)"
        ),
    ),
    (
        _KEYS,
        re.compile(rf"(?i)(?P<keep>{KEY}\\*[\"'\])]*=)(?P<mask>(?!\\*[\"'])\S+)"),
    ),
    # Hashes of passwords: mysql_native_password, caching_sha2_password, crypt(3).
    (
        ("*", "$"),
        re.compile(r"(?P<keep>)(?P<mask>\*[0-9A-Fa-f]{40}\b|\$[A-Z0-9]{1,2}\$\S{12,})"),
    ),
)
