"""Secrets that prose tells: "the password for app is SECRET", as patterns.

As those of `secret_shapes`. What is only said of one stays.
"""

import re

from wizard.safety.secret_calls import QUOTED
from wizard.safety.secret_words import KEY, KEYS, NO_SECRET, SAID

TOLD: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    # What a passphrase is said to be: all words.
    (
        ("phrase",),
        re.compile(
            rf"(?i)(?P<keep>(?<!\w)(?=\w*?passphrase)(?:{SAID}{NO_SECRET}|\w+\s*[:=]+\s*))"
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
            r"(?!(?:EXPIRE|HISTORY|REUSE|REQUIRE|LOCK_TIME|DEFAULT|INTERVAL|NEVER|OPTION(?:S|AL)?)\b)"
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
        KEYS,
        re.compile(rf"(?is)(?P<keep>{SAID})(?P<mask>{QUOTED}|`[^`\n]*`)"),
    ),
    (
        KEYS,
        re.compile(rf"(?i)(?P<keep>{SAID}){NO_SECRET}(?P<mask>(?!\\*[\"'`])\S+)"),
    ),
    # A word that was used as one, where it is the last of its clause.
    (
        ("pass", "pwd", "secret"),
        re.compile(
            r"(?i)(?P<keep>(?:\b(?:with|us(?:e|ed|ing)|tr(?:y|ied|ying)|enter(?:ed)?|typed|gave|sent|my"
            r"|new|old|generated|temporary|initial|default|wrong|bad|invalid)\s+"
            r"(?:(?:the|a|my|root|new|old)\s+)?|\b(?:user(?:name)?|as|realm|login|account)\s{1,3}[^\s,]{1,80},?\s{1,3}"
            r"(?:and\s{1,3})?|\binsecure-|(?:\A|(?<=\n))(?=\w{3,10}\t))(?:password|passwd|passphrase|pwd|secret)\s+)"
            rf"{NO_SECRET}(?!(?:auth(?:entication)?|hash(?:es|ing)?|file|plugin|prompt|policy|option|policies|login"
            r"|field|column|variable|change|reset|rotation|manager|column|protection|store|vault|for|and|or|via|is|was|were|has|had|did|does|failed|format|attempts?|length|count|error"
            r"|complexity|strength|expiration|expiry|lifetime|request|santa)\b)"
            r"(?P<mask>[^\s\"'`,;)]+)(?=[,.;)]|\s*(?:\n|\Z)|\s+(?:for|failed|was|is)\b)"
        ),
    ),
    # changed the password of app to SECRET
    (
        KEYS,
        re.compile(
            r"(?i)(?P<keep>\b(?:chang|set|reset|updat|rotat|switch)\w{0,4}\s{1,3}(?:[\w']{1,20}\s{1,3}){0,4}?"
            rf"{KEY}\s{{1,3}}(?:(?:for|of)\s{{1,3}}[^\s]{{1,80}}\s{{1,3}})?(?:back\s{{1,3}})?to\s{{1,3}}){NO_SECRET}"
            r"(?P<mask>\S+)"
        ),
    ),
    # log in with SECRET as password
    (
        ("as ",),
        re.compile(
            r"(?i)(?P<keep>\b(?:with|us(?:e|ed|ing)|sent)\s{1,3})(?P<mask>[^\s\"']{3,200})"
            r"(?=\s{1,3}as\s{1,3}(?:the\s{1,3}|a\s{1,3})?(?:password|passphrase|secret|token)\b)"
        ),
    ),
    # password mismatch: 'SECRET', password [SECRET]
    (
        KEYS,
        re.compile(
            rf"(?is)(?P<keep>{KEY}(?!\s+(?:auth\w*|file|plugin|polic\w+|option|field|column|variable)\b)"
            rf"\s{{1,3}}[a-z]{{1,20}}(?:\s[a-z]{{1,20}})?:\s{{1,3}})(?P<mask>{QUOTED})"
        ),
    ),
    (
        KEYS,
        re.compile(
            rf"(?i)(?P<keep>{KEY}\s{{1,3}}\[){NO_SECRET}(?P<mask>(?!\d{{1,3}}\])[^\]\s]+)(?=\])"
        ),
    ),
    # echo SECRET | passwd --stdin
    (
        ("echo",),
        re.compile(
            rf"(?is)(?P<keep>\becho\s{{1,3}}(?:-\w\s{{1,3}})?)(?P<mask>{QUOTED}|[^\s|]{{1,200}})"
            r"(?=\s{0,3}\|\s{0,3}(?:\S{0,40}/)?(?:(?:ch)?passwd|sudo\s|mysql|maria|docker\s))"
        ),
    ),
    # A flag or a place that takes a secret, by the program.
    (
        (
            "htpasswd",
            "ldap",
            "redis-cli",
            "rabbitmqctl",
            "openssl",
            "lftp",
            "smbclient",
            "_basic",
            "userpwd",
        ),
        re.compile(
            r"(?is)(?P<keep>\b(?:htpasswd\s[^\n]{0,80}?-\w{0,4}b\w{0,4}\s+\S{1,200}\s+\S{1,80}\s+"
            r"|ldap\w{1,12}\s[^\n]{0,120}?-w\s+|redis-cli\s[^\n]{0,120}?(?:-a|--pass)\s+"
            r"|rabbitmqctl\s+(?:add_user|change_password)\s+\S{1,80}\s+|openssl\s[^\n]{0,120}?-k\s+"
            r"|lftp\s[^\n]{0,60}?-u\s{0,3}[^\s,]{1,80},|smbclient\s[^\n]{0,80}?-U\s{0,3}[^\s%]{1,80}%"
            r"|(?:auth_basic|userpwd)\s{0,3}[=:]?\s{0,3}[\"']?[\w.@-]{1,80}:))"
            rf"(?P<mask>{QUOTED}|(?!-)[^\s\"']+)"
        ),
    ),
    # maxctrl create user app SECRET
    (
        ("maxctrl",),
        re.compile(
            r"(?i)(?P<keep>\bmaxctrl\s[^\n]{0,100}?\buser\s{1,3}\S{1,80}\s{1,3})(?P<mask>\S+)"
        ),
    ),
)
"""Each with words (in lower case) of which a text must have one for the pattern to be tried."""
