"""The literals of one SQL statement masked, as it was logged.

Whole, cut short, or with its bound values written into it without quotes.

The shape stays readable (keywords, quoted identifiers, names where a name belongs); whatever
could be a value is masked, and where the quotes do not add up so is the rest.
"""

import re
from dataclasses import dataclass, field

from wizard.safety.secret_words import KEY, OF_POLICY

MASK = "?"
_AHEAD = 200
"""Characters behind a word by which it is judged: all of them would take quadratic time."""

_TOKEN = re.compile(
    r"""(?P<hint>/\*.*?(?:\*/|\Z) | --[^\n]* | \#[^\n]*)
      | (?P<literal>(?:\b(?:[xXbBnN]|_[A-Za-z0-9]+)\s?)?'(?:[^'\\]|\\.|'')*(?:'|\\?\Z)
                   | "(?:[^"\\]|\\.|"")*(?:"|\\?\Z)
                   | (?<![\w$])\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z))
      | (?P<name>`(?:[^`]|``)*(?:`|\Z))
      | (?P<variable>@@?[\w$.]+)
      | (?P<number>(?:0[xX][0-9a-fA-F]+|0[bB][01]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w$]))
      | (?P<word>[\w$]+)
      | (?P<space>\s+)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


FIRST = (
    "select insert update delete replace set call with create alter drop grant revoke load"
    " execute prepare show explain describe desc do handler truncate rename lock kill use values"
    " start begin commit rollback table import change flush purge optimize analyze check repair"
    " deallocate xa"
)
"""Words that a statement begins with."""

_CLAUSES = (
    "where on having and or xor not when then else case end is in like rlike regexp between"
    " escape div mod limit offset values value by using against interval binary collate exists"
    " any some all distinct identified separator sounds"
)
_PLAIN = (
    "from into join inner left right outer cross natural straight_join full as order group asc"
    " desc with rollup union except intersect ignore low_priority delayed high_priority quick"
    " duplicate key update set table tables database databases schema index primary unique"
    " foreign references constraint column columns view trigger procedure function event user"
    " role to for force use default null true false unknown if not global session local persist"
    " persist_only temporary unsigned int bigint varchar text blob char date datetime time"
    " timestamp decimal double json now current_timestamp microsecond second minute hour day week"
    " month quarter year add drop modify rename engine charset character names status variables"
    " processlist full like data infile outfile fields lines terminated enclosed optionally"
    " starting sql_no_cache sql_calc_found_rows partition over window rows range preceding"
    " following unbounded current row recursive lateral returning share mode nowait skip locked"
    " password account lock unlock expire never require ssl grant option privileges execute"
    " statement max_statement_time query connection transaction read write only isolation level"
    " committed uncommitted repeatable serializable start work savepoint release separator"
)
_KEYWORDS = words(f"{FIRST} {_CLAUSES} {_PLAIN}")
_EXPRESSION = words(
    "where on having and or xor not when then else is in like rlike regexp between limit offset"
    " values value set identified against interval if using escape div mod"
)
_NAMES = words(
    "select from into join update table order group as to for user database schema index view"
    " delete insert replace call use show describe desc explain straight_join"
)
_COMPARES = words("like rlike regexp in is between not sounds div mod")

# A change of a setting: its value is no one's data.
# No statement has these right behind a quote.
_NEVER_AFTER = frozenset("/^#?:.%~\\[{&")
# Quotes of a text processor: to the server they are letters, to who typed them they are quotes.
_FOREIGN_QUOTES = frozenset("“”„‘’‚«»´")
_SETTING = re.compile(
    r"(?i)\s*set\s+(?:(?:global|session|local|persist|persist_only)\s+|@@(?:\w+\.)?"
    r"|(?=(?:autocommit|(?:foreign_key|unique)_checks|sql_\w+|\w+_timeout|(?:max|net|innodb)_\w+)\b))"
    rf"(?:(?:(?!{KEY})|(?={OF_POLICY}))\w+\s*:?=\s*(?:\d+|on|off|default)"
    r"|(?:sql_mode|time_zone|character_set_\w+|collation_\w+|t(?:ransaction|x)_isolation"
    r"|\w*storage_engine|binlog_format)\s*:?=\s*'[\w,+:/-]*')\s*;?\s*\Z"
)
_COMPARED = re.compile(r"(?i)[=<>(]|!=|:=|\.\s*[`\w*]|(?:like|in|is|between|not|r?like|regexp)\b")
_ACCOUNT = re.compile(r"'[\w.%-]{0,80}'@'[\w.%:/-]{0,255}'")


def mask_statement(text: str) -> tuple[str, int]:
    """`text`, a statement from its first word on, with its literals masked, and their count."""
    if _SETTING.match(text):
        return text, 0
    reader = _Reader()
    position = 0
    while position < len(text) and not reader.stopped:
        account = _ACCOUNT.match(text, position)
        if account and not reader.value:
            reader.keep(account[0])
            position = account.end()
            continue
        token = _TOKEN.match(text, position)
        if token is None:
            break
        reader.take(token, text)
        position = token.end()
    if reader.stopped:
        reader.mask()
    out = re.sub(r"\?(?:[ \t]*\?)+", MASK, "".join(reader.out))
    return out, reader.count


def _kind(token: re.Match[str]) -> str:
    """A dollar-quoted body has its tag as a group of its own."""
    return "literal" if token.lastgroup == "tag" else token.lastgroup or "sign"


@dataclass(slots=True)
class _Reader:
    """Walks a statement. `value` is true where the next word would be a value, `naming` where
    it would be a name; `stopped` where the rest cannot be told apart and goes whole."""

    out: list[str] = field(default_factory=list)
    count: int = 0
    value: bool = False
    naming: bool = True
    stopped: bool = False
    after_literal: bool = False
    called: bool = False
    glued: str = ""

    def keep(self, text: str) -> None:
        self.out.append(text)

    def mask(self) -> None:
        """Put a mask; neighbours make one, for a value of several words is one value."""
        before = next((part for part in reversed(self.out) if not part.isspace()), "")
        self.count += before != MASK
        self.out.append(MASK)
        self.after_literal = True

    def take(self, token: re.Match[str], text: str) -> None:
        kind, body = _kind(token), token[0]
        following = text[token.end() : token.end() + _AHEAD]
        # No statement has a word against a quote: the quotes were read the wrong way round.
        if self.glued == "literal" and (
            kind in ("word", "number", "literal", "name") or body in _NEVER_AFTER
        ):
            self.stopped = True
            return
        if body in _FOREIGN_QUOTES:
            self.stopped = True
            return
        if kind == "word" and self.glued == "mark":
            self.stopped = True
            return
        if kind in ("word", "number") and following[:1] in ("'", '"'):
            self.stopped = True
            return
        handle = getattr(self, f"_take_{kind}")
        handle(body, following)
        self.glued = "mark" if body == MASK and self.glued != "word" else kind

    def _take_hint(self, body: str, _following: str) -> None:
        self.count += 1
        self.keep("/*?*/" if body.startswith("/*") else f"-- {MASK}")

    def _take_literal(self, body: str, _following: str) -> None:
        self.mask()
        if body in (f"'{MASK}'", f'"{MASK}"'):
            self.count -= 1

    def _take_number(self, _body: str, _following: str) -> None:
        self.mask()

    def _take_name(self, body: str, _following: str) -> None:
        if body.endswith("`") and len(body) > 1:
            self.keep(body)
            self.after_literal = False
        else:
            self.mask()

    def _take_variable(self, body: str, _following: str) -> None:
        if self.value and not body.startswith("@@"):
            self.mask()
        else:
            self.keep(body)

    def _take_space(self, body: str, _following: str) -> None:
        self.keep(body)

    def _take_word(self, body: str, following: str) -> None:
        word = body.lower()
        if word[0].isdecimal():
            self.mask()
        elif word in _KEYWORDS and not following.startswith((".", "@")):
            self._take_keyword(body, word, following)
        elif self._is_name(following):
            self.keep(body)
        else:
            self.mask()

    def _take_keyword(self, body: str, word: str, following: str) -> None:
        self.keep(body)
        self.after_literal = False
        self.called = self.called or word == "call"
        if word in ("values", "value") and following.lstrip().startswith("("):
            self.keep(" ")
            self.stopped = True
        elif word in _EXPRESSION:
            self.naming = False
            self.value = word in _COMPARES or word in ("limit", "offset", "identified", "interval")
        elif word in _NAMES or word == "by":
            self.naming, self.value = True, False

    def _take_sign(self, body: str, _following: str) -> None:
        self.keep(body)
        if body in "=<>!" or (body == "(" and self.called):
            self.value, self.naming = True, False
        elif body in ",)" and not self.called:
            self.value = False
        elif body == ";":
            self.value = self.naming = self.called = False
        if body != ".":
            self.after_literal = False

    def _is_name(self, following: str) -> bool:
        """Whether a word that is no keyword is one of the schema's names, or a function's."""
        rest = following.lstrip()
        if self.value:
            return rest.startswith("(") and not following.startswith(" ")
        if self.naming:
            return not self.after_literal
        return _COMPARED.match(rest) is not None and not self.after_literal
