# ruff: noqa: E501
"""Texts of public bug reports: what is told once is one failure, read by its meaning.

Names, hosts, SQL and times are invented; what a driver, proxy or server prints itself is kept.
"""

from datetime import UTC

import pytest

from wizard.case.evidence import Phase
from wizard.logs.application.endpoints import endpoints_of
from wizard.logs.application.read import scan_text

REPORTS = {
    # A connect that fails, in words that alone mean the loss of a connection in use.
    "https://github.com/aio-libs/aiomysql/issues/988": (
        r"""
{"level":"ERROR","time":"2024-07-31T10:00:01Z","exc":"Traceback (most recent call last):\n  File \"/srv/site-packages/aiomysql/connection.py\", line 540, in _connect\n    await self._request_authentication()\n  File \"/srv/site-packages/aiomysql/connection.py\", line 844, in _request_authentication\n    auth_packet = await self._read_packet()\n  File \"/srv/site-packages/aiomysql/connection.py\", line 629, in _read_packet\n    raise InternalError(\npymysql.err.InternalError: Packet sequence number wrong - got 1 expected 2"}
""",
        ["client.connect-lost"],
    ),
    "https://github.com/WordPress/gutenberg/issues/25717": (
        """
wordpress_1        | [29-Sep-2020 19:30:50 UTC] PHP Warning:  Packets out of order. Expected 0 received 1. Packet size=69 in Standard input code on line 22
wordpress_1        | [29-Sep-2020 19:30:50 UTC] PHP Warning:  mysqli::__construct(): Error while reading greeting packet. PID=186 in Standard input code on line 22
wordpress_1        | [29-Sep-2020 19:30:50 UTC] PHP Warning:  mysqli::__construct(): (HY000/2006): MySQL server has gone away in Standard input code on line 22
wordpress_1        |
wordpress_1        | MySQL Connection Error: (2006) MySQL server has gone away
wordpress_1        | [29-Sep-2020 19:30:53 UTC] PHP Warning:  Packets out of order. Expected 0 received 1. Packet size=69 in Standard input code on line 22
wordpress_1        | [29-Sep-2020 19:30:53 UTC] PHP Warning:  mysqli::__construct(): Error while reading greeting packet. PID=186 in Standard input code on line 22
wordpress_1        | [29-Sep-2020 19:30:53 UTC] PHP Warning:  mysqli::__construct(): (HY000/2006): MySQL server has gone away in Standard input code on line 22
wordpress_1        |
wordpress_1        | MySQL Connection Error: (2006) MySQL server has gone away
""",
        ["client.connect-lost", "client.connect-lost"],
    ),
    "https://github.com/jaredpalmer/presspack/issues/10": (
        """
wordpress_1  |
wordpress_1  | Warning: mysqli::mysqli(): MySQL server has gone away in - on line 22
wordpress_1  |
wordpress_1  | Warning: mysqli::mysqli(): Error while reading greeting packet. PID=50 in - on line 22
wordpress_1  |
wordpress_1  | Warning: mysqli::mysqli(): (HY000/2006): MySQL server has gone away in - on line 22
wordpress_1  |
wordpress_1  | MySQL Connection Error: (2006) MySQL server has gone away
db_1         | 2018-07-25T02:39:44.626589Z 0 [Note] mysqld: Shutdown complete
""",
        ["client.connect-lost"],
    ),
    "https://github.com/mysqljs/mysql/issues/1993": (
        """
{"status":500,"error":{"code":"ECONNREFUSED","errno":"ECONNREFUSED","syscall":"connect","address":"10.179.105.32","port":3306,"fatal":true},"response":null}
{"status":500,"error":{"errorno":"ETIMEDOUT","code":"ETIMEDOUT","syscall":"connect","fatal":true},"response":null}
""",
        ["client.refused", "client.connect-timeout"],
    ),
    # A pool that had none to give.
    "https://github.com/mysql-net/MySqlConnector/issues/485": (
        """
Apr 18 10:33:00 web portal[962]: MySql.Data.MySqlClient.MySqlException (0x80004005): Connect Timeout expired. ---> System.OperationCanceledException: The operation was canceled.
Apr 18 10:33:00 web portal[962]:    at System.Threading.CancellationToken.ThrowOperationCanceledException()
Apr 18 10:33:00 web portal[962]:    at System.Threading.SemaphoreSlim.<WaitUntilCountOrTimeoutAsync>d__32.MoveNext()
Apr 18 10:33:00 web portal[962]: --- End of stack trace from previous location where exception was thrown ---
Apr 18 10:33:00 web portal[962]:    at MySqlConnector.Core.ConnectionPool.<GetSessionAsync>d__10.MoveNext() in ConnectionPool.cs:line 42
""",
        ["client.pool-timeout"],
    ),
    # One job, told in several lines.
    "https://github.com/go-sql-driver/mysql/issues/1305": (
        """
[mysql] 2022/02/04 19:18:05 packets.go:37: unexpected EOF
[mysql] 2022/02/04 19:18:05 packets.go:37: unexpected EOF
[mysql] 2022/02/04 19:18:05 packets.go:37: unexpected EOF
panic: driver: bad connection

goroutine 1 [running]:
main.main()
        /srv/mysql.go:23 +0x13c
""",
        ["client.lost"],
    ),
    "https://github.com/QuantumNous/new-api/issues/880": (
        """
[SYS] 2025/03/26 - 16:03:00 | using MySQL as database
[mysql] 2025/03/26 16:03:02 packets.go:37: unexpected EOF
[mysql] 2025/03/26 16:03:03 packets.go:37: unexpected EOF
[mysql] 2025/03/26 16:03:04 packets.go:37: unexpected EOF
[FATAL] 2025/03/26 - 16:03:04 | [driver: bad connection]

2025/03/26 16:03:04 /build/model/main.go:93
[error] failed to initialize database, got error driver: bad connection
""",
        ["client.lost"],
    ),
    "https://github.com/bob7l/HawkReloaded/issues/53": (
        """
[19:20:10 WARN]: [HawkEye] No operations allowed after connection closed.Connection was implicitly closed by the driver.
[19:20:10 WARN]: com.mysql.jdbc.exceptions.jdbc4.MySQLNonTransientConnectionException: No operations allowed after connection closed.Connection was implicitly closed by the driver.
[19:20:10 WARN]:        at sun.reflect.GeneratedConstructorAccessor239.newInstance(Unknown Source)
[19:20:10 WARN]:        at com.mysql.jdbc.Util.handleNewInstance(Util.java:407)
""",
        ["client.closed-object"],
    ),
    "https://github.com/Project-Books/book-project/issues/205": (
        """
Caused by: org.flywaydb.core.internal.exception.FlywaySqlException:

Unable to obtain connection from database: Communications link failure

The last packet sent successfully to the server was 0 milliseconds ago. The driver has not received any packets from the server.
---------------------------------------------------------------
SQL State  : 08S01

Error Code : 0

Message    : Communications link failure

The last packet sent successfully to the server was 0 milliseconds ago. The driver has not received any packets from the server.
""",
        ["client.connect-lost"],
    ),
    "https://github.com/FreeRADIUS/freeradius-server/issues/1640": (
        """
rlm_sql (sql_a): Reconnecting (1)
rlm_sql_mysql: Starting connect to MySQL server
rlm_sql_mysql: Couldn't connect to MySQL server radius@192.168.1.130:radius
rlm_sql_mysql: MySQL error: Can't connect to MySQL server on '192.168.1.130' (111)
rlm_sql_mysql: Socket destructor called, closing socket
""",
        ["client.refused"],
    ),
    "https://github.com/FreeRADIUS/freeradius-server (rlm_sql_mysql.c)": (
        """
Wed Sep  4 07:40:02 2024 : Error: rlm_sql_mysql: ERROR 2006 (MySQL server has gone away): HY000
Wed Sep  4 07:40:02 2024 : Error: rlm_sql_mysql: ERROR 2013 (Lost connection to MySQL server during query): HY000
""",
        ["client.lost"],
    ),
    # Several jobs, in the same words or the same second.
    "https://github.com/grafana/grafana/issues/20913": (
        """
t=2019-12-06T08:46:15+0700 lvl=info msg="Successful Login" logger=http.server User=ops@example.com
t=2019-12-06T08:46:52+0700 lvl=eror msg="Could not load alerts" logger=alerting.ruleReader error="invalid connection"
t=2019-12-06T08:46:53+0700 lvl=eror msg="Failed to look up user based on cookie" logger=context error="invalid connection"
""",
        ["client.lost", "client.lost"],
    ),
    "https://github.com/kamailio/kamailio/issues/1896": (
        """
 0(20) INFO: sipcapture [sipcapture.c:459]: parse_table_names(): INFO: table name:sip_capture
 0(20) ERROR: db_mysql [km_my_con.c:129]: db_mysql_new_connection(): driver error: Lost connection to MySQL server at 'waiting for initial communication packet', system error: 110 "Connection timed out"
 0(20) ERROR: <core> [db.c:318]: db_do_init2(): could not add connection to the pool
 4(24) ERROR: db_mysql [km_my_con.c:129]: db_mysql_new_connection(): driver error: Lost connection to MySQL server at 'waiting for initial communication packet', system error: 110 "Connection timed out"
 4(24) ERROR: <core> [db.c:318]: db_do_init2(): could not add connection to the pool
""",
        ["client.connect-lost", "client.connect-lost"],
    ),
    # Words and frames of proxies, gateways and drivers.
    "https://github.com/vitessio/vitess/issues/14202": (
        """
E1006 09:12:44.100211       1 vreplicator.go:214] vreplication: unexpected EOF
io.ReadFull(packet body of length 287) failed (errno 2013) (sqlstate HY000)
""",
        ["client.lost"],
    ),
    "https://github.com/vitessio/vitess/issues/12611": (
        """
I0312 11:10:18.273387       1 rpc_replication.go:781] StopReplicationAndGetStatus: mode: IOTHREADONLY
W0312 11:10:18.274000       1 rpc_server.go:80] TabletManager.StopReplicationAndGetStatus(on zone1-1205982007 from ) error: net.Dial(/vt/socket/mysql.sock) to local server failed: dial unix /vt/socket/mysql.sock: connect: no such file or directory (errno 2002) (sqlstate HY000)
W0312 11:10:28.337297       1 rpc_server.go:80] TabletManager.FullStatus()(on zone1-1205982007 from ) error: net.Dial(/vt/socket/mysql.sock) to local server failed: dial unix /vt/socket/mysql.sock: connect: no such file or directory (errno 2002) (sqlstate HY000)
""",
        ["client.refused", "client.refused"],
    ),
    "https://github.com/GoogleCloudPlatform/cloud-sql-proxy/issues/2453": (
        """
2025/05/28 08:11:02 [orchard:europe-west1:orders] connection aborted - error reading from instance: read tcp 169.254.8.1:60699->203.0.113.40:3307: read: connection reset by peer
2025/05/28 08:11:02 [orchard:europe-west1:orders] IO Error on Read or Write: read tcp 169.254.8.1:60699->203.0.113.40:3307: read: connection reset by peer
""",
        ["client.lost"],
    ),
    "https://github.com/silviucpp/mysql_pool/issues/4": (
        """
2019-06-05 06:36:24.485 [error] <0.636.0> Connection Id 1307 closing with reason: tcp_closed
2019-06-05 06:36:24.487 [error] <0.636.0> gen_server <0.636.0> terminated with reason: tcp_closed
2019-06-05 06:36:24.488 [error] <0.630.0> Connection Id 1304 closing with reason: tcp_closed
2019-06-05 06:36:24.488 [error] <0.630.0> gen_server <0.630.0> terminated with reason: tcp_closed
""",
        ["client.lost", "client.lost"],
    ),
    "https://github.com/zim32/mysql.dart/issues/26": (
        """
Unhandled Exception: MySQLServerException [1159]: Got timeout reading communication packets
#0   MySQLConnection._processSocketData (package:mysql_client/src/mysql_client/connection.dart:167:13)
""",
        ["client.lost"],
    ),
    "https://github.com/sysown/proxysql (MySQL_Session.cpp)": (
        """
2024-12-02 17:40:13 MySQL_Session.cpp:1575:handler(): [ERROR] Detected an error during COM_CHANGE_USER on (30,10.0.0.1,3306) , FD (Conn:88 , MyDS:88) : 9004, Detected offline server prior to statement execution
""",
        ["client.lost"],
    ),
    "https://learn.microsoft.com/azure/mysql/flexible-server/whats-new": (
        """
ERROR 9107 (HY000): Only Azure Active Directory accounts are allowed to connect to server
ERROR 9107 (HY000): Only Microsoft Entra IDaccounts are allowed to connect to server
""",
        ["client.access-denied", "client.access-denied"],
    ),
    "https://github.com/home-assistant/core/issues/112663": (
        """
Logger: homeassistant.components.recorder.core
Source: components/recorder/core.py:949
First occurred: 9:40:40 AM (10 occurrences)

Error during connection setup: (MySQLdb.OperationalError) (2002, "Can't connect to server on '192.168.1.25' (115)") (Background on this error at: https://sqlalche.me/e/20/e3q8) (retrying in 3 seconds)
Traceback (most recent call last):
  File "/usr/local/lib/python3.12/site-packages/MySQLdb/connections.py", line 195, in __init__
    super().__init__(*args, **kwargs2)
MySQLdb.OperationalError: (2002, "Can't connect to server on '192.168.1.25' (115)")
""",
        ["client.refused"],
    ),
    "https://github.com/vitessio/vitess/issues/12624": (
        """
2023-03-13 15:59:07.25799 +0900
#<Mysql2::Error::TimeoutError: [mysql_127.0.0.1:15306] Timeout waiting for a response from the last query. (waited 3 seconds)>

2023-03-13 15:59:15.304278 +0900
#<Mysql2::Error: target: main.-.primary: vttablet: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing dial tcp 10.244.0.37:15999: connect: connection refused">

2023-03-13 15:59:19.316975 +0900
#<Mysql2::Error: target: main.-.primary: vttablet: Connection Closed>
""",
        ["client.read-timeout", "client.refused", "client.lost"],
    ),
    "https://github.com/blackbeam/mysql_async/issues/105": (
        """
[2020-04-01T10:02:01Z ERROR shop::db] mysql_async: Err(Driver(ConnectionClosed))
""",
        ["client.lost"],
    ),
    # Words that clients of any database say: the lines around them tell of which.
    "https://github.com/UrbanCCD-UChicago/plenario2/issues/396": (
        """
Elixir.DBConnection.ConnectionError: tcp recv: closed
  File "lib/ecto/adapters/postgres/connection.ex", line 92, in Ecto.Adapters.Postgres.Connection.execute/4
  File "lib/ecto/adapters/sql.ex", line 256, in Ecto.Adapters.SQL.sql_call/6

(DBConnection.ConnectionError) tcp recv: closed
""",
        [],
    ),
    "https://github.com/will/crystal-pg (connection.cr)": (
        """
Unhandled exception:  (DB::ConnectionRefused)
  from lib/pg/src/pg/connection.cr:14:7 in 'initialize'
  from lib/db/src/db/pool.cr:47:34 in 'initialize'
""",
        [],
    ),
    "https://github.com/crystal-lang/crystal-mysql/issues/27": (
        """
Unhandled exception:  (DB::ConnectionRefused)
  from lib/mysql/src/mysql/connection.cr:32:7 in 'initialize'
  from lib/db/src/db/pool.cr:47:34 in 'initialize'
""",
        ["client.connect-lost"],
    ),
    "https://github.com/brettwooldridge/HikariCP (PostgreSQL)": (
        """
2023-02-25 08:11:02.120 ERROR 1 --- [nio-8080-exec-4] o.h.e.j.s.SqlExceptionHelper : HikariPool-1 - Connection is not available, request timed out after 30001ms.
org.springframework.dao.DataAccessResourceFailureException: unable to obtain isolated JDBC connection
Caused by: org.postgresql.util.PSQLException: FATAL: sorry, too many clients already
	at org.postgresql.core.v3.ConnectionFactoryImpl.doAuthentication(ConnectionFactoryImpl.java:646)
""",
        [],
    ),
    "https://github.com/knex/knex/issues/1833": (
        """
Unhandled rejection TimeoutError: Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?
    at /srv/node_modules/knex/lib/client.js:351:13
From previous event:
    at Client_PG.acquireConnection (/srv/node_modules/knex/lib/client.js:350:13)
""",
        [],
    ),
    "https://github.com/prisma/orm/issues/8223": (
        """
Datasource "db": PostgreSQL database "shop", schema "public" at "db"
Error: P1001: Can't reach database server at `db`:`5432`

Please make sure your database server is running at `db`:`5432`.
""",
        [],
    ),
    "https://learn.microsoft.com/sql/connect/php (SQLSTATE 08S01)": (
        """
[2022-03-04 10:11:12] production.ERROR: SQLSTATE[08S01]: [Microsoft][ODBC Driver 17 for SQL Server]TCP Provider: Error code 0x2746 (SQL: select 1) {"exception":"[object] (Illuminate\\\\Database\\\\QueryException(code: 08S01): Communication link failure)"}
""",
        [],
    ),
    "https://github.com/osunyorg/admin/issues/1690": (
        """
ActiveRecord::ConnectionFailed: PQconsumeInput() SSL SYSCALL error: EOF detected
    app/models/site.rb:121 - connect_object
ActiveRecord::ConnectionNotEstablished: connection to server at "10.0.0.3", port 5432 failed: Connection refused
""",
        [],
    ),
    "https://github.com/transact-rs/sqlx (PostgreSQL)": (
        """
2024-05-06T09:00:01.120Z ERROR shop: error communicating with database: unexpected end of file
   0: sqlx_postgres::connection::stream::PgStream::recv
             at /build/sqlx-postgres-0.8.2/src/connection/stream.rs:96
""",
        [],
    ),
    "https://github.com/python-websockets/websockets/issues/1511": (
        """
ERROR:    Exception in ASGI application
  File "/srv/site-packages/uvicorn/protocols/websockets/websockets_impl.py", line 201, in asgi_send
RuntimeError: unable to perform operation on <TCPTransport closed=True reading=False 0x557a7044d410>; the handler is closed
""",
        [],
    ),
    "https://github.com/mongodb/mongo (and any program that counts its connections)": (
        """
2022-03-04 10:11:12 ftpd[123]: too many open connections (max 10)
2022-03-04 10:11:13 mongod: connection refused because too many open connections: 819
""",
        [],
    ),
    "https://github.com/caddyserver/caddy (any program behind port 3307)": (
        """
{"level":"error","ts":"2022-03-04T10:11:12Z","logger":"http.log.error","msg":"dial tcp 10.0.0.5:3307: connect: connection refused","status":502}
2022/03/04 10:12:00 http: tls: failed to send closeNotify alert (but connection was closed anyway): write tcp 10.0.0.2:41002->10.0.0.3:8443: write: broken pipe
""",
        [],
    ),
    "https://github.com/flutter/flutter/issues/32306": (
        """
E/flutter ( 6312): [ERROR:flutter/lib/ui/ui_dart_state.cc(148)] Unhandled Exception: SocketException: Socket has been closed
E/flutter ( 6312): #0      MySqlConnection.connect (package:mysql1/src/single_connection.dart:142:5)
E/flutter ( 6312): <asynchronous suspension>
""",
        ["client.lost"],
    ),
    "https://github.com/Eonblast/Emysql (emysql_tcp.erl)": (
        """
2018-04-02 10:11:12 =ERROR REPORT====
Error in process <0.1201.0> with exit value: {{failed_to_recv_packet_header,closed},[{emysql_tcp,recv_packet_header,3,[{file,"src/emysql_tcp.erl"},{line,93}]}]}
""",
        ["client.lost"],
    ),
    "https://github.com/prisma/orm/issues/12305": (
        """
PrismaClientKnownRequestError:
Invalid prismaClient_1.default.flight.findUnique() invocation in
/dist/database/flight.js:24:64

Can't reach database server at shop.example.com:3306

Please make sure your database server is running at shop.example.com:3306.
at Zr.handleRequestError (/node_modules/@prisma/client/runtime/library.js:171:6414)
code: 'P1001',
clientVersion: '4.11.0',
""",
        ["client.refused"],
    ),
    "https://github.com/sysown/proxysql/issues/3053": (
        """
2020-09-08 06:18:49 mysql_connection.cpp:934:handler(): [ERROR] Failed to mysql_real_connect() on 10.2.3.182:3306 , FD (Conn:165 , MyDS:165) , 2013: Lost connection to MySQL server at 'handshake: reading inital communication packet', system error: 111.
""",
        ["client.connect-lost"],
    ),
    # A client of the server that writes in the form of the server's own log.
    "https://docs.percona.com/percona-xtrabackup (8.0 and later)": (
        """
2022-03-04T10:11:12.000000-00:00 0 [ERROR] [MY-011825] [Xtrabackup] Failed to connect to MySQL server: Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)
""",
        ["client.refused"],
    ),
    # What a proxy tells of work that went well is no failure.
    "https://github.com/GoogleCloudPlatform/cloud-sql-proxy/issues/243": (
        """
2019/01/22 17:46:16 New connection for "orchard:europe-west1:mysql-orders"
2019/01/22 17:46:16 Client closed local connection on 127.0.0.1:3306
""",
        [],
    ),
}


