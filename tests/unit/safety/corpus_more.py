# ruff: noqa: E501, E101
"""Further shapes of values and passwords: drivers, stack traces, orchestration, dialects of SQL.

As those of `corpus`, whose sentinels stand in for `{w}`, `{n}` and `{p}`. What is a secret was
judged before any was tried.
"""

STATEMENTS = r"""
SELECT * FROM t WHERE a = '{w}
SELECT * FROM t WHERE a IN ('x', '{w}', '{w}
INSERT INTO t VALUES ('a', '{w}
UPDATE u SET note='{w}' , x="{w}
SELECT ’{w}’ FROM t
SELECT * FROM t WHERE a = ‘{w}’
SELECT * FROM t WHERE a = “{w}”
SELECT * FROM t WHERE a = «{w}»
SELECT * FROM t WHERE a = ´{w}´
SELECT * FROM t WHERE a = "{w}" AND "b" = {n}
SELECT "id" FROM "users" WHERE "email" = '{w}'
SELECT * FROM t WHERE a = 'x\' OR b = '{w}' --
SELECT * FROM t WHERE path = 'C:\{w}\' AND b = '{w}'
SELECT * FROM t WHERE path = 'C:\\' AND b = '{w}'
SELECT * FROM t WHERE a = 'it''s' AND b = '{w}'
SELECT * FROM t WHERE a = '' '{w}' ''
SELECT * FROM t WHERE a = ''{w}''
SELECT * FROM t WHERE a = ''''{w}''''
SELECT * FROM t WHERE a = _binary'{w}'
SELECT * FROM t WHERE a = _binary X'{n}'
SELECT * FROM t WHERE a = n'{w}'
SELECT * FROM t WHERE a = 0b01 OR b=0x{n}
SELECT * FROM t WHERE a = X"{n}"
SELECT * FROM t WHERE a = {n}.
SELECT * FROM t WHERE a = .{n}
SELECT * FROM t WHERE a = 1e{n}
SELECT * FROM t WHERE a = DATE'{w}'
SELECT * FROM t WHERE a = TIMESTAMP '{w}'
SELECT * FROM t WHERE j = CAST('{{"name": "{w}", "card": {n}}}' AS JSON)
SELECT * FROM t WHERE j = JSON_OBJECT('k', '{w}', 'n', {n})
SELECT JSON_ARRAY({n}, "{w}")
SELECT j->>"$.{w}" FROM t
SELECT * FROM t WHERE '{w}' MEMBER OF (j->'$.a')
SELECT /*+ SET_VAR(sort_buffer_size={n}) QB_NAME({w}) */ a FROM t
SELECT /*+ MAX_EXECUTION_TIME({n}) */ a FROM t WHERE b = '{w}'
SELECT a FROM t WHERE b = '/*' AND c = '{w}' AND d = '*/'
SELECT a FROM t WHERE b = '--' AND c = '{w}'
SELECT a FROM t WHERE b = '#' AND c = '{w}'
SELECT a /* it's */ FROM t WHERE c = '{w}'
SELECT a -- it's {w}
SELECT a /* " */ FROM t WHERE c = "{w}"
SELECT a FROM t WHERE b = "'" AND c = '{w}'
SELECT a FROM t WHERE b = '"' AND c = "{w}"
SELECT a FROM t WHERE b = '`' AND c = '{w}' AND `d` = 1
SELECT a FROM `t` WHERE `it's` = '{w}'
SELECT a FROM `t` WHERE b = '{w}' AND `{w}
SELECT a FROM t WHERE b = '{w}'; INSERT INTO log VALUES ('{w}', {n}); COMMIT
DELIMITER // CREATE PROCEDURE p() BEGIN DECLARE x VARCHAR(20) DEFAULT '{w}'; END //
CREATE PROCEDURE p() BEGIN DECLARE x INT DEFAULT {n}; SET x = {n}; END
CREATE PROCEDURE p() SQL SECURITY INVOKER COMMENT '{w}' SELECT 1
CREATE DEFINER=`app`@`%` TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = '{w}'
CREATE TABLE t (a INT CHECK (a <> {n}), b VARCHAR(9) AS (CONCAT('{w}', a)) STORED)
CREATE TABLE t (a INT) COMMENT='{w}' DATA DIRECTORY='/data/{w}'
CREATE TABLE t (a INT) PARTITION BY LIST COLUMNS (a) (PARTITION p VALUES IN ('{w}', {n}))
ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN ('{w}'))
ALTER TABLE t MODIFY a ENUM('{w}','x') NOT NULL DEFAULT '{w}'
ALTER TABLE t ALTER COLUMN a SET DEFAULT '{w}'
ALTER DATABASE d COMMENT '{w}'
ALTER EVENT e COMMENT '{w}' DO UPDATE t SET a = {n}
ALTER USER app COMMENT '{w}'
ALTER USER app ATTRIBUTE '{{"owner": "{w}"}}'
CREATE USER app COMMENT '{w}'
CREATE RESOURCE GROUP g TYPE=USER VCPU={n}
EXECUTE s USING '{w}', {n}
EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?)' USING '{w}'
EXECUTE IMMEDIATE "UPDATE t SET a = '{w}'"
PREPARE s FROM 'UPDATE t SET a = ''{w}'''
SET @q = CONCAT('SELECT * FROM t WHERE a = ', QUOTE('{w}'))
SET @a := (SELECT b FROM t WHERE c = '{w}')
SET @card = {n}, @@session.sql_mode = ''
SET SESSION sql_mode = 'ANSI_QUOTES', @a = '{w}'
SET NAMES utf8mb4 COLLATE '{w}'
SET CHARACTER SET '{w}'
SET TIMESTAMP={n}; SELECT '{w}'
SET PROFILING = 1; SELECT {n}
LOAD DATA LOCAL INFILE '/home/{w}/cards.csv' INTO TABLE t FIELDS TERMINATED BY ',' ENCLOSED BY '"' SET a = '{w}'
SELECT a FROM t WHERE b = '{w}' INTO OUTFILE '/tmp/{w}' FIELDS TERMINATED BY ','
SELECT a FROM t PROCEDURE ANALYSE({n})
HANDLER t READ FIRST WHERE a = '{w}'
GET STACKED DIAGNOSTICS CONDITION 1 @p = '{w}'
CALL shop.pay('{w}', {n}, @result)
CALL shop.pay({w}, {w}
SHOW FULL COLUMNS FROM t LIKE '{w}'
SHOW PROCEDURE STATUS WHERE Name = '{w}'
SHOW WARNINGS LIMIT {n}
SHOW BINLOG EVENTS IN '{w}' FROM {n}
EXPLAIN FORMAT=JSON SELECT * FROM t WHERE a='{w}'
EXPLAIN FOR CONNECTION {n}
KILL QUERY ID {n}
KILL USER '{w}'
GRANT SELECT (a) ON d.t TO 'x'@'%' WITH GRANT OPTION /* {w} */
WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c WHERE n < {n}) SELECT '{w}' FROM c
SELECT a FROM t AS OF TIMESTAMP '{w}'
SELECT a FROM t FOR SYSTEM_TIME AS OF '{w}'
SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY FIELD(c,'{w}')) FROM t
SELECT GROUP_CONCAT(a SEPARATOR '{w}') FROM t
SELECT a FROM t WHERE b REGEXP '^{w}[0-9]{{3}}$' AND c REGEXP BINARY "{w}"
SELECT REGEXP_REPLACE(a, '{w}', "{w}") FROM t
SELECT STR_TO_DATE('{w}', '%Y') FROM t
SELECT a FROM t WHERE b = CONVERT('{w}', CHAR) AND ST_Contains(ST_GeomFromText('POINT({n} 1)'), p)
SELECT a FROM JSON_TABLE('[{{"x":"{w}"}}]', '$[*]' COLUMNS (x TEXT PATH '$.x')) AS j
SELECT a FROM t WHERE UUID_TO_BIN('{w}') = id
SELECT a FROM t WHERE b = :name /* {{name: '{w}'}} */
SELECT a FROM t WHERE b = ? -- params: ['{w}', {n}]
SELECT a FROM t WHERE b = %(x)s ; {{'x': '{w}'}}
SELECT a FROM t WHERE b = ? ['{w}', {n}]
SELECT a FROM t WHERE b = ? | {w} | {n}
UPDATE `users` SET `email` = '{w}', `card` = {n} WHERE `users`.`id` = {n}
UPDATE users SET j = JSON_SET(j, '$.a', CAST('{{"x":"{w}"}}' AS JSON)) WHERE id = 1
REPLACE DELAYED INTO t (a) VALUES ("{w}")
INSERT INTO t (a, b) VALUES ('a'), ('{w}\'s'), ('x\\', '{w}')
INSERT INTO t VALUES (NULL, 'a;b', '{w}'); -- {w}
INSERT INTO t VALUES (0x{n}, b'1', _utf8'{w}')
INSERT INTO t (c) VALUES ("He said ""{w}"" and 'left'")
INSERT INTO t (a) VALUES ('🙂', '{w}'), ('\0', "{w}")
INSERT INTO t (a) SELECT '{w}' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = {n})
DELETE FROM t WHERE (a, b) IN (('{w}', {n}), ('x', 2))
DELETE a, b FROM a INNER JOIN b USING (id) WHERE a.x = "{w}"
MERGE INTO t USING u ON (t.a = '{w}') WHEN MATCHED THEN UPDATE SET b = {n}
select * from orders where customer = {w} and card={n} order by id
select * from t where name={w} {w}-{w} and x=1
select * from t where name = {w}'s
select * from t where a = {w}; drop table x
SELECT 1 FROM t WHERE a = 'x' AND b = ('{w}')
SELECT a FROM t WHERE b LIKE CONCAT('%', '{w}', '%')
SELECT a FROM t WHERE b = !'{w}' XOR ~{n}
SELECT CASE WHEN a = {n} THEN "{w}" END
SELECT * FROM t WHERE a = TRUE AND b = '{w}' LOCK IN SHARE MODE
SELECT HEX('{w}'), UNHEX('{n}'), TO_BASE64("{w}"), MD5('{w}'), CRC32({n})
SELECT EXTRACTVALUE('<a>{w}</a>', '/a'), XMLELEMENT(NAME x, '{w}')
SELECT GTID_SUBSET('{w}:1-{n}', @@gtid_executed)
SELECT MASTER_POS_WAIT('{w}', {n})
SELECT {n} FROM DUAL WHERE '{w}'='{w}'
ANALYZE FORMAT=JSON UPDATE t SET a='{w}'
VALUES ({n}, '{w}')
SELECT * FROM (VALUES ('{w}', {n})) AS v
XA START 'a','{w}', {n}
XA RECOVER CONVERT XID /* {w} */
INSTALL COMPONENT '{w}'
CREATE LOGFILE GROUP g ADD UNDOFILE '{w}'
SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{w}', MYSQL_ERRNO = {n}
BEGIN NOT ATOMIC DECLARE v INT DEFAULT {n}; INSERT INTO t VALUES ('{w}'); END
IF (SELECT 1) THEN INSERT INTO t VALUES ('{w}'); END IF
SELECT * FROM t WHERE a = '{w}' /*!80000 AND b = '{w}' */
SELECT a FROM t WHERE b = ('{w}' COLLATE utf8mb4_bin)
SELECT a.b, '{w}' x FROM t a
SELECT ALL '{w}'
SELECT STRAIGHT_JOIN '{w}' FROM a, b
SELECT HIGH_PRIORITY {n} FROM t
SELECT * FROM t1, (SELECT '{w}' AS a) x
SELECT EXISTS(SELECT 1 FROM t WHERE a='{w}')
SELECT * FROM t WHERE a = ANY (SELECT '{w}')
SELECT COALESCE(NULL, "{w}"), NULLIF({n}, 1)
SELECT * FROM t WHERE a->'$.b' LIKE '%{w}' OR c = {n}
SELECT LAST_INSERT_ID({n}), @x:='{w}'
SELECT NEXT VALUE FOR s, '{w}'
SELECT SETVAL(s, {n})
SELECT a FROM t WHERE d BETWEEN '{w}' AND NOW() - INTERVAL {n} SECOND
SELECT a FROM t ORDER BY a = '{w}' DESC LIMIT {n}, 10
SELECT a FROM t GROUP BY a WITH ROLLUP HAVING a = '{w}'
SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = '{w}') FOR SHARE
SELECT 'a' 'b' '{w}'
SELECT "a" "b" "{w}" FROM t
SELECT 'a"b', "c'd", '{w}'
SELECT 'a' -- '{w}
SELECT 'tab	{w}' FROM t
SELECT E'{w}\'s'
SELECT q'[{w}]' FROM dual
SELECT U&'{w}'
INSERT INTO t (a) VALUES ('{w}') AS new ON DUPLICATE KEY UPDATE a = new.a
INSERT INTO t VALUES (DEFAULT, "{w}", NOW()), ( {n} , '{w}' )
INSERT INTO t () VALUES (); SELECT '{w}'
INSERT LOW_PRIORITY INTO db.t SET `a`='{w}'
INSERT INTO t TABLE u /* {w} */
REPLACE INTO db.t SELECT {n}, '{w}'
UPDATE t SET a = CASE WHEN b = {n} THEN '{w}' ELSE a END
UPDATE LOW_PRIORITY t SET a='{w}' ORDER BY b LIMIT {n}
UPDATE t JOIN u USING (id) SET t.a = "{w}"
DELETE QUICK FROM t WHERE a='{w}'
DELETE FROM t PARTITION (p0) WHERE a = {n}
LOAD DATA CONCURRENT LOCAL INFILE '{w}' REPLACE INTO TABLE t
CALL `db`.`p`("{w}", {n})
CALL p(@a, '{w}')
CALL p(NULL, {n}, x'{n}')
DO @a := '{w}'
SET @a='{w}',@b="{w}",@c={n}
SET @@GLOBAL.init_connect="SET @x='{w}'"
SET GLOBAL init_connect='INSERT INTO log VALUES ("{w}")'
SET PERSIST init_connect = 'SELECT {n}'
SET x = {n}
SET a.b = '{w}'
SET PASSWORD = '{w}'
SET ROLE '{w}'
SET RESOURCE GROUP g FOR {n}
PREPARE s FROM 'SELECT * FROM t WHERE a = "{w}"'
EXECUTE s USING {n}
EXPLAIN ANALYZE SELECT * FROM t WHERE a = '{w}'
EXPLAIN DELETE FROM t WHERE a='{w}'
DESC SELECT '{w}'
ALTER TABLE t ADD CONSTRAINT CHECK (a <> '{w}')
ALTER TABLE t ADD COLUMN a INT DEFAULT {n} COMMENT "{w}"
ALTER VIEW v AS SELECT '{w}'
CREATE OR REPLACE VIEW v AS SELECT {n}
CREATE TEMPORARY TABLE x SELECT '{w}' a
CREATE TABLE x LIKE y /* {w} */
CREATE EVENT e ON SCHEDULE AT '{w}' DO CALL p('{w}')
CREATE PROCEDURE p(IN a INT) BEGIN IF a = {n} THEN SELECT '{w}'; END IF; END
CREATE FUNCTION f(s CHAR(20)) RETURNS CHAR(50) DETERMINISTIC RETURN CONCAT('{w}',s)
CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER '{w}', HOST '{w}')
GRANT ALL ON *.* TO u@'%' ATTRIBUTE '{w}'
PURGE BINARY LOGS BEFORE '{w}'
CHANGE MASTER TO MASTER_LOG_FILE='{w}', MASTER_LOG_POS={n}
FLUSH TABLES WITH READ LOCK /* {w} */
SHOW INDEX FROM t WHERE Key_name = '{w}'
SHOW STATUS LIKE "{w}"
SHOW PROFILE FOR QUERY {n}
SHOW CREATE TABLE t -- {w}
XA END X'{n}'
BEGIN /* {w} */
START TRANSACTION WITH CONSISTENT SNAPSHOT /* {w} */
SAVEPOINT s /* {w} */
USE shop -- {w}
TRUNCATE t /* {w} */
WITH a AS (SELECT {n}), b AS (SELECT '{w}') UPDATE t SET c = '{w}'
SELECT a FROM t WHERE b='{w}'\G
SELECT a FROM t WHERE b='{w}';
  SELECT a FROM t WHERE b='{w}'
select a from t where b='{w}'
SeLeCt a FrOm t WhErE b='{w}'
SELECT/**/a/**/FROM/**/t/**/WHERE/**/b='{w}'
SELECT a FROM t WHERE b=0x{n}/*{w}*/
SELECT a FROM t WHERE b= '{w}'AND c=1
SELECT a FROM t WHERE b=-{n}
SELECT a FROM t WHERE b='{w}' AND c IS NOT NULL AND d != '{w}'
SELECT a FROM `o'brien` WHERE b = '{w}'
SELECT a FROM t WHERE b = "it's {w}"
SELECT a FROM t WHERE b = 'say "{w}"'
SELECT a FROM t WHERE b = '\'{w}\''
SELECT a FROM t WHERE b = '\\\'{w}'
SELECT a FROM t WHERE b = '{w}…
""".strip().splitlines()

