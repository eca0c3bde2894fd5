"""The shapes in which passwords, tokens and their hashes stand in text, as patterns.

Each pattern has a group `mask`, the secret, and a group `keep`, what stands before it. A pattern
takes time linear in the text, whatever it holds: a word is looked at once, from its beginning, and
where no end of a secret can follow, the rest in question is passed over (no `mask`).
"""

import re

from wizard.safety.secret_calls import CALLS, QUOTED
from wizard.safety.secret_said import TOLD
from wizard.safety.secret_tokens import TOKENS
from wizard.safety.secret_words import KEY, KEYS

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
    r"|password\s*\(|(?:(?:(?:aes|des)_)?(?:en|de)crypt|kdf|keyring_key_\w{4,10})\s*\(|variable_value\s*=\s*(?=[\"'])"
    r"|mysql\.(?:servers|user|global_priv)\b[^;\n]{0,400}?\b(?:values?|set)\b"
    r"|passw\w*[^\w()][^()]{0,200}\)\s*values?\b"
    r"|passw\w*\)\s*values?\b)"
)
# A line after which the secret stands on the next one, alone or as the `value` of a pair.
OPENED = re.compile(rf"(?i){KEY}\\*[\"']?\s*(?:=>|:=|=|:|：)\s*(?:[|>][+-]?\d?)?\s*\Z")
OPENED_PAIR = re.compile(rf"(?i){KEY}\\*[\"']?,?\s*\Z")
OF_PAIR = re.compile(r"(?i)[\s-]*[\"']?\w{0,20}value[\"']?\s*[:=]\s*")
CREDENTIAL = re.compile(
    rf"(?is)(?P<account>'[^'\\\s]*'@'[^'\\\s]*')|(?P<keep>\bby\s+(?!password\b|random\b|\.{{3}})|\bas\s+)"
    rf"(?P<mask>[^\s'\"]\S*)|(?P<text>{QUOTED})|(?P<open>\bpassword\s*\(\s*)(?P<bare>[^'\"\s]\S*)"
)
# Each with words (in lower case) of which a text must have one for the pattern to be tried.
PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    *TOKENS,
    # Everything after these words, to the end of the text.
    (
        ("private key", "authorization", "cookie"),
        re.compile(
            r"(?is)(?P<keep>-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
            r"|\bauthorization\b[\"']?\s*[:=]"
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
    *CALLS,
    # user:secret of curl.
    (("-u",), re.compile(r"(?P<keep>(?<!\S)(?:-u|--user)[ =]?[\"']?[\w.@%-]+:)(?P<mask>\S+)")),
    # The pair name="key" value="SECRET", as attributes, JSON, YAML: before what follows, which
    # would take the word `value` for the secret.
    (
        KEYS,
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
    (KEYS, re.compile(rf"(?is)(?P<keep>{KEY}\s*\(\s*)(?P<mask>{QUOTED})")),
    (
        KEYS,
        re.compile(rf"(?i)(?P<keep>{KEY}[\"']?\s*>\s*(?:<!\[CDATA\[\s*)?)(?P<mask>[^<\s][^<\n]*)"),
    ),
    # -pSECRET of the mysql clients, and sshpass -p SECRET.
    (
        ("-p",),
        re.compile(
            rf"(?s)(?P<keep>(?<![^\s\"'(\[=])-p)(?![,.;:)\]]+(?:\s|\Z))"
            rf"(?P<mask>{QUOTED}|[^\s\"']\S*)"
        ),
    ),
    (("sshpass",), re.compile(rf"(?is)(?P<keep>\bsshpass\s+-p\s+)(?P<mask>{QUOTED}|\S+)")),
    # -p SECRET, which some of their kin take so, and which is typed for the others by mistake.
    (
        ("-p",),
        re.compile(
            r"(?is)(?P<keep>(?:mysql|maria|mydumper|myloader|backup|toolkit|\bpt-|(?<!\S)-u\s{0,2}\w)"
            r"[^\n]{0,200}?\s-p\s+)"
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
        ("env ", "arg ", "setx ", "_param", "_value", "_header"),
        re.compile(
            rf"(?is)(?P<keep>(?<!\w)(?:(?:set)?env|arg|setx|[a-z]{{2,12}}_(?:param|value|header))\s+(?:[a-z]\w{{0,40}}\.)?"
            rf"{KEY}\s+)(?P<mask>{QUOTED}|[^\s=]\S*)"
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
    *TOLD,
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
        KEYS,
        re.compile(
            rf"(?is)(?P<keep>{KEY}\\*[\"'\])]*\s*(?:=>|[:?+~]=|\|\|=|=|:|：|→|~|\.{{4,}})\s*)(?P<mask>{QUOTED}|{_BLOCK})"
        ),
    ),
    # define('KEY', 'SECRET'), {:key, "SECRET"}, setKey('SECRET'), <key>SECRET</key>. Of two pairs
    # of JSON, "index": "session_key", "rows": 5, the second's name is no secret.
    (
        KEYS,
        re.compile(
            r"(?is)(?:(?<!:[\"'])(?<!:\s[\"'])|(?P<value>))"
            rf"(?P<keep>{KEY}\\*[\"']?\s*,\s*)(?P<mask>{QUOTED})(?(value)(?!\s*:))"
        ),
    ),
    (
        KEYS,
        re.compile(
            rf"(?i)(?P<keep>{KEY}\\*[\"'\])]*(?:\s*(?:=>|[:?+~]=|\|\|=|:|：|→|~)\s*|\s+=\s*|=\s+))"
            r"(?P<mask>(?!\\*[\"'])\S[^\n]*)"
        ),
    ),
    (
        KEYS,
        re.compile(rf"(?i)(?P<keep>{KEY}\\*[\"'\])]*=)(?P<mask>(?!\\*[\"'])\S+)"),
    ),
    # The signature of a URL, with which anyone may send it, and a web session's name: with a digit
    # or long. A signal and a session of the server have a number, a method's signature its words.
    (
        ("sig", "sas", "sess"),
        re.compile(
            r"(?i)(?P<keep>(?:(?<!\w)|(?<=%3F)|(?<=%26))(?:(?:sharedaccess)?sig(?:nature)?|sas|session_?id)"
            r"(?:\\*[\"']?\s{0,3}(?:=>|[:=])\s*|%3D)\\*[\"']?)"
            r"(?P<mask>(?!\d+(?!\w))(?=[^\s&;,\"'\\]{0,60}\d|[\w+/%]{20})[^\s&;,\"'\\]{8,})"
        ),
    ),
    # A key in two words.
    (
        (" key",),
        re.compile(
            r"(?i)(?P<keep>(?<!\w)(?:api|access|secret|account|storage|signing|license)\s{1,3}key"
            r"\\*[\"']?\s{0,3}[:=]\s*\\*[\"']?)"
            r"(?P<mask>(?![./]|\d+(?!\w))(?=[^\s;,\"'\\]{0,60}\d|[\w+/%]{20})[^\s;,\"'\\]{8,})"
        ),
    ),
    # Tokens that have a shape of their own: JWT, GitHub, GitLab, Slack, Stripe, Google.
    (
        ("eyj", "gh", "glpat-", "xox", "_live_", "aiza", "hooks.slack"),
        re.compile(
            r"(?P<keep>(?<![\w-])|(?i:hooks\.slack\.com/services/))(?P<mask>"
            r"eyJ[\w-]{8,2000}\.[\w-]{4,}(?:\.[\w-]*)?|gh[opsur]_\w{20,}|github_pat_\w{20,}"
            r"|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|[prs]k_live_\w{10,}|AIza[\w-]{30,}"
            r"|(?<=services/)[\w/-]{10,})"
        ),
    ),
    # Hashes of passwords: mysql_native_password, caching_sha2_password, crypt(3).
    (
        ("*", "$"),
        re.compile(r"(?P<keep>)(?P<mask>\*[0-9A-Fa-f]{40}\b|\$[A-Z0-9]{1,2}\$\S{12,})"),
    ),
)