@pytest.mark.parametrize("page", REPORTS)
def test_a_public_report_is_read_by_its_meaning(page: str) -> None:
    text, signals = REPORTS[page]
    assert [f.signal for f in scan_text(text.lstrip("\n"), zone=UTC).failures] == signals


def test_frames_of_a_query_leave_its_error_a_lost_connection() -> None:
    text = """Traceback (most recent call last):
  File "/srv/site-packages/pymysql/cursors.py", line 163, in execute
    result = self._query(query)
  File "/srv/site-packages/pymysql/connections.py", line 688, in _read_packet
    packet_header = self._read_bytes(4)
pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/site-packages/pymysql/connections.py", line 612, in connect
    self._get_server_information()
pymysql.err.OperationalError: (2003, "Can't connect to MySQL server on '10.0.0.5' ([Errno 111] Connection refused)")
"""
    (first, *_) = scan_text(text, zone=UTC).failures
    assert (first.signal, first.phase) != ("client.connect-lost", Phase.CONNECT)


def test_attempts_long_before_a_go_program_gave_up_are_failures_of_their_own() -> None:
    text = """[mysql] 2022/02/04 19:18:05 packets.go:37: unexpected EOF
[mysql] 2022/02/04 19:20:05 packets.go:37: unexpected EOF
[mysql] 2022/02/04 19:22:05 packets.go:37: unexpected EOF
2022/02/04 19:22:05 job failed: driver: bad connection
"""
    assert scan_text(text, zone=UTC).total == 3