LINES = r"""
260805 13:00:00	   12 Query	{s}
		   12 Query	{s}
2026-08-05T13:00:00.123456Z	   12 Execute	{s}
2026-08-05T13:00:00.123456Z	   12 Prepare	{s}
2026-08-05 13:00:00 12 [ERROR] mysqld: Query '{s}' failed
2026-08-05 13:00:00 0 [Warning] [MY-010055] Unsafe statement written to the binary log. Statement: {s}
Query (0x7f12a4005678): {s}
2026-08-05 13:00:00.123  WARN 7 --- [http-1] c.z.h.p.ProxyConnection : Connection marked as broken; SQL [{s}]; gone away
org.springframework.dao.RecoverableDataAccessException: StatementCallback; SQL [{s}]; Communications link failure
Error: Connection lost: The server closed the connection. sql: '{s}'
django.db.utils.OperationalError: (2006, '') while executing: {s}
An exception occurred while executing '{s}' with params ["x"]:
[mysql] 2026/08/05 13:00:00 packets.go:122: closing bad idle connection; query="{s}"
time="2026-08-05T13:00:00Z" level=error msg="invalid connection" query="{s}" rows=0
{{"level":"error","msg":"gone away","sql":"{s}"}}
  Prisma: Invalid `prisma.$queryRaw()` invocation: Raw query failed. Code: `2013`. Query: {s}
DBD::mysql::st execute failed: MySQL server has gone away [for Statement "{s}"] at /x.pl line 5.
2026-08-05T13:00:00.123456Z	   12 Query	{s}
2026-08-05 13:00:00 [ERROR] Failed to execute query: {s}
2026-08-05 13:00:00 ERROR db.py:12 query failed: {s} (2006, 'MySQL server has gone away')
PDOException: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away in query "{s}" in /var/www/x.php:12
### SQL: {s}
(node:1) UnhandledPromiseRejection: Error: Query inactivity timeout sql: "{s}"
    sql: "{s}",
{{"query":"{s}","error":"invalid connection"}}
[for Statement "{s}" with ParamValues: 0='zsentinelz', 1=4111222233334444]
Slave SQL: Error 'Duplicate entry 'zsentinelz' for key 'PRIMARY'' on query. Default database: 'shop'. Query: '{s}', Error_code: 1062
[Warning] Unsafe statement written to the binary log using statement format. Statement: {s}
Query (7f1c3c012345): {s}
ERROR 1064 (42000) at line 3: You have an error in your SQL syntax near '{s}' at line 1
""".strip().splitlines()

