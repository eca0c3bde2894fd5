"""What an operator needs stays readable: variables, errors, accounts, hosts, digests, times."""

import pytest

from knowledge.load import signatures
from tests.unit.safety.corpus_kept import KEEP
from wizard.logs.application.client_error import recognise
from wizard.safety.redact import mask_excerpt, mask_secrets, mask_sentence


@pytest.mark.parametrize("line", KEEP)
def test_a_line_without_secrets_is_shown_as_it_is(line: str) -> None:
    for gate in (mask_secrets, mask_excerpt):
        masked = gate(line)
        assert masked.text == line
        assert masked.count == 0


CLIENT_TEXTS = [
    text for known in signatures("client") for text in known.matches if '"…:…:…"' not in text
]


def test_a_masked_error_is_known_for_what_it_is() -> None:
    """Each text of the knowledge base, but those whose places for a host hold none."""

    def told(text: str) -> tuple[str, int | None] | None:
        known = recognise(text, near=True)
        return None if known is None else (known.signal, known.number)

    lost = [text for text in CLIENT_TEXTS if told(mask_excerpt(text).text) != told(text)]
    assert lost == []
    assert len(CLIENT_TEXTS) > 500


@pytest.mark.parametrize("kind", ["client", "error-log", "kernel"])
def test_no_known_line_holds_a_secret(kind: str) -> None:
    lines = [text for known in signatures(kind) for text in known.matches]
    assert lines
    assert [text for text in lines if mask_secrets(text).text != text] == []


def test_the_accounts_of_a_lost_session_are_shown_in_each_language() -> None:
    lines = [text for known in signatures("error-log") for text in known.matches]
    named = [text for text in lines if "'root'" in text and "'localhost'" in text]
    assert len(named) > 60
    hidden = [t for t in named if any(w not in mask_excerpt(t).text for w in ("'root", "'localh"))]
    assert hidden == []


@pytest.mark.parametrize(
    "line",
    [
        "password_history=hunter2", "password: null-hunter2", "DB_PASSWORD=off$hunter2",
        "DB_PASSWORD_COUNT=hunter2", "password: false hunter2", "tokens=hunter2",
        "MYSQL_PASSWORD_FILE=hunter2", "secret_path: hunter2", "my_token=on,hunter2",
        "mysqli::__construct(): (mysql:host=db, app, hunter2)",
        "SET GLOBAL wsrep_sst_auth = hunter2", "password_expired='hunter2'",
    ],
)  # fmt: skip
def test_a_secret_under_such_a_name_is_masked(line: str) -> None:
    assert "hunter2" not in mask_excerpt(line).text


@pytest.mark.parametrize(
    "line",
    [
        "could not execute statement: select id from t where type='{}': Lost connection to MySQL "
        "server during query",
        "while executing query \"DELETE FROM t WHERE a = '{}'\": Lost connection to MySQL server "
        "during query (modes/city.pwn:131)",
        "prepare: SELECT a FROM t WHERE b=? and c='{}' and name=?: MySQL server has gone away)",
        "Error: select `a` from `t` where b = '{}' - Query execution was interrupted",
        "select a from t where b = '{}' - Can't add new command when connection is in closed state",
        "query SELECT '{}' FROM t LIMIT 1;: (MySQLdb.OperationalError) (2013, 'Lost connection to "
        "server during query')",
        "DBI connect('database={}','app',...) failed: Access denied for user 'app'@'localhost'",
    ],
)
def test_the_error_behind_a_statement_stays(line: str) -> None:
    """The statement's value is masked, and what the server or the driver said of it is not."""
    masked = mask_excerpt(line.format("hunter2")).text
    assert "hunter2" not in masked
    behind = ("Lost connection", "gone away", "interrupted", "closed state", "Access denied")
    assert any(words in masked for words in behind)


def test_what_names_a_variable_of_the_environment_is_no_secret() -> None:
    kept = (
        "new Sequelize('app', 'app', process.env.DB_PASSWORD, {",
        'password = os.environ["DB_PASSWORD"]',
        "'password' => getenv('DB_PASSWORD'),",
        'password: ENV["DB_PASSWORD"]',
    )
    assert [line for line in kept if mask_secrets(line).text != line] == []
    masked = (
        "new Sequelize('app', 'app', 'hunter2', { host: process.env.DB })",
        "password: process.env.DB_PASSWORD || 'hunter2',",
        'password=os.environ.get("DB_PASSWORD", "hunter2")',
    )
    assert [line for line in masked if "hunter2" in mask_secrets(line).text] == []


def test_a_typographic_quote_is_closed() -> None:
    assert (
        mask_excerpt("it said “hunter2” to ‘hunter2’ and went").text
        == "it said “?” to ‘?’ and went"
    )


def test_a_quoted_keyword_is_no_statement() -> None:
    line = "Unknown column 'bogus' in 'SELECT'"
    assert mask_sentence(line).text == line