def test_a_tablet_that_is_not_available_is_refused_only_where_the_connect_failed() -> None:
    text = """2024-01-02 03:00:00 ERROR Error 1105: target: ks.0.primary: vttablet: rpc error: code = Unavailable desc = MySQL server has gone away (errno 2006) (sqlstate HY000)
2024-01-02 03:10:00 ERROR Error 1105: target: ks.0.primary: vttablet: rpc error: code = Unavailable desc = all SubConns are in TransientFailure
2024-01-02 03:20:00 ERROR Error 1105: target: ks.0.primary: vttablet: rpc error: code = Unavailable desc = draining
"""
    signals = [f.signal for f in scan_text(text, zone=UTC).failures]
    assert signals == ["client.lost", "client.refused", "client.not-serving"]


def test_a_time_on_a_line_of_its_own_is_that_of_the_text_below_it() -> None:
    text = """2023-03-13 15:59:15 +0900
#<Mysql2::Error: MySQL server has gone away>

2023-03-13 15:59:19 +0900
#<Mysql2::Error: Lost connection to MySQL server during query>
"""
    times = [f.at for f in scan_text(text, zone=UTC).failures]
    assert [t and t.astimezone(UTC).strftime("%H:%M:%S") for t in times] == ["06:59:15", "06:59:19"]


