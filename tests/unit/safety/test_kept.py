"""What an operator needs stays readable: variables, errors, accounts, hosts, digests, times."""

import pytest

from knowledge.load import signatures
from tests.unit.safety.corpus_kept import KEEP
from wizard.logs.application.client_error import recognise
from wizard.safety.redact import mask_excerpt, mask_secrets


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
