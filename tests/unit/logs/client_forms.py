# ruff: noqa: E501
"""How programs tell a driver's error: frames, stacks, and what stands before each line.

Data for the tests: `@` stands for the message, `HH:MM:SS` for the clock.
"""

import json
from collections.abc import Callable, Sequence

Lines = list[str]

MESSAGES: dict[str, tuple[str, ...]] = {
    "client.lost": (
        "MySQL server has gone away",
        "Lost connection to MySQL server during query",
        "Server has gone away",
        "Lost connection to server during query",
    ),
    "client.refused": (
        "Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)",
        "Can't connect to MySQL server on '10.0.0.5:3306' (111)",
        "Can't connect to local server through socket '/run/mysqld/mysqld.sock' (111)",
        "Can't connect to server on '10.0.0.5' (115)",
    ),
    "client.too-many-connections": ("Too many connections",),
    "client.access-denied": ("Access denied for user 'app'@'10.0.0.7' (using password: YES)",),
    "client.idle-disconnect": (
        "The client was disconnected by the server because of inactivity. See wait_timeout and"
        " interactive_timeout for configuring this behavior.",
    ),
    "client.name-resolution": (
        "Unknown MySQL server host 'db.internal' (-2)",
        "Unknown server host 'db' (-3)",
    ),
    "client.shutdown": ("Server shutdown in progress",),
    "client.killed": ("Connection was killed",),
    "client.packet-too-large": ("Got a packet bigger than 'max_allowed_packet' bytes",),
    "client.out-of-sync": ("Commands out of sync; you can't run this command now",),
    "client.connect-lost": (
        "Lost connection to MySQL server at 'reading initial communication packet', system error:"
        " 104",
        "Lost connection to server at 'handshake: reading initial communication packet', system"
        " error: 11",
    ),
    "client.host-blocked": (
        "Host '10.0.0.7' is blocked because of many connection errors; unblock with 'mysqladmin"
        " flush-hosts'",
    ),
    "client.host-not-allowed": (
        "Host '10.0.0.7' is not allowed to connect to this MariaDB server",
    ),
    "client.user-limit": (
        "User 'app' has exceeded the 'max_user_connections' resource (current value: 3)",
        "User app already has more than 'max_user_connections' active connections",
    ),
}
"""What the servers and the two C libraries say."""