@pytest.mark.parametrize("prefix", ["[APP/PROC/WEB/{n}] ERR", "app[web.{n}]:"])
def test_two_instances_of_one_program_lose_a_connection_each(prefix: str) -> None:
    line = "2024-03-08T20:13:38.{ms}+0000 {prefix} [mysql] 2024/03/08 20:13:38 {text}\n"
    first = line.format(ms="07", prefix=prefix.format(n=1), text="packets.go:36: unexpected EOF")
    other = "connection.go:311: invalid connection"
    same = line.format(ms="17", prefix=prefix.format(n=1), text=other)
    next_one = line.format(ms="17", prefix=prefix.format(n=2), text=other)
    assert scan_text(first + same, zone=UTC).total == 1
    assert scan_text(first + next_one, zone=UTC).total == 2


def test_what_one_process_writes_to_both_of_its_streams_is_one_failure() -> None:
    text = """2024-03-08T20:13:38.07+0000 [APP/PROC/WEB/1] ERR [mysql] 2024/03/08 20:13:38 packets.go:36: unexpected EOF
2024-03-08T20:13:38.07+0000 [APP/PROC/WEB/1] OUT 2024/03/08 20:13:38 job 7: invalid connection
"""
    assert scan_text(text, zone=UTC).total == 1


def test_each_connection_that_proxysql_names_is_lost_by_itself() -> None:
    line = "2024-11-04 13:58:45 MySQL_Session.cpp:{at}(): [ERROR] Detected a broken connection while {what} on ({group},db.int,4000,{conn}) , user app , last_used 9752ms ago : 2013, Lost connection to MySQL server during query\n"
    lost = line.format(
        at="2402:handler_again___status_CHANGING_CHARSET",
        what="during SET NAMES",
        group=2,
        conn=449710519,
    )
    query = "4189:handler_minus1_ClientLibraryError"
    other = line.format(at=query, what="running query", group=3, conn=449718669)
    failures = scan_text(lost + other, zone=UTC).failures
    assert [f.connection_id for f in failures] == [449710519, 449718669]


