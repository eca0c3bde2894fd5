"""Where in a line a statement begins, by its words or by the mark before it."""

import re

from wizard.safety.redact_sql import FIRST, words

_ANYWHERE = re.compile(
    r"""(?isx)\b(?:
        select\b(?!\s+(?:on|privilege)\b).{1,4000}?\bfrom\b
      | (?:insert|replace)\s+(?:\w+\s+){0,3}into\b
      | (?:insert|replace)\s+(?:ignore\s+|low_priority\s+|delayed\s+)*[`\w.]+\s*
        (?:\(|values?\b|set\b)
      | merge\s+into\b | set\s+@\w+\s*:?= | ;\s*(?:select|insert|update|delete)\s
      | update\s+[^\n]{1,300}?\sset\s+[`\w.@]+\s*:?=
      | delete\s+(?:\w+\s+){0,3}from\b | load\s+data\b
      | (?:create|alter|drop)\s+(?:or\s+replace\s+)?
        (?:user|role|table|database|view|procedure|event)\b
      | grant\s+.{1,200}?\s(?:on|to)\s | set\s+password\s*(?:for\b|to\b|:?=)
      | call\s+[`\w.]+\s*\( | with\s+(?:recursive\s+)?[`\w]+\s*(?:\([^)]*\)\s*)?as\s*\(
      | (?:where|having)\s+[`\w.()]+\s*(?:=|<|>|!=|\blike\b|\bin\b|\bbetween\b|\bis\b)
      | select(?!(?<='select)'|(?<="select)")\s*['"] | select\s*\(\s*['"\d]
      | select\s[^\n]{0,300}?(?:['"@(]|\$\w*\$|\b0x[0-9a-f]) | xa\s\w+\s+x?['"]
      | select\s+[\d*@`][^\n]{0,300}?(?:--|\#|/\*)
      | show\s[\w\s]{1,60}\slike\s*['"] | set\s+@?\w+\s*:?=\s*['"]
      | values\s*\( | execute\s+\w+\s+using\b | identified\s+(?:by|with|via)\b
    )"""
)
# English verbs as well; a sentence that begins with one is told by its lack of any value.
_HOMONYMS = words("use check start change begin show do lock table")
# After these marks the text is a statement, whatever it looks like.
_AFTER_MARK = re.compile(
    r"(?i)(?:\bsql\s*[:=](?!\s*(?:database|connection|statement|rows|transaction|no|expected"
    r"|unknown)\s)\s*"
    r"|\bstatement\s*:\s*|\bquery\s*(?:\([0-9a-fx]+\)\s*)?:(?!\s*query size is)\s*"
    r"|(?:\t|\b\d+\s+)(?:Query|Execute|Prepare)\s+|\b(?:Query|Execute|Prepare)\t)"
    r"(?=[\"'\[(\s]*(?:[a-z/#]|--))"
    r"(?!\s*(?:SQLSTATE\[|(?:[a-z]\w{0,40}[.\\]){1,9}\w{1,60}(?:Exception|Error)\b))"
    rf"|\bfor query\s{{1,3}}(?=(?:{'|'.join(FIRST.split())})[\s('\"])"
    r"|\b(?:sql|statement|query|executing|executed|command)\s*[:\"'`\[(]{1,3}\s*"
    rf"(?=(?:{'|'.join(FIRST.split())})[\s('\"]|--\s|\#|/\*)"
)
# So does a log line that has its keyword in capitals behind a mark, and InnoDB's of a session:
# where that goes on as a statement with a value does. `DELETE /orders/7 500` is a request's,
# `(KILL QUERY)`, `ROLLBACK - Can't ...` and `UPDATE of 7 rows failed` are words.
_CAPITALS = re.compile(
    r"""(?x)(?:[:;\[(\])"'`]\s{0,3}|\bquery\sid\s\d{1,20}\s[^\n]{0,120}?\s)
    (?=(?:
        (?:SELECT|HANDLER|XA|EXPLAIN|DESC|DESCRIBE|PREPARE)
        (?:\s{1,3}(?:[\w`@(*'"+\#-]|/\*)|[('"](?<!'SELECT')(?<!"SELECT"))
      | (?:INSERT|UPDATE|DELETE|REPLACE)\s[^\n]{0,300}?\b(?:INTO|SET|FROM|VALUES?)\b
      | (?:SET|SHOW|PURGE)\s{1,3}[A-Za-z@`'"][^\n]{0,300}?
        (?:[='"\#(]|/\*|--\s|\b(?:LIMIT|QUERY|FOR)\s{1,3}\d)
      | WITH\s[^\n]{1,300}?\bAS\b | VALUES\s{0,3}(?:ROW\s{0,3})?\(
      | CALL\s{1,3}[\w`.]{1,130}\s{0,3}(?:\(|/\*|--\s|\#)
      | (?:CREATE|ALTER|DROP|GRANT|REVOKE|RENAME|IMPORT|CHANGE)\s{1,3}
        (?:(?!IN=)[A-Z]{2,}\b|[`('"*\#@]|/\*)
      | KILL\s{1,3}(?:(?:QUERY|CONNECTION|HARD|SOFT|ID|USER)\s{1,3}){0,3}['"\d@(]
      | DO\s{1,3}(?:[\w.`]{1,130}\(|['"\d@(]|/\*) | TABLE\s[^\n]{1,130}?\b(?:LIMIT|ORDER)\b
      | BEGIN\sNOT\b | EXECUTE\s[^\n]{1,130}?(?:\bUSING\b|\bIMMEDIATE\b|['"])
      | (?:EXECUTE|USE|TRUNCATE|TABLE|FLUSH|BEGIN|COMMIT|ROLLBACK|KILL|DO)\b[^\n]{0,130}?
        (?:/\*|--\s|\#)
    ))
    (?![A-Z]{2,8}\s+(?:failed|timed|took|quer(?:y|ies)|statements?|commands?|denied|privileges?|is
        |was|were|of|on|in|for|to|at|by)\b)"""
)
# Where they begin a sentence instead.
_NO_VERB = (
    r"(?!with\s|table\s+[\"']|lock\s+(?!tables?\b|instance|binlog)|check\s+(?!table)"
    r"|load\s+(?!data|xml|index)"
    r"|start\s+(?!transaction|slave|replica|all|group)|change\s+(?!master|replication)"
    r"|(?:commit|begin|rollback)\s+(?!work|and|to|not|--|[/#;])|set\s+(?:the|up|a|an|your|its)\s)"
)
_AT_START = re.compile(
    rf"(?i)[\s(\"'\[]*(?:/\*.*?\*/\s*)?{_NO_VERB}(?:{'|'.join(FIRST.split())})"
    r"(?:\s+(?=[\w`*@('\"?./+-])|(?=[('\"*]))"
)


def find_statement(text: str) -> int:
    """Where in a raw line a statement begins; the line's length where there is none."""
    if _AT_START.match(text) and not _reads_as_prose(text):
        return 0
    quoted = find_quoted_statement(text)
    capitals = _CAPITALS.search(text, 0, quoted)
    return capitals.end() if capitals else quoted


def find_quoted_statement(text: str) -> int:
    """Where in a sentence a statement begins; the sentence's length where there is none.

    By more than its first word, which may be English.
    """
    found = [m.start() for m in (_ANYWHERE.search(text),) if m]
    found += [m.end() for m in (_AFTER_MARK.search(text),) if m]
    return min(found, default=len(text))


def _reads_as_prose(text: str) -> bool:
    """Whether a text that begins like a statement is a sentence: `Use another name`,
    `Check the log`."""
    first = text.split(None, 1)[0].lower()
    return first in _HOMONYMS and not re.search(r"[=\"'`;\d#]|--\s|/\*", text)