FRAMES: tuple[tuple[str, str | None], ...] = (
    ("Nov 28 HH:MM:SS mx postfix/smtpd[812]: warning: connect to mysql server 10.0.0.5: @", "Postfix"),
    ("Nov 28 HH:MM:SS mx postfix/proxymap[812]: warning: mysql query failed: @", "Postfix"),
    ("Nov 28 HH:MM:SS mx dovecot: auth-worker(812): Error: mysql(10.0.0.5): Connect failed to database (mail): @ - waiting for 5 seconds before retry", "Dovecot"),
    ("Nov 28 HH:MM:SS mx dovecot: auth-worker(812): Error: sql(bob,10.1.1.1): Password query failed: @", "Dovecot"),
    ("Nov 28 HH:MM:SS ns pdns_server[812]: gmysql Connection failed: Unable to connect to database: @", "PowerDNS"),
    ("Nov 28 HH:MM:SS ns pdns[812]: Backend error: Database error trying to retrieve zone: Could not execute mysql statement: SELECT 1: @", "PowerDNS"),
    ("Sat Nov 28 HH:MM:SS 2026 : ERROR: (12) sql: ERROR: rlm_sql_mysql: ERROR 2006 (@): HY000", "FreeRADIUS"),
    ("Sat Nov 28 HH:MM:SS 2026 : Error: rlm_sql_mysql: Mysql error '@'", "FreeRADIUS"),
    ("  2834:20261128:HHMMSS.123 [Z3005] query failed: [2006] @ [select 1]", "Zabbix"),
    ("  2834:20261128:HHMMSS.123 [Z3001] connection to database 'zabbix' failed: [2003] @", "Zabbix"),
    ('[2026-11-28 HH:MM:SS +0000] critical/IdoMysqlConnection: Error "@" when executing query "SELECT 1"', "Icinga"),
    ("[Nov 28 HH:MM:SS] ERROR[812][C-0001]: cdr_mysql.c:320 mysql_log: Failed to insert into database: (2006) @", "Asterisk"),
    ("Nov 28 HH:MM:SS sip /usr/sbin/kamailio[812]: ERROR: db_mysql [km_dbase.c:129]: db_mysql_submit_query(): driver error on query: @", "Kamailio"),
    ('28-Nov HH:MM bacula-dir JobId 12: Fatal error: Could not open Catalog "My", database "bacula": mysql.c:194 Unable to connect to MySQL server. ERR=@', "Bacula"),
    ("28-Nov HH:MM bacula-dir JobId 12: Fatal error: sql_create.c:84 Create DB Job record INSERT INTO Job failed: ERR=@", "Bacula"),
    ("2026-11-28 HH:MM:SS 1a2b3c H=(x) [10.0.0.1] temporarily rejected RCPT <a@b>: MYSQL: query failed: @", None),
    ('2026-11-28 HH:MM:SS failed to expand: lookup of "SELECT 1" gave DEFER: MYSQL connection failed: @', None),
    ("Nov 28 HH:MM:SS ftp proftpd[812]: mod_sql_mysql/4.0.9: error: @", "ProFTPD"),
    ("Nov 28 HH:MM:SS ftp pure-ftpd: (?@10.0.0.1) [ERROR] The SQL server seems to be down [@]", "Pure-FTPd"),
    ("Nov 28 HH:MM:SS log rsyslogd: db error (2006): @", "rsyslog"),
    ("Nov 28 HH:MM:SS mon collectd[812]: mysql plugin: Failed to connect to database shop at server 10.0.0.5: @", "collectd"),
    ('ts=2026-11-28THH:MM:SS.123Z caller=exporter.go:149 level=error msg="Error pinging mysqld" err="Error 1040: @"', "go-sql-driver"),
    ("2026/11/28 HH:MM:SS gorm.go:12 Error 2006 (HY000): @", None),
    ("[28-Nov-2026 HH:MM:SS UTC] PHP Fatal error:  Uncaught mysqli_sql_exception: @ in /srv/www/db.php:12", "mysqli"),
    ("[28-Nov-2026 HH:MM:SS UTC] WordPress database error @ for query SELECT 1 made by require('wp-blog-header.php')", "WordPress"),
    ("[28-Nov-2026 HH:MM:SS UTC] PHP Warning:  mysqli_query(): (HY000/2006): @ in /srv/www/db.php on line 12", "mysqli"),
    ("2026-11-28 HH:MM:SS [-][-][-][error][yii\\db\\Exception] PDOException: SQLSTATE[HY000]: General error: 2006 @ in /srv/yii/db/Command.php:1293", "PDO"),
    ("2026-11-28 HH:MM:SS Error: [PDOException] SQLSTATE[HY000]: General error: 2006 @ in /srv/cake/Statement.php on line 39", "PDO"),
    ('[2026-11-28THH:MM:SS.123456+00:00] app.CRITICAL: Uncaught PHP Exception Doctrine\\DBAL\\Exception\\ConnectionException: "An exception occurred in the driver: @" at ExceptionConverter.php line 103', "Doctrine"),
    ("2026-11-28 HH:MM:SS DBD::mysql::st execute failed: @ at ./job.pl line 7.", "DBD::mysql"),
    ("2026-11-28 HH:MM:SS DBI connect('database=x;host=10.0.0.5','app',...) failed: @ at ./job.pl line 7.", None),
    ("2026-11-28 HH:MM:SS DBD::MariaDB::db do failed: @ at ./job.pl line 7.", "DBD::MariaDB"),
    ('2026-11-28 HH:MM:SS,123 ERROR [celery.app.trace] Task shop.sync[1a] raised unexpected: OperationalError(2006, "@")', None),
    ('2026-11-28 HH:MM:SS django.db.utils.OperationalError: (2006, "@")', "Django"),
    ('2026-11-28 HH:MM:SS sqlalchemy.exc.OperationalError: (MySQLdb.OperationalError) (2006, "@")', "mysqlclient"),
    ("2026-11-28 HH:MM:SS mysql.connector.errors.OperationalError: 2013 (HY000): @", "Connector/Python"),
    ("2026-11-28 HH:MM:SS mariadb.OperationalError: @", "MariaDB Connector/Python"),
    ('2026-11-28 HH:MM:SS asyncmy.errors.OperationalError: (2013, "@")', "asyncmy"),
    ("E, [2026-11-28THH:MM:SS.123456 #812] ERROR -- : Mysql2::Error::ConnectionError: @", "Ruby mysql2"),
    ("2026-11-28 HH:MM:SS ActiveRecord::ConnectionNotEstablished (@):", "Rails"),
    ("2026-11-28 HH:MM:SS ActiveRecord::StatementInvalid (Trilogy::ProtocolError: 1053: @):", "trilogy"),
    ("2026-11-28 HH:MM:SS Sequel::DatabaseDisconnectError: Mysql2::Error: @", "Ruby mysql2"),
    ("2026-11-28 HH:MM:SS Error: @ in dbConnect at script.R:4  [2006]", None),
    ('2026-11-28 HH:MM:SS QSqlError("2006", "QMYSQL: Unable to execute query", "@")', "Qt QMYSQL"),
    ("2026-11-28 HH:MM:SS [MySQL][ODBC 8.0(w) Driver][mysqld-8.0.36]@", "MySQL ODBC"),
    ("2026-11-28 HH:MM:SS [ma-3.1.20][10.11.6-MariaDB]@", "MariaDB ODBC"),
    ("2026-11-28 HH:MM:SS pyodbc.OperationalError: ('08S01', \"[08S01] [MySQL][ODBC 8.0(w) Driver][mysqld-8.0.36]@ (2013) (SQLExecDirectW)\")", "MySQL ODBC"),
    ("2026-11-28 HH:MM:SS ** (MyXQL.Error) (1053) (ER_SERVER_SHUTDOWN) @", "MyXQL"),
    ("2026-11-28 HH:MM:SS sqlx::Error: error returned from database: 1053 (08S01): @", "sqlx"),
    ("2026-11-28 HH:MM:SS Server error: `ERROR 08S01 (1053): @'", None),
    ("2026-11-28 HH:MM:SS com.mysql.cj.jdbc.exceptions.CommunicationsException: @", "Connector/J"),
    ("[2026-11-28THH:MM:SS,678][ERROR][logstash.inputs.jdbc] Java::ComMysqlCjJdbcExceptions::CommunicationsException: @", "Connector/J"),
    ("2026-11-28 HH:MM:SS java.sql.SQLNonTransientConnectionException: (conn=41) @", None),
    ("2026-11-28 HH:MM:SS MySqlConnector.MySqlException (0x80004005): @", "MySqlConnector"),
)  # fmt: skip
"""A line of a program, framework or driver, and whose name it must be given."""