REFUSED_BELOW = """2024-04-14 09:39:34 ERROR (Worker_5) [store.util] Error executing query: (MySQLdb._exceptions.OperationalError) (2006, 'MySQL server has gone away')
2024-04-14 09:39:34 ERROR (Worker_5) [store.util] Error executing query: (sqlalchemy.exc.InvalidRequestError) Can't reconnect until invalid transaction is rolled back
2024-04-14 09:39:34 ERROR (Worker_5) [store.util] Error executing query: (sqlalchemy.exc.InvalidRequestError) Can't reconnect until invalid transaction is rolled back
"""


def test_a_statement_tried_again_in_the_transaction_that_a_loss_ended_is_that_loss() -> None:
    (only,) = scan_text(REFUSED_BELOW, zone=UTC).failures
    assert (only.signal, only.number) == ("client.lost", 2006)


@pytest.mark.parametrize(
    "change",
    [
        ("(Worker_5) [store.util] Error executing query: (sql", "(Worker_6) [store.util] Error executing query: (sql"),
        ("Error executing query: (sql", "Error counting rows: (sql"),
        ("34 ERROR (Worker_5) [store.util] Error executing query: (sql", "54 ERROR (Worker_5) [store.util] Error executing query: (sql"),
        ("away')\n", "away')\n2024-04-14 09:39:34 INFO (Worker_5) [store.jobs] job 8 begins\n"),
    ],
    ids=["another thread", "another place", "twenty seconds later", "another job between"],
)  # fmt: skip
def test_a_transaction_refused_elsewhere_is_a_failure_of_its_own(change: tuple[str, str]) -> None:
    text = REFUSED_BELOW.replace(*change)
    assert scan_text(text, zone=UTC).total > 1


