"""Secrets that their form or their place tells, from what stands around an error in a log."""

import time

import pytest

from wizard.safety.redact import mask_excerpt, mask_secrets

WORD, MIXED = "Zs3ntinel#Pw", "Zs3ntinelPwQx9aLkTr"
HEX = "5a73336e74696e656c5077deadbeef0011223344"

SHAPES = (
    '~ password = "old one" -> "{w}"',
    '~ master_password = "{w}" => "{w}"',
    "github_pat_11AAAAAAA0{m}{m}",
    "sk-proj-{m}{m}",
    "SG.{m}.{m}{m}",
    "npm_{m}{m}",
    "pypi-{m}{m}",
    "hvs.{m}{m}",
    "dop_v1_{h}",
    "AKIAZS3NTINELPWQXYZA",
    "key-{h}",
    "shpat_{h}",
    "hf_{m}{m}",
    "ya29.{m}{m}",
    "sk_test_{m}",
    "rootpw {w}",
    "bindpw {w}",
    "masterauth {w}",
    "requirepass {w}",
    "stats auth admin:{w}",
    "plink -ssh db -pw {w}",
    "the shared secret {w}",
    "htpasswd admin:$apr1$x$Zs3ntinelPw",
    "admin:$2y$10$Zs3ntinelPwZs3ntinelPw",
    "admin:$argon2id$v=19$m=65536$Zs3ntinelPw",
    "auth=('app', '{w}')",
    "auth: [app, {w}]",
    "DB_PASSWORD (string) = {w}",
    "one-time code: Zs3ntinelPw",
    "2FA code 481516",
    "SENTRY_DSN=https://{h}@o1.ingest.sentry.io/1",
    "git clone https://{m}{m}@example.com/x.git",
    "twilio auth_token {h}",
    "Token {m}",
    'oauth_signature="{m}"',
    "code_verifier={m}",
    "hmac={h}",
)

SAID_OF_ONE = (
    "jwt: expired",
    "otp: disabled",
    "jwt=expired",
    "token: invalid",
    "api_key: missing",
    "refresh_token: null",
    "credentials: invalid; host=db1 port=3306",
    "jwt: malformed, user app on db1",
    "the stats of auth on https://db1.example.com/health-check-2026@noon",
    "security code page 2006: MySQL server has gone away",
    "token 20261130 of host db1",
)


def readable(text: str) -> bool:
    return any(each in text for each in ("s3ntinel", "S3NTINEL", HEX[:14], "481516"))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("before", ["", "2026-08-05 13:00:00 [ERROR] db1: "])
def test_no_secret_is_readable(shape: str, before: str) -> None:
    text = before + shape.format(w=WORD, m=MIXED, h=HEX) + "\n2006 MySQL server has gone away"
    assert readable(text)
    for masked in (mask_secrets(text), mask_excerpt(text)):
        assert not readable(masked.text)
        assert masked.count >= 1
        assert before in masked.text
    assert "2006 MySQL server has gone away" in mask_secrets(text).text


@pytest.mark.parametrize("text", SAID_OF_ONE)
def test_what_became_of_one_is_readable(text: str) -> None:
    assert mask_secrets(text).text == text
    assert mask_excerpt(text).text == text


@pytest.mark.parametrize("word", ["jwt: expiredX9", "token: null-Zs3ntinel", "otp: 481516"])
def test_a_secret_that_begins_like_a_state_is_none(word: str) -> None:
    assert not readable(mask_secrets(word).text)
    assert word.split(": ")[1] not in mask_secrets(word).text


@pytest.mark.parametrize(
    "part", ["token ", "https://a", "auth=(a,", "password (", 'password = "a" -', "stats auth a",
             "one-time code ", "sk-", "$2y$"]
)  # fmt: skip
def test_no_text_takes_more_than_linear_time(part: str) -> None:
    began = time.process_time()
    mask_secrets(part * (200_000 // len(part)))
    assert time.process_time() - began < 10
