"""Masking: no secret survives, and what a reader needs stays."""

import pytest

from tests.cpu_time import cpu_seconds
from wizard.safety.redact import mask_excerpt, mask_secrets, mask_sentence

SECRET = "hunter2"

PASSWORDS = [
    "CREATE USER 'app'@'%' IDENTIFIED BY 'hunter2'",
    "CREATE USER 'app'@'%' IDENTIFIED BY 'it''s hunter2'",
    r"CREATE USER 'app'@'%' IDENTIFIED BY 'it\'s hunter2'",
    "alter user app identified by hunter2",
    "ALTER USER 'a'@'b' IDENTIFIED BY 'new' REPLACE 'hunter2'",
    "ALTER USER 'a'@'b' IDENTIFIED WITH mysql_native_password AS 'hunter2'",
    "ALTER USER a IDENTIFIED VIA ed25519 USING PASSWORD('hunter2')",
    "GRANT ALL ON *.* TO 'a'@'b' IDENTIFIED BY PASSWORD 'hunter2'",
    "SET PASSWORD FOR 'a'@'b' = 'hunter2'",
    "SET PASSWORD = PASSWORD('hunter2')",
    "SELECT PASSWORD ( 'hunter2' )",
    "SELECT PASSWORD(\"hunter2",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'hunter2')",
    "CHANGE MASTER TO MASTER_USER='r', MASTER_PASSWORD='hunter2', MASTER_PORT=3306",
    "mysql://root:hunter2@db:3306/shop",
    "mysql://root:a@hunter2@db:3306/shop",
    "mysql://root:a/hunter2@db:3306/shop",
    "mysql://root:a'hunter2@db:3306/shop",
    "mysql://root:a hunter2@db:3306/shop",
    "mysql://root:hunter2",
    "mysql://root@db/shop?password=hunter2&x=1",
    "mysql+pymysql://u:hunter2@[::1]:3306/x failed",
    "root:hunter2@tcp(127.0.0.1:3306)/db?timeout=5s",
    "mysqldump -uroot -phunter2 shop",
    "mysqldump -uroot -p'my hunter2' shop",
    "mysql --password=hunter2",
    "mysql --password hunter2",
    "mysql --password='my hunter2' -e x",
    "sshpass -p hunter2 ssh db",
    "MYSQL_PWD=hunter2 mysql",
    "MYSQL_ROOT_PASSWORD=hunter2",
    "password = hunter2 with spaces hunter2",
    "password: my hunter2",
    "password=?hunter2",
    r"password=\x41hunter2",
    '{"password": "hunter2"}',
    r'{"password": "a\"hunter2"}',
    r'"{\"password\":\"a hunter2\"}"',
    "$config['db']['password'] = 'hunter2';",
    "{'passwd': 'hunter2', 'user': 'x'}",
    "db.password=>'hunter2'",
    "pymysql.connect(host='db', user='x', password='hunter2')",
    "PDO->__construct('mysql:host=db', 'root', 'hunter2', Array)",
    "mysqli_connect('db', 'root', 'hun)ter2 hunter2')",
    "Authorization: Basic hunter2",
    "api_key=hunter2 token: hunter2",
    "-----BEGIN RSA PRIVATE KEY----- hunter2 hunter2",
    "login app/hunter2@db:3306 failed",
    "connecting as app/hunter2@db.example",
    "db.pass.word=hunter2",
    "db.pass-word: hunter2",
    "the password is: hunter2",
    "CHANGE MASTER TO MASTER_USER='r', MASTER_PASSWORD 'hunter2'",
    "ENV MYSQL_PASSWORD hunter2",
    "setx DB_PASS hunter2",
    "sent Bearer hunter2hunter2",
    "sent Bearer 5|hunter2hunter2",
    "sent Bearer hunter2%2Fhunter2:x",
    "passphrase=my hunter2",
    "passphrase=correct horse hunter2",
    "db.creds: hunter2",
    "Server=db; Uid=app; Pwd=/root/hunter2;",
    "Server=db; Uid=app; pwd=/data/hunter2;",
    "CALL mysql.rds_set_external_master ('db', 3306, 'repl', 'hunter2', 'bin.1', 4, 0)",
]  # fmt: skip


@pytest.mark.parametrize("text", PASSWORDS)
def test_no_password_survives_any_gate(text: str) -> None:
    for gate in (mask_secrets, mask_sentence, mask_excerpt):
        masked = gate(text)
        assert SECRET not in masked.text
        assert masked.count >= 1
        assert SECRET not in gate(f"2026-08-05 13:00:00 9 [Note] {text}").text