def java(message: str) -> Lines:
    return [
        "ERROR [http-nio-8080-exec-3] o.a.c.c.C.[dispatcherServlet] : Servlet.service() threw",
        "org.springframework.dao.DataAccessResourceFailureException: could not execute statement;"
        " nested exception is org.hibernate.exception.JDBCConnectionException: could not execute",
        "\tat org.springframework.orm.jpa.vendor.HibernateJpaDialect.convert(Dialect.java:255)",
        "\t... 12 more",
        f"Caused by: java.sql.SQLNonTransientConnectionException: (conn=41) {message}",
        "\tat org.mariadb.jdbc.export.ExceptionFactory.createException(ExceptionFactory.java:294)",
        "\t... 40 common frames omitted",
    ]


def python(message: str) -> Lines:
    return [
        "ERROR shop.jobs sync failed",
        "Traceback (most recent call last):",
        '  File "/srv/app/jobs.py", line 12, in run',
        '    cursor.execute("SELECT 1")',
        f'pymysql.err.OperationalError: (2006, "{message}")',
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        '  File "/srv/app/jobs.py", line 30, in loop',
        "    run()",
        f'sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (2006, "{message}")',
        "[SQL: SELECT 1]",
        "(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    ]


def node(message: str) -> Lines:
    return [
        f"error: job failed Error: {message}",
        "    at Packet.asError (/srv/app/node_modules/mysql2/lib/packets/packet.js:740:17)",
        "    at Connection.handlePacket (/srv/app/node_modules/mysql2/lib/connection.js:475:34) {",
        "  code: 'ER_X',",
        "  errno: 2006,",
        "  sqlState: 'HY000',",
        f'  sqlMessage: "{message}"',
        "}",
    ]


def php(message: str) -> Lines:
    return [
        f"PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000]: General error: 2006 {message}"
        " in /srv/www/db.php:12",
        "Stack trace:",
        "#0 /srv/www/db.php(12): PDO->query('SELECT 1')",
        "#1 {main}",
        "  thrown in /srv/www/db.php on line 12",
    ]


def laravel(message: str) -> Lines:
    told = f"SQLSTATE[HY000]: General error: 2006 {message}"
    return [
        f"production.ERROR: {told} (Connection: mysql, SQL: select * from `users`)"
        ' {"exception":"[object] (Illuminate\\\\Database\\\\QueryException(code: HY000):'
        f" {told} at /srv/vendor/Connection.php:829)",
        "[stacktrace]",
        "#0 /srv/vendor/Connection.php(783): Illuminate\\\\Database\\\\Connection->run()",
        "#1 {main}",
        "",
        f"[previous exception] [object] (PDOException(code: HY000): {told} at /srv/C.php:423)",
        "[stacktrace]",
        "#0 /srv/vendor/Connection.php(423): PDOStatement->execute()",
        '"}',
    ]


def ruby(message: str) -> Lines:
    return [
        "F, [2026-11-28THH:MM:SS.123456 #812] FATAL -- : ActiveRecord::StatementInvalid"
        f" (Mysql2::Error::ConnectionError: {message}):",
        "app/models/order.rb:12:in `find'",
        "app/controllers/orders_controller.rb:7:in `index'",
    ]


def go(message: str) -> Lines:
    escaped = message.replace('"', '\\"')
    return [f'level=error msg="query failed" err="Error 2006 (HY000): {escaped}"']


def dotnet(message: str) -> Lines:
    return [
        "fail: Microsoft.EntityFrameworkCore.Database.Connection[20004]",
        "      An error occurred using the connection to database 'shop' on server '10.0.0.5'.",
        f"      MySqlConnector.MySqlException (0x80004005): {message}",
        "         at MySqlConnector.Core.ServerSession.ReceiveReplyAsync() in /_/src/S.cs:line 894",
        "         at MySqlConnector.MySqlConnection.OpenAsync() in /_/src/C.cs:line 419",
    ]


def elixir(message: str) -> Lines:
    return [
        "[error] GenServer Shop.Worker terminating",
        f"** (MyXQL.Error) (2006) (ER_X) {message}",
        "    (ecto_sql 3.11.1) lib/ecto/adapters/sql.ex:1054: Ecto.Adapters.SQL.raise_error/1",
        "Last message: :tick",
    ]


def rust(message: str) -> Lines:
    return [
        f"ERROR shop::db: query failed error=error returned from database: 2006 (HY000): {message}",
        "",
        "Caused by:",
        f"    2006 (HY000): {message}",
    ]


STACKS: dict[str, Callable[[str], Lines]] = {
    f.__name__: f
    for f in (java, python, node, php, laravel, ruby, go, dotnet, elixir, rust)
}  # fmt: skip

STAMPS: tuple[str, ...] = (
    "2026-11-28 HH:MM:SS,123 ", "2026-11-28THH:MM:SS.123Z ", "[28/Nov/2026:HH:MM:SS +0000] ",
    "[2026-11-28 HH:MM:SS] ", "Nov 28 HH:MM:SS ", "28-Nov-2026 HH:MM:SS.123 ",
    "11/28/2026 HH:MM:SS AM ", "28.11.2026 HH:MM:SS ", "2026/11/28 HH:MM:SS ",
    "Sat Nov 28 HH:MM:SS 2026 ", "2026-11-28 HH:MM:SS.123 +0000 ",
)  # fmt: skip
"""What a logger puts before a message's first line."""

_NANO = "2026-11-28THH:MM:SS.123456789Z"

PREFIXES: dict[str, str] = {
    "docker -t": f"{_NANO} ",
    "cri": f"{_NANO} stderr F ",
    "compose": "shop-web-1  | 2026-11-28 HH:MM:SS,123 ",
    "compose -t": f"shop-web-1  | {_NANO} ",
    "swarm": f"shop_web.1.q3x@node1    | {_NANO} ",
    "kubectl --timestamps": f"[pod/shop-7d9f/app] {_NANO} ",
    "syslog": "Nov 28 HH:MM:SS web1 shop[812]: ",
    "rsyslog": "2026-11-28THH:MM:SS.123456+00:00 web1 shop: ",
    "journald iso": "2026-11-28THH:MM:SS+0000 web1 shop[812]: ",
    "journald precise": "Nov 28 HH:MM:SS.123456 web1 shop[812]: ",
    "journald full": "Sat 2026-11-28 HH:MM:SS UTC web1 shop[812]: ",
    "rfc 5424": "<11>1 2026-11-28THH:MM:SS.123Z web1 shop 812 - - ",
    "heroku": "2026-11-28THH:MM:SS.123456+00:00 app[web.1]: ",
    "fly": "2026-11-28THH:MM:SSZ app[1a2b] fra [info]",
    "cloudwatch": "2026-11-28THH:MM:SS.123000+00:00 ecs/shop/1a2b3c ",
    "loki": '2026-11-28THH:MM:SSZ {app="shop", env="live"} ',
    "fluentd": "2026-11-28THH:MM:SS+00:00\tdocker.shop\t",
    "wrapper": "INFO   | jvm 1    | 2026/11/28 HH:MM:SS | ",
    "moreutils": "Nov 28 HH:MM:SS ",
    "console": "Nov 28 HH:MM:SS AM  ",
    "bare": "2026-11-28THH:MM:SS ",
}
"""What others put before each line."""


def docker_json(lines: Sequence[str]) -> Lines:
    return [json.dumps({"log": f"{x}\n", "stream": "stderr", "time": _NANO}) for x in lines]


def journal_json(lines: Sequence[str]) -> Lines:
    return [
        json.dumps({"__REALTIME_TIMESTAMP": "2026-11-28 HH:MM:SS", "_PID": "812", "MESSAGE": x})
        for x in lines
    ]


def cloud(lines: Sequence[str]) -> Lines:
    stamp = "2026-11-28THH:MM:SS.123Z"
    return [json.dumps({"textPayload": x, "timestamp": stamp, "severity": "ERROR"}) for x in lines]


def one_object(lines: Sequence[str]) -> Lines:
    told = {"time": "2026-11-28THH:MM:SS.123Z", "level": "error", "msg": lines[0]}
    return [json.dumps({**told, "stack": "\n".join(lines)})]


def nested_error(lines: Sequence[str]) -> Lines:
    error = {"type": "X", "message": lines[0], "stack_trace": "\n".join(lines)}
    stamp = {"@timestamp": "2026-11-28THH:MM:SS.123Z", "log.level": "ERROR"}
    return [json.dumps({**stamp, "message": "request failed", "error": error})]


OBJECTS: dict[str, Callable[[Sequence[str]], Lines]] = {
    f.__name__: f for f in (docker_json, journal_json, cloud, one_object, nested_error)
}

SYSTEM_WORDS: dict[str, dict[int, str]] = {
    "en": {
        104: "An existing connection was forcibly closed by the remote host.",
        111: "No connection could be made because the target machine actively refused it.",
        110: "A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond.",
        103: "An established connection was aborted by the software in your host machine.",
    },
    "de": {
        104: "Eine vorhandene Verbindung wurde vom Remotehost geschlossen.",
        111: "Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte.",
        110: "Ein Verbindungsversuch ist fehlgeschlagen, da die Gegenstelle nach einer bestimmten Zeitspanne nicht richtig reagiert hat, oder die hergestellte Verbindung war fehlerhaft, da der verbundene Host nicht reagiert hat.",
        103: "Eine bestehende Verbindung wurde softwaregesteuert durch den Hostcomputer abgebrochen.",
    },
    "fr": {
        104: "Une connexion existante a dû être fermée par l'hôte distant.",
        111: "Aucune connexion n'a pu être établie car l'ordinateur cible l'a expressément refusée.",
        110: "Une tentative de connexion a échoué car le parti connecté n'a pas répondu convenablement au-delà d'une certaine durée ou une connexion établie a échoué car l'hôte de connexion n'a pas répondu.",
        103: "Une connexion établie a été abandonnée par un logiciel de votre ordinateur hôte.",
    },
    "es": {
        104: "Se ha forzado la interrupción de una conexión existente por el host remoto.",
        111: "No se puede establecer una conexión ya que el equipo de destino denegó expresamente dicha conexión.",
        110: "Se produjo un error durante el intento de conexión ya que la parte conectada no respondió adecuadamente tras un periodo de tiempo, o bien se produjo un error en la conexión establecida ya que el host conectado no ha podido responder.",
        103: "Se ha anulado una conexión establecida por el software en su equipo host.",
    },
    "ja": {
        104: "既存の接続はリモート ホストに強制的に切断されました。",
        111: "対象のコンピューターによって拒否されたため、接続できませんでした。",
        110: "接続済みの呼び出し先が一定の時間を過ぎても正しく応答しなかったため、接続できませんでした。",
        103: "確立された接続がホスト コンピューターのソウトウェアによって中止されました。",
    },
    "ru": {
        104: "Удаленный хост принудительно разорвал существующее подключение.",
        111: "Подключение не установлено, т.к. конечный компьютер отверг запрос на подключение.",
        110: "Попытка установить соединение была безуспешной, т.к. от другого компьютера за требуемое время не получен нужный отклик.",
        103: "Программа на вашем хост-компьютере разорвала установленное подключение.",
    },
    "zh": {
        104: "远程主机强迫关闭了一个现有的连接。",
        111: "由于目标计算机积极拒绝，无法连接。",
        110: "由于连接方在一段时间后没有正确答复或连接的主机没有反应，连接尝试失败。",
        103: "你的主机中的软件中止了一个已建立的连接。",
    },
}  # fmt: skip
"""What Windows says of 10054, 10061, 10060 and 10053, by Linux's numbers."""

AT = {"en": "at", "de": "bei", "fr": "à", "es": "en", "ja": "場所", "ru": "в", "zh": "在"}
"""What .NET puts before a frame."""
