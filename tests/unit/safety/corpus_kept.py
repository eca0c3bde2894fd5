# ruff: noqa: E501
"""Lines that look like secrets and are none, and lines that an operator needs as they are.

Variables and their values, the errors of servers and drivers, accounts and hosts, times, digests.
"""

KEEP = r"""
password_history=0
password_history = 6
password_reuse_interval=0
default_password_lifetime: 360
default_password_lifetime=0
disconnect_on_expired_password=ON
password_require_current = OFF
validate_password.length=8
validate_password.policy=MEDIUM
validate_password_policy: LOW
validate_password.mixed_case_count = 1
validate_password.special_char_count=1
validate_password.number_count=1
validate_password.check_user_name=ON
validate_password.dictionary_file=/etc/mysql/words.txt
validate_password.changed_characters_percentage=0
generated_random_password_length=20
old_passwords=0
old_passwords = 1
max_password_errors=4294967295
strict_password_validation=ON
simple_password_check_digits=1
simple_password_check_minimal_length = 8
simple_password_check_other_characters=1
caching_sha2_password_digest_rounds=5000
caching_sha2_password_auto_generate_rsa_keys=ON
caching_sha2_password_private_key_path=private_key.pem
caching_sha2_password_public_key_path=public_key.pem
sha256_password_proxy_users=OFF
sha256_password_auto_generate_rsa_keys=ON
mysql_native_password=OFF
mysql_native_password_proxy_users=OFF
check_proxy_users=OFF
default_authentication_plugin=caching_sha2_password
default_authentication_plugin=mysql_native_password
authentication_policy=*,,
secure_auth=ON
key_buffer_size=134217728
key_cache_block_size = 1024
sort_key_blocks=5
foreign_key_checks=ON
innodb_encryption_rotate_key_age=1
innodb_encryption_threads=4
default_table_encryption=OFF
keyring_file_data=/var/lib/mysql-keyring/keyring
keyring_operations=ON
ssl_key=/etc/mysql/ssl/server-key.pem
ssl-key = /etc/mysql/ssl/server-key.pem
ssl_key=server-key.pem
private_key: /etc/mysql/key.pem
private_key_path=/etc/mysql/key.pem
admin_ssl_key=/etc/mysql/admin-key.pem
tls_cert: /etc/x.crt
server_public_key_path=/etc/mysql/public_key.pem
password_file=/run/secrets/mysql
MYSQL_ROOT_PASSWORD_FILE=/run/secrets/db_root
MYSQL_PASSWORD_FILE: /run/secrets/db
--password-file=/etc/pw
secretName: db-credentials
secretKeyRef: name: db key: password
passwordSecretRef: db-credentials
PASSWORD_LOCK_TIME=2 FAILED_LOGIN_ATTEMPTS=3
token_count=5 tokens=128
max_tokens: 4096
prompt_tokens=12, completion_tokens=7
auth_retry_count=3
auth_timeout=10
key_len: 4
possible_keys: PRIMARY,idx_a
key_length=767
password_last_changed: 2026-08-05 13:00:00
password_expired: N
password_lifetime=NULL
account_locked: N
User=app password_set=1
DB_PASSWORD=null
hasPassword: true
password: false
use_password=true
using password: YES
Access denied for user 'app'@'10.0.0.1' (using password: YES)
Plugin 'mysql_native_password' is not loaded
[Warning] [MY-013360] [Server] Plugin mysql_native_password reported: ''mysql_native_password' is deprecated and will be removed in a future release. Please use caching_sha2_password instead'
Authentication plugin 'caching_sha2_password' reported error: Authentication requires secure connection.
Your password does not satisfy the current policy requirements
Your password has expired. To log in you must change it using a client that supports expired passwords.
Client does not support authentication protocol requested by server; consider upgrading MySQL client
2026-08-05T13:00:00.123456Z 12 [Note] [MY-010914] [Server] Aborted connection 12 to db: 'shop' user: 'app' host: '10.0.0.7' (Got timeout reading communication packets).
2026-08-05T13:00:00.123456Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.36) starting as process 1234
2026-08-05 13:00:00 0 [Note] InnoDB: log sequence number 4111222233334444; transaction id 1234567
2026-08-05 13:00:00 0 [Note] InnoDB: Buffer pool(s) load completed at 260805 13:00:00
2026-08-05T13:00:00Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.
2026-08-05 13:00:00 0 [Note] Server socket created on IP: '0.0.0.0'.
2026-08-05 13:00:00 0 [Note] InnoDB: Using Linux native AIO
2026-08-05T13:00:00Z 8 [Warning] [MY-010055] [Server] IP address '10.0.0.9' could not be resolved: Name or service not known
2026-08-05T13:00:00Z 8 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11
Can't connect to MySQL server on 'db.example:3306' (110)
Unknown MySQL server host 'db.example' (-2)
Host '10.0.0.9' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'
Too many connections
User 'app' has exceeded the 'max_user_connections' resource (current value: 10)
(1203, "User app already has more than 'max_user_connections' active connections")
Table './shop/orders' is marked as crashed and should be repaired
Incorrect key file for table './shop/orders.MYI'; try to repair it
Lock wait timeout exceeded; try restarting transaction
Deadlock found when trying to get lock; try restarting transaction
Unknown database 'shop'
Table 'shop.orders' doesn't exist
Unknown column 'a.b' in 'field list'
SQLSTATE[HY000] [2002] Connection refused
SQLSTATE[HY000]: General error: 2006 MySQL server has gone away
PHP Warning:  mysqli::__construct(): (HY000/2002): Connection refused in /srv/www/a.php on line 2
PDO::__construct(): Error while reading greeting packet. PID=17 in /srv/app/Connector.php on line 70
{"level":"error","ts":"2026-08-05T13:00:00Z","logger":"db","msg":"invalid connection"}
{"level":"warn","time":"2026-08-05T13:00:00.123Z","host":"web1","pid":12,"msg":"driver: bad connection"}
{"timestamp": "2026-08-05T13:00:00Z", "severity": "ERROR", "message": "MySQL server has gone away"}
{"code":"PROTOCOL_CONNECTION_LOST","errno":"ECONNRESET","sqlState":"HY000","fatal":true}
  code: 'ER_CON_COUNT_ERROR', errno: 1040, sqlState: '08004'
com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure
The last packet successfully received from the server was 28,800,123 milliseconds ago.
HikariPool-1 - Connection is not available, request timed out after 30000ms (total=10, active=10, idle=0, waiting=5)
HikariPool-1 - Failed to validate connection com.mysql.cj.jdbc.ConnectionImpl@1a2b3c4d (No operations allowed after connection closed.). Possibly consider using a shorter maxLifetime value.
[mysql] 2026/08/05 13:00:00 packets.go:122: closing bad idle connection: EOF
read tcp 10.0.0.4:53124->10.0.0.9:3306: i/o timeout
dial tcp 10.0.0.9:3306: connect: connection refused
Error: connect ETIMEDOUT 10.0.0.9:3306 at Connection._handleTimeoutError
mysql://app@db:3306/shop
jdbc:mysql://db:3306/shop?useSSL=false&connectTimeout=5000
app@tcp(db:3306)/shop?timeout=5s&readTimeout=30s
host=db port=3306 user=app dbname=shop
max_allowed_packet=64M wait_timeout=28800 interactive_timeout=28800
wait_timeout: 28800
SET GLOBAL wait_timeout = 600
SET GLOBAL key_buffer_size = 268435456
SET GLOBAL password_history = 6
SET GLOBAL max_connections=500;
SET autocommit=0
SET PERSIST default_password_lifetime = 180
SET SESSION net_write_timeout=600
digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 count 12
query digest: 0x9F86D081884C7D65
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
GTID 3E11FA47-71CA-11E1-9E33-C80AA9429562:1-77
server_uuid=3e11fa47-71ca-11e1-9e33-c80aa9429562
commit 77378ff deployed to web1
thread 139824512345678 has waited at srv0srv.cc line 1234
OS thread handle 139824512345678, query id 4711
pid 4711 uid 112 exe "/usr/sbin/mysqld"
Out of memory: Killed process 71414 (mysqld) total-vm:8388608kB, anon-rss:4194304kB
Aug 05 13:00:00 db1 systemd[1]: mariadb.service: Main process exited, code=killed, status=9/KILL
Aug 05 13:00:00 db1 kernel: [12345.678901] TCP: request_sock_TCP: Possible SYN flooding on port 3306. Sending cookies.
nf_conntrack: table full, dropping packet
haproxy[7]: 10.0.0.4:53124 [05/Aug/2026:13:00:00.123] mysql mysql/db1 1/0/28800123 1234 cD 5/5/5/5/0 0/0
ProxySQL: MySQL_Session.cpp:1234:handler(): [WARNING] Killing client connection 10.0.0.4:53124 because of idle timeout
maxscale: (42) [readwritesplit] Lost connection to server 'db1'
The token bucket is empty: 5 requests dropped
CSRF token mismatch
token expired at 2026-08-05T13:00:00Z
invalid token, retry
session_token is missing
primary key: id
Duplicate key name 'idx_a'
key 'PRIMARY'
the key is too long
secret santa list
my.cnf: password is set in /etc/mysql/debian.cnf
password for app expires in 5 days
Passwords must have 8 characters
password changed for user app
reset password for app
change the password to a longer one
set the password to expire
the login with user app password expired
kex_exchange_identification: Connection closed by remote host
Failed password for invalid user admin from 10.0.0.9 port 53124 ssh2
Failed password for root from 10.0.0.9 port 53124 ssh2
Accepted publickey for app from 10.0.0.4 port 53124 ssh2: ED25519 SHA256:abc
session opened for user app by (uid=0)
pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9
new password required
invalid password attempt
wrong password for app
bad password, try again
invalid password supplied
new password must differ from the old one
default password policy
generated password is shown once
password [optional]
password [1]
echo done | tee /var/log/x.log
log in with root as before
health checks passed: 5, failed: 0
the test passes: 3 of 4
bypass: enabled
use -p, --password-file or ~/.my.cnf
ALTER USER app PASSWORD EXPIRE NEVER
password hash: bcrypt
secret rotation: done
the token for app is used for replication
3306/tcp -> 0.0.0.0:3306
User Load (0.5ms)
query id 44 localhost app updating
2026-08-05 13:00:00 0 [Note] InnoDB: 8.0.36 started; log sequence number 20021554
[rows:0] done in 3 ms
[ERROR] /usr/sbin/mysqld: unknown variable 'max_conections=500'
[ERROR] unknown option '--innodb-buffer-pool-sizes=4G'
error: DELETE /orders/7 500 - Lost connection to MySQL server during query
[api] DELETE /orders/7 failed: read ECONNRESET
[req] UPDATE order 7 failed: MySQL server has gone away
[worker] IMPORT of 7 orders failed: MySQL server has gone away
[7] EXECUTE job 7: MySQL server has gone away
Error: ROLLBACK - Can't add new command when connection is in closed state
Error: COMMIT failed: MySQL server has gone away (2006)
Nov 20 06:12:01 db1 kernel: DROP IN=eth0 SRC=10.0.0.7 DPT=3306
[pool] TABLE orders is marked as crashed and should be repaired (145)
WARN: KILL signal 9 received by worker 12
state: DO NOT retry 3 times
the statement was interrupted (KILL QUERY); the connection lives on
the job said “MySQL server has gone away” and ended
the job said ‘Lost connection to MySQL server during query’ (2013)
An exception occurred while executing a query: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away
could not execute query: java.util.concurrent.CompletionException: io.vertx.core.VertxException: Connection not open CLOSED
textPayload:  "2018-06-21T11:48:01.204711Z 330218 [Note] Aborted connection 330218 to db: 'shop' user: 'app' host: 'web1' (Got an error reading communication packets)"
[error] SQL query failed: "p1_mysql_recv: socket was closed"
p1_mysql_conn: init error 1040: "#08004Too many connections"
failed with error "Can't add new command when connection is in closed state". We are killing its connection
err="get connection: Error 1040: Too many connections"
cause: '(conn:82, no: 1040, SQLState: 08004) Too many connections'
Mysql.Error("Mysql.exec: Server has gone away")
Interrotta la connessione 64 al db: ''unconnected' utente: 'root' host: 'localhost' (x)
  password: process.env.DB_PASSWORD,
""".strip().splitlines()
