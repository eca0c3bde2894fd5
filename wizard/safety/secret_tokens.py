"""Secrets that their own form tells, or a word that means nothing else, as patterns.

As those of `secret_shapes`, before which they are tried.
"""

import re

from wizard.safety.secret_words import KEY, KEYS

TOKENS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    # Tokens of services: GitHub, OpenAI, SendGrid, npm, PyPI, Vault, DigitalOcean, AWS, Mailgun,
    # Shopify, Hugging Face, Google, Databricks, Stripe's for tests.
    (
        (
            "github_pat",
            "sk-",
            "sg.",
            "npm_",
            "pypi-",
            "hv",
            "_v1_",
            "akia",
            "asia",
            "key-",
            "shp",
            "hf_",
            "ya29.",
            "dapi",
            "_test_",
        ),
        re.compile(
            r"(?P<keep>(?<![\w.-]))(?P<mask>github_pat_\w{20,}|sk-[\w-]{20,}|SG\.[\w-]{10,}\.[\w-]{10,}"
            r"|npm_\w{20,}|pypi-[\w-]{20,}|hv[sbr]\.[\w-]{20,}|do[opr]_v1_\w{20,}"
            r"|A(?:KIA|SIA)[A-Z0-9]{16}(?!\w)|key-[0-9a-f]{32,}|shp(?:at|ss|ca|pa)_\w{20,}"
            r"|hf_\w{20,}|ya29\.[\w-]{20,}|dapi[0-9a-f]{32}|[prs]k_test_\w{10,})"
        ),
    ),
    # https://TOKEN@host, as Sentry and clones of repositories have it.
    (
        ("http",),
        re.compile(r"(?i)(?P<keep>\bhttps?://)(?P<mask>(?=[^\s/@]{0,200}\d)[\w-]{20,200})(?=@)"),
    ),
    # Words that only a secret follows: of Redis, LDAP, Kickstart, HAProxy's statistics, PuTTY.
    (
        ("rootpw", "bindpw", "masterauth", "requirepass", "-pw", "shared"),
        re.compile(
            r"(?i)(?P<keep>(?<!\w)(?:(?:olc)?rootpw|bindpw|masterauth|requirepass"
            r"|(?<!\S)-pw\s|shared\s{1,3}secret(?:\s{1,3}is)?)\s{0,8})"
            r"(?P<mask>(?![\s=:])(?=[^\s]{0,60}[\d#$%&!?*+^~])[^\s]{4,})"
        ),
    ),
    (
        ("stats",),
        re.compile(r"(?i)(?P<keep>\bstats\s{1,3}auth\s{1,3}[^\s:]{1,80}:)(?P<mask>[^\s/]\S*)"),
    ),
    # auth=('app', 'SECRET'), auth: [app, SECRET]
    (
        ("auth",),
        re.compile(
            r"(?i)(?P<keep>(?<!\w)auth[\"']?\s{0,3}(?:=>|[=:])\s{0,3}[(\[]\s{0,3}[^\s,()\[\]]{1,80},\s{0,3})"
            r"(?P<mask>[^)\]\n]+)"
        ),
    ),
    # KEY (string) = SECRET
    (
        KEYS,
        re.compile(
            rf"(?i)(?P<keep>{KEY}\s{{0,3}}\([^()\s]{{0,40}}\)\s{{0,3}}[=:]\s{{0,3}})(?P<mask>\S[^\n]*)"
        ),
    ),
    # KEY = "OLD" -> "NEW", as Terraform shows a change.
    (
        ("->", "=>"),
        re.compile(
            rf"(?i)(?P<keep>{KEY}\s{{0,8}}[=:]\s{{0,8}}\"[^\"\n]{{0,400}}\"\s{{0,8}}[-=]>\s{{0,8}})"
            r"(?P<mask>\"[^\"\n]*\"?)"
        ),
    ),
    # auth_token SECRET, Token SECRET: hexadecimal digits, or letters of both kinds and digits.
    (
        KEYS,
        re.compile(
            rf"(?i)(?P<keep>{KEY}\s{{1,3}})(?P<mask>[0-9a-f]{{32,}}(?!\w)|(?=[^\s]{{0,60}}(?-i:[A-Z]))"
            r"(?=[^\s]{0,60}(?-i:[a-z]))(?=[^\s]{0,60}\d)(?-i:[A-Za-z0-9+/=]{16,})(?![\w.-]))"
        ),
    ),
    # one-time code: SECRET, 2FA code 481516
    (
        ("code",),
        re.compile(
            r"(?i)(?P<keep>(?<!\w)(?:one[- ]time|[2m]fa|otp|verification|security|recovery|backup"
            r"|confirmation)\s{1,3}(?:pass)?code(?:\s{0,3}[:=]|\s{1,3}is)?\s{1,3})"
            r"(?P<mask>(?=[\w-]{0,60}\d)[\w-]{4,60})"
        ),
    ),
    # What signs or proves a request, and hashes of passwords beyond the server's own.
    (
        ("oauth_signature", "code_verifier", "hmac"),
        re.compile(
            r"(?i)(?P<keep>(?<!\w)(?:oauth_signature|code_verifier|hmac)[\"']?\s{0,3}[:=]\s{0,3}[\"']?)"
            r"(?P<mask>[^\s&;,\"'\\]{16,})"
        ),
    ),
    (
        ("$2", "$apr1$", "$argon2", "$y$", "$gy$", "$pbkdf2", "$scrypt$"),
        re.compile(
            r"(?P<keep>)(?P<mask>\$(?:2[abxy]|apr1|argon2(?:id|i|d)|g?y|pbkdf2[\w-]{0,20}|scrypt)\$\S{8,})"
        ),
    ),
)
"""Each with words (in lower case) of which a text must have one for the pattern to be tried."""