UNMARKED = r"""
Mysql2::Error::ConnectionError: MySQL server has gone away: {s}
WordPress database error MySQL server has gone away for query {s} made by require('wp-blog-header.php'), wp
[2026-08-05T13:00:00] doctrine.DEBUG: {s} {{"0":"zsentinelz"}} []
ActiveRecord::StatementInvalid: Mysql2::Error: MySQL server has gone away: {s}
  User Load (0.5ms)  {s}
### Error querying database.  Cause: java.sql.SQLException: {s}
Hibernate: {s}
DEBUG: ==>  Preparing: {s}
2026/08/05 13:00:00 [3.2ms] [rows:0] {s}
System.Data.SqlClient: Failed executing DbCommand (5ms) [Parameters=[@p0='zsentinelz'], CommandType='Text'] {s}
*** (1) TRANSACTION: MySQL thread id 5, query id 9 localhost app updating {s}
""".strip("\n").splitlines()
"""Lines in which nothing says that a statement follows."""

SECRETS = (
    r"""
spring.datasource.url=jdbc:mysql://db:3306/shop?user=app&password={p}&useSSL=false
jdbc:mysql:replication://app:{p}@master,app:{p}@slave/shop
jdbc:mariadb:sequential://h1,h2/shop?user=app&password={p}
jdbc:mysql://db/shop?user=app&amp;password={p}&amp;x=1
jdbc:mysql://db/shop?trustCertificateKeyStorePassword={p}
jdbc:mysql:aws://db/x?user=a&secretKey={p}
mysql://app:{p}@/shop?unix_socket=/run/m.sock
mysql://app:{p}@db,db2:3306/shop
mysql+mysqldb://app:{p}@/shop
mysql+asyncmy://app:{p}@db/x
cloudsql-mysql: app:{p}@cloudsql(proj:region:inst)/x
app:{p}@tcp([de:ad:be:ef::ca:fe]:3306)/x
app:{p}@tcp(db)/x?tls=skip-verify
"app:{p}@tcp(127.0.0.1:3306)/shop"
dsn: app:{p}@unix(/tmp/m.sock)/x
Server=db;Port=3306;Database=x;Uid=app;Password='{p}';SslMode=None
server=db;user=app;database=x;password="{p}";
Server=db;User=app;PASSWORD ={p};Pooling=true
DRIVER={{MariaDB}};SERVER=db;USER=app;PASSWORD={{{p}}};OPTION=3
provider=MySql.Data.MySqlClient;password={p}
"ConnectionStrings": {{"Default": "Server=db;User=app;Password={p};"}}
<add name="Shop" connectionString="server=db;user id=app;pwd={p};database=x" providerName="MySql"/>
<Resource name="jdbc/x" username="app" password="{p}" url="jdbc:mysql://db/x"/>
<param name="db-password">{p}</param>
<password-credential name="p"><password>{p}</password></password-credential>
<security><user-name>app</user-name><password>{p}</password></security>
<data-source><password><![CDATA[{p}]]></password></data-source>
<connection-property name="password">{p}</connection-property>
<entry key="hibernate.connection.password" value="{p}"/>
#0 /app/Db.php(12): PDO->__construct('mysql:host=db', 'app', '{p}', Array)
#1 /app/Db.php(12): mysqli->__construct('db', 'app', '{p}', 'shop', 3306)
#2 /app/wp-db.php(10): wpdb->__construct('app', '{p}', 'shop', 'db')
#3 /app/Db.php(12): Redis->auth('{p}')
#4 /app/Db.php(12): Doctrine\DBAL\DriverManager::getConnection(Array('driver' => 'pdo_mysql', 'password' => '{p}'))
#5 /app/X.php(3): App\Auth->attempt('app@example.com', '{p}')
#6 /app/X.php(3): password_verify('{p}', '$2y$10$abc')
#7 /app/X.php(3): App\User->setPassword('{p}')
#8 /app/X.php(3): ldap_bind(Resource id #3, 'cn=app', '{p}')
#9 /app/X.php(3): ftp_login(Resource id #3, 'app', '{p}')
  File "/app/db.py", line 7, in connect    conn = MySQLdb.connect(host="db", user="app", passwd="{p}")
  File "/app/db.py", line 7, in <module>    engine = create_engine("mysql://app:{p}@db/x")
E   kwargs = {{'database': 'x', 'host': 'db', 'password': '{p}', 'port': 3306}}
self = <Connection(user='app', password='{p}')>, args = ()
aiomysql.create_pool(host='db', user='app', password='{p}', db='x')
mariadb.connect(user="app", password="{p}", host="db")
databases.Database("mysql://app:{p}@db/x")
peewee.MySQLDatabase('x', user='app', passwd='{p}')
SQLALCHEMY_DATABASE_URI = 'mysql://app:{p}@db/x'
ConnectionConfig {{ host: 'db', user: 'app', password: '{p}', database: 'x' }}
Error: connect ECONNREFUSED config: {{"host":"db","user":"app","password":"{p}"}}
new Sequelize('shop', 'app', '{p}', {{ host: 'db', dialect: 'mysql' }})
sequelize = new Sequelize("shop", "app", "{p}")
knex({{ client: 'mysql2', connection: {{ host: 'db', user: 'app', password: '{p}' }} }})
TypeORM DataSource({{type: "mysql", username: "app", password: "{p}"}})
DATABASE_URL="mysql://app:{p}@db:3306/x?connection_limit=5"
mysql.createConnection('mysql://app:{p}@db/x?debug=true')
process.env.DB_PASS = '{p}'
at Db.open (db.js:3:5) {{ password: '{p}' }}
main.open(0xc0001, {{0x1, "app"}}, "{p}") password="{p}"
&{{User:app Passwd:{p} Net:tcp}}
mysql.Config{{User: "app", Passwd: "{p}"}}
gorm.Open(mysql.Open("app:{p}@tcp(db:3306)/x"))
DSN: app:{p}@(db:3306)/x?charset=utf8mb4
Mysql2::Client.new(host: "db", username: "app", password: "{p}")
{{:host=>"db", :username=>"app", :password=>"{p}", :reconnect=>true}}
establish_connection(adapter: "mysql2", password: '{p}')
Sequel.connect('mysql2://app:{p}@db/x')
System.Data.MySqlClient: Password={p}; Unable to connect
new MySqlConnectionStringBuilder {{ Server = "db", Password = "{p}" }}
optionsBuilder.UseMySql("server=db;user=app;password={p}")
Database.connect("jdbc:mysql://db/x", user = "app", password = "{p}")
DriverManager.getConnection(url, "app", "{p}")
ds.setPassword("{p}"); ds.setUser("app")
dataSource.password={p}
HikariConfig - password........................"{p}"
R2DBC: ConnectionFactoryOptions{{options={{driver=mysql, user=app, password={p}}}}}
r2dbc:mysql://app:{p}@db/x
diesel::MysqlConnection::establish("mysql://app:{p}@db/x")
OptsBuilder {{ user: Some("app"), pass: Some("{p}") }}
{{ok, Pid}} = mysql:start_link([{{host, "db"}}, {{user, "app"}}, {{password, "{p}"}}])
MyXQL.start_link(username: "app", password: "{p}")
config :shop, Shop.Repo, url: "ecto://app:{p}@db/x"
apiVersion: v1 kind: Secret data: MYSQL_PASSWORD: {p}
stringData: {{"password": "{p}"}}
  mysql-password: {p}
  mysqlRootPassword: "{p}"
  auth: {{rootPassword: {p}, username: app}}
  - name: DB_PASSWORD value: "{p}"
helm install db --set auth.rootPassword={p}
helm upgrade x --set-string mysql.auth.password={p},replicas=1
kubectl run x --env="MYSQL_PWD={p}"
docker run -d -e MYSQL_ROOT_PASSWORD={p} -p 3306:3306 mysql
docker run -e "MARIADB_ROOT_PASSWORD={p}" mariadb
docker run --env=MYSQL_PASSWORD={p} mysql
environment: MYSQL_ROOT_PASSWORD: {p}
ENV MYSQL_ROOT_PASSWORD={p}
declare -x MYSQL_PWD="{p}"
MYSQL_PWD='{p}' mysqldump -u root shop
$env:DB_PASSWORD = "{p}"
set DB_PASSWORD={p}
SetEnv DB_PASSWORD {p}
fastcgi_param DB_PASSWORD {p};
fastcgi_param DB_PASSWORD "{p}";
env[DB_PASSWORD] = {p}
php_value mysqli.default_pw {p}
mysqli.default_pw = {p}
$_ENV['DB_PASSWORD'] => {p}
  'DB_PASSWORD' => string(12) "{p}"
  ["DB_PASSWORD"]=> string(12) "{p}"
[DB_PASSWORD] => {p}
mysql_users= ( {{ username = "app" , password = "{p}" , active = 1 }} )
UPDATE global_variables SET variable_value='{p}' WHERE variable_name='mysql-monitor_password'
SET mysql-monitor_password='{p}'
SET admin-admin_credentials='admin:{p}'
SAVE: INSERT INTO mysql_users(username,password,default_hostgroup) VALUES ('app','{p}',1)
[Read-Service] user=maxscale password={p}
maxctrl create user app {p}
maxctrl --user=admin --password={p} list servers
maxctrl -u admin -p {p} list servers
monitorpw={p}
monitor_password={p}
replication_password={p}
backend mysql option mysql-check user haproxy password {p}
stats auth admin:{p}
user admin insecure-password {p}
http-request auth realm x password {p}
orchestrator "MySQLTopologyPassword": "{p}"
"MySQLOrchestratorPassword": "{p}"
CREATE USER 'app'@'%' IDENTIFIED BY '{p}' REQUIRE SSL
CREATE USER app IDENTIFIED WITH mysql_native_password BY "{p}" PASSWORD EXPIRE
CREATE USER app IDENTIFIED BY '{p}' AND IDENTIFIED WITH authentication_ldap_simple AS 'cn=x'
ALTER USER app ADD 2 FACTOR IDENTIFIED BY '{p}'
ALTER USER app IDENTIFIED BY '{p}' DISCARD OLD PASSWORD
ALTER USER app IDENTIFIED BY N'{p}'
ALTER USER app IDENTIFIED BY _utf8'{p}'
ALTER USER app IDENTIFIED BY '{p}
ALTER USER app IDENTIFIED BY "{p}
ALTER USER app IDENTIFIED BY ‘{p}’
CREATE USER app IDENTIFIED  BY	'{p}'
GRANT REPLICATION SLAVE ON *.* TO repl@'%' IDENTIFIED BY '{p}'
SET PASSWORD FOR 'app'@'%' = PASSWORD("{p}")
SET PASSWORD FOR app = '{p}' REPLACE '{p}'
SET PASSWORD TO RANDOM; SET PASSWORD = '{p}'
SELECT ENCRYPT('{p}'), PASSWORD("{p}")
SELECT AES_DECRYPT(UNHEX('aa'), '{p}')
SELECT AES_ENCRYPT(card, SHA2('{p}', 512)) FROM u
SELECT DES_ENCRYPT('x', '{p}'), ENCODE('x', '{p}')
SELECT VALIDATE_PASSWORD_STRENGTH('{p}')
SELECT KDF('{p}', 'salt', 1000)
CHANGE MASTER 'x' TO MASTER_HOST='h', MASTER_PASSWORD="{p}", MASTER_SSL=1
CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD='{p}' FOR CHANNEL 'c'
CHANGE MASTER TO MASTER_PASSWORD = '{p}
START SLAVE USER='r' PASSWORD='{p}' DEFAULT_AUTH='x'
CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h', USER 'u', PASSWORD '{p}', PORT 3306)
ALTER SERVER s OPTIONS (PASSWORD "{p}")
CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://u:{p}@h:3306/d/t'
CREATE TABLE t (a INT) ENGINE=CONNECT TABLE_TYPE=MYSQL CONNECTION='mysql://u:{p}@h/d/t'
CREATE TABLE t (a INT) ENGINE=SPIDER COMMENT='wrapper "mysql", user "u", password "{p}"'
CREATE TABLE t (a INT) ENGINE=ODBC CONNECTION='DSN=x;UID=u;PWD={p}'
CLONE INSTANCE FROM 'u'@'h':3306 IDENTIFIED BY '{p}' REQUIRE SSL
INSERT INTO mysql.servers VALUES ('s','h','d','u','{p}',3306,'','mysql','')
SELECT keyring_key_store('k','AES','{p}')
SET GLOBAL rpl_semi_sync_x_password = '{p}'
SET PERSIST keyring_vault_token = '{p}'
CALL mysql.rds_set_external_source('h', 3306, 'repl', '{p}', 'bin.1', 4, 1)
Authorization: Basic YXBwOlpzM250aW5lbA{p}
Authorization: Digest username="app", response="{p}"
authorization: Bearer {p}
"Authorization": ["Basic {p}"]
-H 'Authorization: token {p}'
-H "X-Auth-Token: {p}"
X-Vault-Token: {p}
X-Api-Key={p}
curl -u 'app:{p}' https://x
wget --http-password={p} x
https://app:{p}@git.example/x.git
redis://:{p}@cache:6379/0
amqp://guest:{p}@mq:5672//
postgres://app:{p}@pg/x
mongodb+srv://app:{p}@cluster/x
smtp://app:{p}@mail:587
AWS_SECRET_ACCESS_KEY={p}
aws_session_token = {p}
"SecretAccessKey": "{p}"
"SecretString": "{{\"username\":\"app\",\"password\":\"{p}\"}}"
azure: AccountKey={p};EndpointSuffix=core
GOOGLE private_key_id: x private_key: {p}
"private_key": "-----BEGIN PRIVATE KEY-----\n{p}\n-----END PRIVATE KEY-----\n"
-----BEGIN OPENSSH PRIVATE KEY-----{p}-----END OPENSSH PRIVATE KEY-----
-----BEGIN ENCRYPTED PRIVATE KEY----- {p}
-----BEGIN PGP PRIVATE KEY BLOCK----- {p}
password%3D%22{p}%22
DB_PASSWORD%3A%20{p}
?user=app&passwd={p}
/login?username=app&pass={p} HTTP/1.1
POST /login username=app&password={p}&remember=1
{{"username":"app","userPassword":"{p}"}}
{{'new_password': '{p}', 'old_password': '{p}'}}
Parameters: {{"user"=>{{"password"=>"{p}", "password_confirmation"=>"{p}"}}}}
params: {{"passwordHash":"{p}"}}
log in as app, password {p}
I changed the db password to {p}
the new password: {p}
Login failed for app with password "{p}"
my.cnf: [client] user=root password="{p}" host=db
[mysql] password = {p} # prod
--password '{p}'
--password="{p}" --host db
mysql -h db -u app --password={p} -e "select 1"
mysqldump -h db -uapp -p"{p}" shop > x
mysqlbinlog --password={p} x
mariadb-backup --backup --user=b --password={p}
mariadb -u app --password='{p}' shop
mysqlslap --create-schema=x -p{p}
mysqlsh --dba createCluster --password={p}
innobackupex --password {p} /b
percona-toolkit: --password {p}
gh-ost --user=a --password="{p}" --host=h
gh-ost --conf x --assume-master-password={p}
pt-online-schema-change h=db,D=x,t=y,p={p} --execute
ansible -e mysql_root_password={p}
ansible-playbook x.yml --extra-vars "db_pass={p}"
ansible_become_pass={p} ansible_ssh_pass={p}
terraform: password = "{p}"
+ password = "{p}"
  ~ admin_password: "{p}" => "x"
puppet: root_password => '{p}',
chef: default['mysql']['server_root_password'] = '{p}'
db.default.password="{p}"
quarkus.datasource.password={p}
%prod.quarkus.datasource.password={p}
micronaut: datasources.default.password: {p}
[default] db_password = "{p}"
password = '''{p}'''
password=TRIPLE{p}TRIPLE
passwd : {p}
Pass : {p}
Password	{p}
the db password = {p}
DB password: {p}
root pw: {p}
pass phrase is {p}
my password: {p}
password ({p})
password [{p}]
password: ({p})
Password for 'root': {p}
root's password is {p}
password => {p}
password→{p}
password~{p}
login=app pass={p}
username: app, password: {p}
user/pass: app/{p}
credentials: app:{p}
creds app:{p}@db
authenticate with {p} as password
PASSWORD IS SET TO {p}
password was reset to {p}
new password {p} for app
temporary password: {p}
generated password {p}
A temporary password is generated for root@localhost: {p}
bad password "{p}" for user app
wrong password '{p}'
invalid password: {p}
password mismatch: '{p}' != 'x'
Auth failed for app with secret {p}
mysql_pwd: {p}
MYSQL_PASSWORD_1={p}
DB1_PASSWORD={p}
DB_PASSWORD_OLD={p}
PASSWORD_DB={p}
APP__DB__PASSWORD={p}
app.db[password]={p}
db[password]: {p}
db->password = '{p}'
$this->password = '{p}';
self.password = "{p}"
@password = '{p}'
this.#password = "{p}"
const PASSWORD: &str = "{p}";
String password = "{p}";
var dbPassword = `{p}`;
let pw = "{p}"
char *passwd = "{p}";
DB_PASSWORD ?= {p}
DB_PASSWORD := {p}
DB_PASSWORD += {p}
<DbPassword>{p}</DbPassword>
<db password='{p}'/>
<db:password>{p}</db:password>
<input type="password" name="pw" value="{p}">
password="{p}" />
"password" : [ "{p}" ]
"passwords": {{"app": "{p}"}}
"auth": {{"user": "app", "pass": "{p}"}}
'auth' => ['app', '{p}']
auth_basic "app:{p}"
proxy_pass http://app:{p}@db/
Proxy-Authorization: Bearer {p}
Cookie: sid={p}
x-access-token: {p}
access_token={p}&x=1
refresh_token: "{p}"
id_token={p}
client_secret: {p}
consumer_secret={p}
webhook_secret={p}
signing_secret={p}
SECRET_KEY_BASE={p}
APP_KEY=base64:{p}
APP_SECRET={p}
JWT_SECRET={p}
ENCRYPTION_KEY={p}
DJANGO_SECRET_KEY={p}
SECRET_KEY = '{p}'
AWS_SECRET={p}
azure_storage_key: {p}
GITHUB_TOKEN={p}
NPM_TOKEN={p}
SLACK_TOKEN={p}
private_key={p}
"privateKey": "{p}"
ssh_pass: {p}
ansible_password: {p}
become_pass: {p}
vault_password: {p}
keystore.password={p}
ssl.keystore.password={p}
trustStorePassword={p}
javax.net.ssl.keyStorePassword={p}
-Djavax.net.ssl.trustStorePassword={p}
mysql --defaults-extra-file=/x --password={p}
MYSQL_PWD={p} mysql -u app
mysql -uapp -p{p} -e 'SELECT 1'
mysql -u app -h db -p'{p}' shop
mysql -u app --password '{p}' shop
mysqladmin -u root -p{p} status
mysqladmin --user=root password "{p}"
mysqldump -p'{p}' --all-databases
mariadb-dump -u root --password={p} x
mysqlimport -p{p} x
mysqlcheck -p{p} x
mysql_upgrade -p{p}
mysql_config_editor set --password={p}
innobackupex --password={p}
xtrabackup --password={p} --backup
mysqlsh --uri=mysql://app:{p}@db
mysqlrouter --bootstrap root:{p}@db
proxysql-admin --cluster-password={p}
mysqld_exporter --mysqld.username=app --config.my-cnf=x DATA_SOURCE_NAME=app:{p}@(db)/
pmm-admin add mysql --password={p}
pmm-admin config --server-url=https://admin:{p}@pmm
docker-compose run -e DB_PASS={p} app
docker login -u app -p {p}
podman run -e MYSQL_ROOT_PASSWORD={p}
kubectl create secret generic x --from-literal password={p}
oc set env dc/x MYSQL_PASSWORD={p}
heroku config:set DB_PASSWORD={p}
fly secrets set DB_PASSWORD={p}
gcloud sql users set-password root --password={p}
aws rds modify-db-instance --master-user-password {p}
az mysql server create --admin-password {p}
terraform apply -var db_password={p}
echo {p} | passwd --stdin mysql
echo 'app:{p}' | chpasswd
htpasswd -b f app {p}
openssl enc -k {p}
openssl pkcs12 -passin pass:{p}
sshpass -p {p} ssh x
SSHPASS={p} sshpass -e ssh x
lftp -u app,{p} sftp://x
smbclient -U app%{p}
ldapsearch -w {p} -D cn=x
psql postgresql://app:{p}@pg/x
PGPASSWORD={p} psql
redis-cli -a {p}
mongo -u app -p {p}
rabbitmqctl add_user app {p}
IDENTIFIED BY RANDOM PASSWORD; IDENTIFIED BY '{p}'
CREATE USER app@'10.%' IDENTIFIED BY'{p}'
CREATE USER app IDENTIFIED WITH sha256_password AS '{p}'
ALTER USER IF EXISTS app IDENTIFIED BY "{p}" ACCOUNT UNLOCK
ALTER USER app IDENTIFIED VIA mysql_native_password USING PASSWORD("{p}")
SET PASSWORD FOR app@localhost = OLD_PASSWORD('{p}')
GRANT USAGE ON *.* TO app IDENTIFIED BY PASSWORD '{p}'
CHANGE MASTER TO master_user='r', master_password = '{p}'
change master to MASTER_PASSWORD="{p}"
""".replace("TRIPLE", '"' * 3)
    .strip("\n")
    .splitlines()
)