@pytest.mark.parametrize(
    "token",
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "ghp_" + "aB3" * 12,
     "glpat-" + "aB3-" * 5, "xoxb-1234567890-abcdef", "sk_live_" + "aB3" * 8],
)  # fmt: skip
def test_a_token_is_known_by_its_shape(token: str) -> None:
    for line in (f"sent {token} to the shop", f'{{"sent": "{token}"}}', f"({token})"):
        assert token not in mask_secrets(line).text


@pytest.mark.parametrize(
    "hash_",
    ["*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "$A$005$abcdefghijklmnopqrstuvwxyz"],
)
def test_hashes_of_passwords_are_masked(hash_: str) -> None:
    assert hash_ not in mask_secrets(f"plugin mysql_native_password {hash_} x").text


def test_the_name_of_the_next_pair_is_no_secret() -> None:
    plan = '{"key": "session_key", "rows": 5, "possible_keys": ["account_key"], "used": 1}'
    assert mask_secrets(plan).text == plan
    for said in (
        "define('SESSION_KEY', 'hunter2'): x",
        'setenv "DB_PASSWORD", "hunter2": invalid argument',
        "with 'password', 'hunter2': 2006 MySQL server has gone away",
    ):
        assert SECRET not in mask_secrets(said).text


SAID = [
    "the password is {}", "password was {}", "the password for app is {}", "pwd is {}", "pw was {}",
    "pin is {}", "password of user app is now {}", "password has been set to {}",
    "password reset to {}, ok",
    "PASSWORD IS {}", "password equals {}", "password is: {}", "password: {}", "pwd = {}", "pwd={}",
    "password -> {}", "password is `{}`", "password `{}`", 'password is "{}"', "passwords are {}",
    "secret is {}", "the token was {}", "the api key is {}", "credentials are app/{}",
    "the passphrase is {} battery {}", "db_password is {}", "mysql_password is {}", "pass is {}",
    "Passwort ist {}", "mot de passe est {}", "contraseña es {}", "password should be {}",
    "log in as app with password {}", "tried the password {}, and the server has gone away",
    "SELECT 1 /* the password is {} */", "SELECT 1 -- password is {}", "then: password is {}.",
]  # fmt: skip


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("word", ["letmein", "hunter", "Required1", "empty-handed", "expired$x"])
def test_a_plain_word_that_is_said_to_be_a_password_is_masked(text: str, word: str) -> None:
    for gate in (mask_secrets, mask_sentence, mask_excerpt):
        assert word not in gate(text.format(word, word)).text


LITERALS = [
    "SELECT * FROM u WHERE a = 'hunter2'",
    'SELECT * FROM u WHERE a = "hunter2"',
    "SELECT * FROM u WHERE a = 'hunter2",
    "SELECT * FROM u WHERE a = 'x\\' hunter2",
    "SELECT 'C:\\', ' hunter2' FROM u",
    "SELECT 'a' 'hunter2' FROM u",
    "SELECT N'hunter2', _utf8mb4'hunter2', _binary 'hunter2' FROM u",
    "SELECT /* hunter2 */ 1 FROM u -- hunter2",
    "SELECT 1 FROM u # hunter2",
    "SELECT 1 FROM u /* hunter2",
    "INSERT INTO u (a, b) VALUES ('hunter2', 5), ('x', 'hunter2…",
    "insert into u values (hunter2, {\"a\": \"hunter2\"})",
    "REPLACE u SET a = 'hunter2'",
    "UPDATE u SET a = hunter2 WHERE id = 5",
    "DELETE FROM u WHERE a LIKE '%hunter2%'",
    "CALL p('hunter2')",
    "(SQL: select * from `u` where `a` = my hunter2 and b = hunter2 limit 1)",
    "[SQL: SELECT u.a FROM u WHERE u.a = %(a)s] [parameters: {'a': 'hunter2'}]",
    "statement failed [parameters: ('hunter2',)]",
    "with params [\"hunter2\"]",
    "Query (7f9c4508ea28): SHOW TABLES LIKE 'hunter2'",
    "   12 Query\tINSERT INTO u VALUES('hunter2')",
    "EXECUTE s USING 'hunter2'",
    "it ran SELECT $$hunter2$$",
    "it ran SELECT $tag$hunter2$tag$",
    "it ran SELECT 1 -- hunter2",
    "it ran SELECT 1 # hunter2",
    "it ran SELECT * /* hunter2 */",
    "it ran XA COMMIT 'hunter2'",
    "WITH c AS (SELECT 'hunter2') SELECT * FROM c",
    "KILL 5; SELECT 'hunter2'",
    "Duplicate entry 'hunter2' for key 'u.a'",
    "You have an error in your SQL syntax near 'hunter2' at line 1",
    "SELECT 'a'hunter2'b' FROM u",
    "SELECT hunter2'b' FROM u",
    "(1062, \"MySQL server has gone away near 'hunter2'\")",
    "failed for \"hunter2 lost connection to\"",
    "LOAD DATA INFILE 'hunter2' INTO TABLE t",
]  # fmt: skip


@pytest.mark.parametrize("text", LITERALS)
def test_no_literal_survives_in_an_excerpt(text: str) -> None:
    masked = mask_excerpt(text)
    assert SECRET not in masked.text
    assert masked.count >= 1


def test_literals_of_every_kind_are_masked_and_the_shape_stays() -> None:
    masked = mask_excerpt(
        "SELECT t1.col2, `my 5` FROM t1 WHERE a = 'x''y' AND b IN (5, -3.5e7, 0xDEAD, X'4D', b'01')"
        " AND c IS NULL ORDER BY created_at DESC LIMIT 10"
    )
    assert masked.text == (
        "SELECT t1.col2, `my 5` FROM t1 WHERE a = ? AND b IN (?, -?, ?, ?, ?)"
        " AND c IS NULL ORDER BY created_at DESC LIMIT ?"
    )
    assert masked.count == 7


def test_escapes_end_a_string_where_the_server_does() -> None:
    assert mask_excerpt(r"SELECT 'it\'s', 5 FROM t").text == "SELECT ?, ? FROM t"
    assert mask_excerpt("SELECT 'it''s', 5 FROM t").text == "SELECT ?, ? FROM t"
    assert mask_excerpt(r"SELECT 'a\\', 5 FROM t").text == "SELECT ?, ? FROM t"


KEPT = [
    "2026-11-23T10:45:15Z 13 [Note] [MY-010914] [Server] Aborted connection 13 to db:"
    " 'unconnected' user: 'root' host: 'localhost' (Got a packet bigger than"
    " 'max_allowed_packet' bytes).",
    "[Note] [MY-013730] [Server] 'wait_timeout' period of 1 seconds was exceeded for"
    " `root`@`localhost`. The idle time since last command was too long.",
    "Access denied for user 'nouser'@'localhost' (using password: YES)",
    "Access denied for user 'nouser'@'10.0.0.1' (using password: NO)",
    "2018-10-19 Connection 109135 avortée vers la bd: 'x' utilisateur: 'y' hôte: '0.0.0.0'",
    "(2006, \"MySQL server has gone away (BrokenPipeError(32, 'Broken pipe'))\")",
    "Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)",
    "[ERROR] mysqld got signal 11 ;",
    "OperationalError: (1153, \"Got a packet bigger than 'max_allowed_packet' bytes\")",
    "(2003, \"Can't connect to MySQL server on 'db1' ([Errno 111] Connection refused)\")",
    "(2013, 'Lost connection to MySQL server during query')",
    "{'errno': \"ERROR 1045 (28000): Access denied for user 'a'@'b' (using password: YES)\"",
    "[ 4709.116275] Memory cgroup out of memory: Kill process 71414 (mysqld) score 108",
    "SET GLOBAL wait_timeout = 28800",
    "mysql://db:3306/shop",
    "--password-file /etc/pw -P3306",
    "IP address '10.99.99.1' could not be resolved: Temporary failure in name resolution",
    "the password is wrong, the old password is expired, a password is required",
    "Your password has expired. The password was not supplied; the token is invalid.",
    "the password for app@web is too short, and its password was changed",
    "password is set to expire, the password is empty: mysql_native_password is disabled",
    "password authentication failed: the secret is still missing",
    "the password is 12 characters long, the passenger is late, compass is here",
    "log in with password authentication, using password hashing, with password file",
    "connect to app/web failed at 12/31@5pm",
    "bypass.work: done, pass.wordy=1",
    "parse error: next token was EOF",
    "the next token is SELECT, the last token was IDENTIFIER",
    "unexpected token: punctuation; token: }",
    "pwd is /root",
    "cd failed, pwd: /var/lib/mysql",
    "PWD=/home/app OLDPWD=/srv",
    "mysqld got sig=11",
    "session_id=4711, session id: 12",
    "the page has pins: 3, pin=2, spin: 4, shopping=3",
    "sort_key=5, possible_keys=a, error_code: 1045",
    "method signature: getConnection(java.lang.String), invalid signature: expected 4 bytes",
    "sas: connection lost, signature=mysql-gone-away",
    "encryption_key_id=1 app_key_prefix: shop, account_keys_count=4",
    "binlog_rotate_encryption_master_key_at_startup=OFF, Innodb_encryption_key_requests = 5",
    "auth_keys: Lost connection to MySQL server, cpu pin=0-3",
    "the pool's connections pin: true, pin=off",
    "client_key=/etc/mysql/ssl/client-key.pem lost",
    "otp: Lost connection to MySQL server during query",
    "session_key: SQLSTATE[HY000] [2002] Connection refused",
    "CheckPin: 2006 MySQL server has gone away",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_a_reader_needs_is_kept(text: str) -> None:
    masked = mask_excerpt(text)
    assert masked.text == text
    assert masked.count == 0


def test_a_sentence_of_ours_keeps_its_quotes_and_numbers() -> None:
    text = "wait_timeout is 600 s; 3 sessions of 'app' use another value, select a step below"
    assert mask_sentence(text).text == text
    grant = "needs PROCESS: GRANT PROCESS ON *.* TO 'app'@'10.0.0.1'"
    assert mask_sentence(grant).text == grant


@pytest.mark.parametrize(
    "text",
    [
        "Load (1, 5, 15 min)",
        "With log_warnings = 2 it tells",
        "Set up 3 days ago",
        "connect with SELECT on performance_schema",
        "Update from 5.7 to 8.4 first",
    ],
)
def test_a_sentence_that_begins_like_a_statement_is_kept(text: str) -> None:
    assert mask_sentence(text).text == text


@pytest.mark.parametrize("text", [*PASSWORDS, *LITERALS, *KEPT])
def test_masking_secrets_twice_changes_nothing(text: str) -> None:
    assert mask_secrets(mask_secrets(text).text).text == mask_secrets(text).text


@pytest.mark.parametrize(
    "text",
    ["'" * 16_000, "a" * 16_000, "select " * 2_000, "password " * 2_000, "\\" * 16_000,
     "password for " * 1_500, "token has been " * 1_200, "password is" + " " * 16_000,
     "'" + "Error" * 3_000 + "'", "'" + "Error: ERROR 2013 (2013): 2013 " * 500 + "'",
     "a:b@" * 4_000, "(" * 16_000, "pass.-" * 2_500, "update x set " * 1_200, '"a\\' * 5_000],
)  # fmt: skip
def test_hostile_text_is_masked_in_bounded_time(text: str) -> None:
    assert cpu_seconds(lambda: mask_excerpt(text)) < 5


HOSTILE = (
    "pass_", "mysqli_pass_", "mot_de_passe", "pass\n", "pass\\", "pass ", "a://", "a://b:", "a-",
    "a:b", "connect(", "new PDO(", "--a-", "-p", "mysql -p ", "admin password", "password for ",
    "password (", "identified /*", "passw(", "\\", "'", "''", "/*", "select '", "$A$", "*0", "p=",
    "key%3d", "key value", "BEGIN PRIVATE KEY-----", "key,", "vault write ", "setenv key ",
    "bearer ", "passphrase_", "pin_", "otp=", "_pin", "userPin", "sig=", "eyJ", "xoxb-",
    "eyJabcdefgh.",
    "sig=1", "sig%3D", "session_id  =", "api key ", "api key:", "_key=/", "_key = ", "otp: ",
    "otp: 2006 ", "pin=true", "pins: 1 ", "next token ", "token was ",
    "pwd=/root/", "pwd is ", "session_id", "xPin", "access_",
    "password_history=0 ", ": SET @a ", "'a'b ", "#0 /a.php(3): f('x') ", "user app ", "“a” ",
    "a-_", "password mismatch ", "echo x", "echo ", "ldapx -", "new password ", "with x as ",
    "query id 1 ", "for query ", "password [", "smbclient -U", "htpasswd -b ", "user a pass ",
    "_password", "changed the password ", "new a.", "mysql.user ", "maxctrl user ", "password....",
)  # fmt: skip
"""What makes a careless pattern try again and again."""


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_line_takes_little_more_than_another(piece: str) -> None:
    """Beside a line of words as long; 32 times the text takes about 32 times as long."""

    def seconds(text: str) -> float:
        return cpu_seconds(lambda: mask_excerpt(text))

    def least(text: str) -> float:
        return min(seconds(text) for _ in range(3))

    short, long = (piece * (size // len(piece)) for size in (1_000, 32_000))
    assert least(short) < 100 * least("the quick brown fox sees x = 1; " * 31) + 0.01
    assert (much := seconds(long)) < 0.5 or min(much, seconds(long)) < 100 * least(short)


@pytest.mark.parametrize(
    "piece", ["password_history=0 ", "INSERT INTO t VALUES ('aaaa', 5, 'b''c'), "]
)
def test_a_line_of_megabytes_takes_seconds(piece: str) -> None:
    """What is spared is put back at once, and what follows a word is looked at a little way on."""
    assert cpu_seconds(lambda: mask_excerpt(piece * (2_000_000 // len(piece)))) < 30