SIP = """{p} ERROR: db_mysql [km_my_con.c:129]: db_mysql_new_connection(): driver error: Lost connection to MySQL server at 'waiting for initial communication packet', system error: 110 "Connection timed out"
{p} ERROR: <core> [db.c:318]: db_do_init2(): could not add connection to the pool
{p} ERROR: sipcapture [sipcapture.c:1150]: child_init(): unable to connect to database [mysql://cap:x@10.0.0.4:3306/cap] from capture_mode param.
"""


@pytest.mark.parametrize("process", [" 4(24)", "Nov 18 04:02:06 sip kamailio[24]:"])
def test_a_module_frames_below_its_core_the_connect_that_its_driver_told(process: str) -> None:
    text = SIP.format(p=process)
    assert [f.number for f in scan_text(text, zone=UTC).failures] == [2013]
    other = text.replace("24", "25")
    assert scan_text(text + other, zone=UTC).total == 2


def test_a_connect_that_a_module_tells_after_other_work_is_another() -> None:
    text = SIP.format(p="Nov 18 04:02:06 sip kamailio[24]:")
    went_on = text.replace("ERROR: <core> [db.c:318]", "INFO: <core> [db.c:318]")
    assert scan_text(went_on, zone=UTC).total == 2


@pytest.mark.parametrize(
    ("reason", "signal"),
    [
        ("dial tcp 10.0.0.4:3307: connect: connection refused", "client.refused"),
        ("x509: certificate signed by unknown authority", "client.tls"),
        ("new ephemeral certificate expires too soon: current time: 2024-02-26", "client.tls"),
        ("googleapi: Error 403: The client is not authorized, forbidden", "client.connect-lost"),
    ],
)
def test_the_first_cloud_sql_proxy_frames_each_connect_that_failed(
    reason: str, signal: str
) -> None:
    text = f'2024-02-26 21:00:34 couldn\'t connect to "acme:us-east1:mysql-shop": {reason}\n'
    assert [f.signal for f in scan_text(text, zone=UTC).failures] == [signal]


TWICE_TOLD = r"""[2024-01-01 14:38:52] Logs.ERROR: Uncaught Exception PDOException: "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away" at C:\www\src\Database.php line 240 {"exception":"[object] (PDOException(code: HY000): SQLSTATE[HY000]: General error: 2006 MySQL server has gone away at C:\\www\\src\\Database.php:240)"}
{"url":"/editor.php?id=3","ip":"10.0.0.4","http_method":"POST","uid":"8e76a7f"}
[2024-01-01 14:38:52] Logs.ERROR: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away {"code":"HY000","message":"SQLSTATE[HY000]: General error: 2006 MySQL server has gone away","file":"C:\\www\\src\\Database.php","line":240,"trace":"#0 {main}"}
{"url":"/editor.php?id=3","ip":"10.0.0.4","http_method":"POST","uid":"8e76a7f"}
"""


def test_an_object_without_a_time_goes_on_with_the_record_above_it() -> None:
    assert scan_text(TWICE_TOLD, zone=UTC).total == 1
    other = TWICE_TOLD.replace('{"url"', '[2024-01-01 14:38:52] Logs.INFO: next {"url"', 1)
    assert scan_text(other, zone=UTC).total == 2


def test_a_short_date_behind_syslogs_time_is_read_by_all_dates_of_the_log() -> None:
    text = "Jan 27 14:50:48 home hass[180]: 17-01-27 14:50:48 ERROR (Thread-9) [store] failed: (MySQLdb.OperationalError) (2006, 'MySQL server has gone away')\n"
    (only,) = scan_text(text, zone=UTC).failures
    assert str(only.at).startswith("2017-01-27")


SAID_AGAIN = """Error: error restoring: failed to restore database: packet for query is too large. Try adjusting the `Config.MaxAllowedPacket`
FATA[0388] error restoring: failed to restore database: packet for query is too large. Try adjusting the `Config.MaxAllowedPacket`
"""
SIGNED = """Signature: OperationalError: (1040, 'Too many connections') (file "/srv/MySQLdb/connections.py", line 187, in __init__)
Traceback (most recent call last):
  File "/srv/MySQLdb/connections.py", line 187, in __init__
    super(Connection, self).__init__(*args, **kwargs2)
OperationalError: (1040, 'Too many connections')
"""


@pytest.mark.parametrize("text", [SAID_AGAIN, SIGNED], ids=["the next line", "its stack"])
def test_a_message_told_again_right_below_in_another_frame_is_one_failure(text: str) -> None:
    assert scan_text(text, zone=UTC).total == 1
    first, below = text.split("\n", 1)
    assert scan_text(f"{first}\nnext job\n{below}", zone=UTC).total == 2


def test_the_very_same_line_twice_is_two_jobs() -> None:
    line = SAID_AGAIN.splitlines(keepends=True)[0]
    assert scan_text(line + line, zone=UTC).total == 2


def test_an_order_whose_number_only_begins_as_another_s_is_another_job() -> None:
    line = "{}failed: MySQL server has gone away while saving order {}\n"
    assert scan_text(line.format("", 1) + line.format("worker: ", 12), zone=UTC).total == 2
    assert scan_text(line.format("", 1) + line.format("worker: ", 1), zone=UTC).total == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mysqli::query(): SSL: Broken pipe", "mysqli::query(): (08S01/1153): Got a packet bigger than 'max_allowed_packet' bytes"),
        ("PDO::exec(): SSL: Broken pipe", "PDO::exec(): SQLSTATE[08S01]: Communication link failure: 1153 Got a packet bigger than 'max_allowed_packet' bytes"),
    ],
)  # fmt: skip
def test_a_pipe_that_broke_beside_the_servers_refusal_is_one_failure(
    first: str, second: str
) -> None:
    line = "2026-11-28 10:28:{second} PHP Warning:  {text} in /srv/app.php on line 12\n".format
    together = line(second=14, text=first) + line(second=14, text=second)
    assert [f.signal for f in scan_text(together, zone=UTC).failures] == ["client.packet-too-large"]
    apart = line(second=14, text=first) + line(second=44, text=second)
    assert scan_text(apart, zone=UTC).total == 2


RETRIED = """2026-11-28 10:28:14.123 ERROR (Recorder) [homeassistant.components.recorder.util] Error executing query: (MySQLdb.OperationalError) (2006, 'Server has gone away')
2026-11-28 10:28:17.456 ERROR (Recorder) [homeassistant.components.recorder.util] Error executing query: Can't reconnect until invalid transaction is rolled back.  Please rollback() fully before proceeding
"""


def test_home_assistant_tries_a_statement_again_three_seconds_after_the_loss() -> None:
    assert [f.number for f in scan_text(RETRIED, zone=UTC).failures] == [2006]
    assert scan_text(RETRIED.replace("28:17", "28:37"), zone=UTC).total == 2
    assert scan_text(RETRIED.replace("(Recorder)", "(Worker_2)", 1), zone=UTC).total == 2


def test_the_targets_own_socket_file_is_the_database() -> None:
    text = (
        "2026/11/28 10:11:13 order 2 failed: dial unix /srv/run/s.sock: connect: connection refused\n"
        "2026/11/28 10:12:14 order 3 failed: write unix @->/srv/run/s.sock: write: broken pipe\n"
    )
    places = endpoints_of(None, 3306, "/srv/run/s.sock")
    assert [f.signal for f in scan_text(text, zone=UTC, endpoints=places).failures] == [
        "client.refused",
        "client.sending-packet",
    ]
    assert scan_text(text, zone=UTC, endpoints=endpoints_of(None, 3306)).total == 0
