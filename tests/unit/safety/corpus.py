# ruff: noqa: E501
"""Shapes in which values and passwords turn up, each with a sentinel that no reader may find.

`{w}` stands for a word, `{n}` for a number and `{p}` for a password. Statements are those that a
server lists or logs; lines are those that applications write; secrets must be masked in the case
file too, where other literals stay.
"""

WORD = "zsentinelz"
NUMBER = "4111222233334444"
PASSWORD = "Zs3ntinel#Pw"

STATEMENTS = r"""
SELECT {n}
SELECT {n}, 1
SELECT {n} AS card
SELECT -{n}
SELECT +{n}.5
SELECT {n}.{n}
SELECT {n}e5
SELECT 0x7a73{n}
SELECT x'7a73{n}'
SELECT b'0101', '{w}'
SELECT '{w}'
SELECT "{w}"
SELECT N'{w}'
SELECT _utf8mb4'{w}'
SELECT _latin1 '{w}'
SELECT '{w}' '{w}'
SELECT '{w}
SELECT "{w}
SELECT 'it''s {w}'
SELECT 'it\'s {w}'
SELECT "a""{w}"
SELECT * FROM t WHERE a = '{w}'
SELECT * FROM t WHERE a = "{w}"
SELECT * FROM t WHERE a='{w}' AND b={n}
SELECT * FROM t WHERE a <=> '{w}'
SELECT * FROM t WHERE a <> {n}
SELECT * FROM t WHERE a != {n}
SELECT * FROM t WHERE a >= {n} AND a <= {n}
SELECT * FROM t WHERE a IN ('{w}', {n}, "{w}")
SELECT * FROM t WHERE a NOT IN ({n})
SELECT * FROM t WHERE a BETWEEN {n} AND {n}
SELECT * FROM t WHERE a LIKE '%{w}%' ESCAPE '|'
SELECT * FROM t WHERE a RLIKE '^{w}$'
SELECT * FROM t WHERE a REGEXP '{w}'
SELECT * FROM t WHERE a SOUNDS LIKE '{w}'
SELECT * FROM t WHERE (a, b) = ('{w}', {n})
SELECT * FROM t WHERE MATCH (a) AGAINST ('{w}' IN BOOLEAN MODE)
SELECT * FROM t WHERE JSON_EXTRACT(d, '$.{w}') = {n}
SELECT d->'$.{w}', d->>'$.{w}' FROM t
SELECT * FROM t WHERE d->>'$.a' = '{w}'
SELECT CONCAT('{w}', a) FROM t
SELECT IF(a = '{w}', {n}, {n}) FROM t
SELECT CASE a WHEN '{w}' THEN {n} ELSE '{w}' END FROM t
SELECT DATE '2026-01-01', '{w}' FROM t
SELECT a FROM t ORDER BY FIELD(a, '{w}')
SELECT a FROM t GROUP BY a HAVING COUNT(*) > {n}
SELECT a FROM t LIMIT {n}
SELECT a FROM t LIMIT {n}, {n}
SELECT a FROM t LIMIT 5 OFFSET {n}
SELECT a FROM t WHERE b = {n} FOR UPDATE
SELECT a FROM t UNION SELECT '{w}'
SELECT (SELECT '{w}'), {n}
SELECT a FROM t1 JOIN t2 ON t1.x = '{w}' AND t2.y = {n}
SELECT SQL_NO_CACHE {n}
SELECT DISTINCT '{w}' FROM t
SELECT @a := '{w}'
SELECT @a := {n}
SELECT CAST('{w}' AS CHAR)
SELECT CONVERT('{w}' USING utf8mb4)
SELECT INTERVAL {n} DAY + NOW()
SELECT '{w}' COLLATE utf8mb4_bin
SELECT SLEEP({n})
SELECT BENCHMARK({n}, SHA2('{w}', 256))
SELECT GET_LOCK('{w}', {n})
SELECT LOAD_FILE('/home/{w}')
SELECT AES_DECRYPT(a, '{w}') FROM t
SELECT '{w}' INTO OUTFILE '/tmp/{w}'
SELECT a FROM t /* email={w}@example.com */
SELECT a FROM t WHERE b = 1 /* {w} {n}
/* email={w} */ SELECT 1
/* {w} */ /* {n} */ SELECT 1
/*{w}*/SELECT 1
/*! SELECT '{w}' */
/*!50000 {n} */ SELECT 1
/*+ {w} */ SELECT 1
-- {w}
# {w}
SELECT 1 -- {w}
SELECT 1 # {w} {n}
SELECT 1 --{w}
SELECT 1 /*traceparent='00-{w}-01',email='{w}'*/
/*application='{w}',user_id='{n}'*/ UPDATE t SET a = 1
(SELECT '{w}')
((SELECT {n}))
INSERT INTO t VALUES ('{w}', {n})
INSERT INTO t (a, b) VALUES ('{w}', {n}), ("{w}", {n})
INSERT INTO t VALUES ({n})
INSERT INTO t SET a = '{w}', b = {n}
INSERT t VALUE ({n})
INSERT IGNORE INTO t VALUES ('{w}')
INSERT INTO t SELECT '{w}', {n} FROM u
INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = '{w}'
INSERT INTO t VALUES ROW('{w}', {n})
INSERT INTO t VALUES ('{w}') RETURNING id
REPLACE INTO t VALUES ('{w}', {n})
REPLACE t SET a = {n}
UPDATE t SET a = '{w}', b = {n} WHERE c = "{w}"
UPDATE t SET a = a + {n}
UPDATE t SET d = JSON_SET(d, '$.a', '{w}')
UPDATE t, u SET t.a = '{w}' WHERE u.b = {n}
DELETE FROM t WHERE a = '{w}'
DELETE t FROM t JOIN u ON t.a = '{w}'
DELETE FROM t WHERE a = {n} ORDER BY b LIMIT 1
DO SLEEP({n})
DO '{w}'
DO {n}
DO GET_LOCK('{w}', 5)
DO f({n}), g('{w}')
SET @x = '{w}'
SET @x = {n}
SET @x := '{w}', @y = {n}
SET @a = 1, @b = '{w}'
SET x = '{w}'
SET SESSION x = '{w}'
SET NAMES '{w}'
SET @@session.init_connect = '{w}'
SET GLOBAL init_connect = 'SET @a = "{w}"'
SET TRANSACTION ISOLATION LEVEL READ COMMITTED /* {w} */
SET STATEMENT max_statement_time={n} FOR SELECT '{w}'
CALL p('{w}')
CALL p({n})
CALL p('{w}', {n}, @o)
CALL db.p("{w}")
CALL `p`('{w}')
XA START '{w}'
XA BEGIN '{w}','{w}',{n}
XA END '{w}'
XA PREPARE '{w}'
XA COMMIT '{w}' ONE PHASE
XA ROLLBACK X'7a73{n}',X'{n}',1
PREPARE s FROM 'SELECT "{w}"'
PREPARE s FROM "SELECT {n}"
EXECUTE s USING @a /* {w} */
EXECUTE IMMEDIATE 'SELECT {n}'
EXECUTE IMMEDIATE CONCAT('SELECT ', '{w}')
HANDLER t READ i = ('{w}', {n})
HANDLER t READ i = ({n}) WHERE a = '{w}' LIMIT {n}
KILL {n}
KILL QUERY {n}
LOAD DATA INFILE '/x/{w}' INTO TABLE t
LOAD DATA LOCAL INFILE '{w}' INTO TABLE t FIELDS TERMINATED BY '{w}'
LOAD DATA INFILE 'x' INTO TABLE t (a, @b) SET c = '{w}'
LOAD XML INFILE '{w}' INTO TABLE t
SHOW TABLES LIKE '{w}'
SHOW TABLES WHERE Tables_in_x = '{w}'
SHOW VARIABLES LIKE '{w}'
SHOW GRANTS FOR 'app'@'%' /* {n} */ WHERE '{w}'
EXPLAIN SELECT '{w}'
DESCRIBE SELECT {n}
ANALYZE SELECT '{w}'
WITH c AS (SELECT '{w}') SELECT * FROM c
WITH RECURSIVE c (n) AS (SELECT {n} UNION SELECT n + {n} FROM c) SELECT * FROM c
VALUES ROW('{w}', {n})
TABLE t LIMIT {n}
CREATE TABLE t (a VARCHAR(10) DEFAULT '{w}' COMMENT '{w}')
CREATE TABLE t (a INT DEFAULT {n}) COMMENT = '{w}'
CREATE TABLE t (e ENUM('{w}', 'b'))
CREATE TABLE t AS SELECT '{w}' AS a
CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN ({n}))
CREATE VIEW v AS SELECT '{w}'
CREATE PROCEDURE p() BEGIN SELECT '{w}'; END
CREATE FUNCTION f() RETURNS INT RETURN {n}
CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS $$ return "{w}" $$
CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS $${w}$$
CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS $tag$ x = {w} + {n} $tag$
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = '{w}'
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t WHERE a = '{w}'
ALTER TABLE t ADD COLUMN a TEXT DEFAULT '{w}'
ALTER TABLE t COMMENT '{w}'
ALTER TABLE t AUTO_INCREMENT = {n}
SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{w}'
RESIGNAL SET MESSAGE_TEXT = '{w}'
GET DIAGNOSTICS CONDITION 1 @a = MESSAGE_TEXT /* {w} */
BEGIN NOT ATOMIC SELECT '{w}'; END
BEGIN; SELECT '{w}'
COMMIT /* {w} */
ROLLBACK -- {w}
SELECT 1; SELECT '{w}'
SELECT 1;DELETE FROM t WHERE a={n}
SELECT 'a\\', '{w}'
SELECT 'a\\\'{w}'
SELECT "a\"{w}", 1
SELECT `a`, '{w}' FROM `t`
SELECT `a``b`, '{w}'
SELECT a AS '{w}' FROM t
SELECT a AS "{w}" FROM t
SELECT a '{w}' FROM t
SELECT {{d '2026-01-01'}}, '{w}'
SELECT {{ts '{w}'}}
SELECT '{w}' = a, {n} = b
SELECT NULL, TRUE, '{w}'
SELECT 1 WHERE '{w}'
SELECT a FROM t WHERE a = {w} AND b = 1
SELECT a FROM t WHERE a = {w} {w} AND b = {w}
SELECT a FROM t WHERE a = {w}@example.com
SELECT a FROM t WHERE name = O'{w}
SELECT a FROM t WHERE a in ({w}, {w})
UPDATE t SET a = {w} {w} WHERE id = 5
INSERT INTO t VALUES ({w}, {w} {w})
select a from t where b = "{w}" and c = '{w}
select a from t where b = '{w}' and c = "x' {w}
SELECT 'x' || '{w}'
SELECT '🎉{w}'
SELECT '日本{w}語'
SELECT　'{w}'
SELECT	'{w}'	FROM	t
SELECT'{w}'
SELECT"{w}"
SELECT({n})
SELECT*FROM t WHERE a='{w}'
REVOKE ALL ON *.* FROM 'x'@'%' /* {w} */
PURGE BINARY LOGS TO '{w}'
CHANGE MASTER TO MASTER_HOST='{w}', MASTER_USER='{w}'
CHANGE REPLICATION SOURCE TO SOURCE_HOST='{w}'
INSTALL PLUGIN x SONAME '{w}'
CLONE INSTANCE FROM 'u'@'h':3306 IDENTIFIED BY '{w}'
IMPORT TABLE FROM '{w}'
BINLOG '{w}'
HELP '{w}'
""".strip().splitlines()

LINES = r"""
2026-08-05T13:00:00Z    12 Query	{s}
2026-08-05 13:00:00 ERROR [SQL: {s}]
[2026-08-05 13:00:00] production.ERROR: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away (SQL: {s})
[2026-08-05 13:00:00] production.ERROR: gone away (Connection: mysql, SQL: {s}) {{"exception":"[object]"}}
sqlalchemy.exc.OperationalError: (2006, 'MySQL server has gone away') [SQL: {s}]
Query: {s}
Executing query: {s}
{s}
""".strip().splitlines()

SECRETS = r"""
password={p}
password = {p}
password: {p}
PASSWORD={p}
passwd={p}
pwd={p}
pw={p}
pw: {p}
pin: {p}
PIN={p}
"userPin": "{p}"
otp={p}
totp: {p}
the otp is {p}
one_time_code={p}
jwt={p}
cvv: {p}
PHPSESSID={p}
sessionid={p}
AccountName=shop;AccountKey={p};EndpointSuffix=core.example
SharedAccessKeyName=root;SharedAccessKey={p}
SharedAccessSignature={p}
https://store.example/c?sv=2020&sig={p}&x=1
X-Amz-Signature={p}
signature="{p}"
"sig" : "{p}"
'signature' => '{p}'
session_id = {p}
https://a.example/?next=https%3A%2F%2Fstore.example%2Fc%3Fsig%3D{p}%26x
API key: {p}
"api key": "{p}"
secret key = {p}
encryption_key={p}
storage-account: 1, storage_key: '{p}'
https://hooks.slack.com/services/T0/B0/{p}
psw={p}
psw = "{p}"
pass={p}
pass: '{p}'
passphrase={p}
passphrase: "{p}"
passwort={p}
contraseña={p}
mot_de_passe={p}
senha={p}
dbpass={p}
db_pass={p}
DB_PASS={p}
DB_PASSWORD={p}
DB_PASSWORD="{p}"
DB_PW={p}
DB_PWD={p}
MYSQL_PWD={p}
MYSQL_PASSWORD={p}
MYSQL_ROOT_PASSWORD={p}
MARIADB_ROOT_PASSWORD={p}
export MYSQL_PWD='{p}'
SPRING_DATASOURCE_PASSWORD={p}
spring.datasource.password={p}
hibernate.connection.password={p}
javax.persistence.jdbc.password = {p}
DATABASE_URL=mysql://app:{p}@db/shop
DATABASE_URL="mysql2://app:{p}@db:3306/shop?pool=5"
jdbc:mysql://db/shop?user=app&password={p}
jdbc:mysql://app:{p}@db/shop
jdbc:mariadb://db/shop?user=app&password={p}&x=1
mysql://app:{p}@db
mysqli://app:{p}@db/x
mysql+pymysql://app:{p}@db/x
mysqlx://app:{p}@db:33060
app:{p}@tcp(db:3306)/shop
app:{p}@unix(/run/m.sock)/shop
Server=db;Uid=app;Pwd={p};
Server=db;User Id=app;Password={p};Database=x
Driver={{MySQL}};Server=db;UID=app;PWD={p}
dsn=mysql:host=db;dbname=x;password={p}
DBI:mysql:database=x;host=db;mysql_password={p}
DBI->connect('dbi:mysql:db', 'app', '{p}')
DBI->connect("DBI:mysql:x;host=db", "app", "{p}", {{RaiseError => 1}})
DBI connect('x;host=db','app','{p}') failed
my $dbh = DBI->connect($dsn, 'app', '{p}');
Mojo::mysql->new('mysql://app:{p}@db/x')
new PDO('mysql:host=db', 'app', '{p}')
new PDO("mysql:host=db;dbname=x", "app", "{p}", [])
#0 /var/www/a.php(3): PDO->__construct('mysql:host=db', 'app', '{p}')
#1 a.php(3): PDO::__construct('mysql:host=db', 'app', '{p}', Array)
mysqli_connect('db', 'app', '{p}')
mysqli_real_connect($l, 'db', 'app', '{p}', 'x')
mysql_connect("db", "app", "{p}")
mysql_pconnect('db','app','{p}')
new mysqli('db', 'app', '{p}', 'x')
mysqli->real_connect('db', 'app', '{p}')
#2 Connector.php(70): Illuminate\Database\Connectors\Connector->createPdoConnection('mysql:host=db', 'app', '{p}', Array)
#3 Illuminate\Database\Connectors\Connector->createConnection('mysql:host=db', Array, '{p}')
#4 Doctrine\DBAL\Driver\PDO\MySQL\Driver->connect(Array('app', '{p}'))
#5 ADOConnection->Connect('db', 'app', '{p}', 'x')
#6 Zend_Db_Adapter_Mysqli->_connect('db', 'app', '{p}')
'password' => '{p}',
'password' => env('DB_PASSWORD', '{p}'),
"password" => "{p}"
$config['password'] = '{p}';
$password = "{p}";
$pw = '{p}';
$dbpw = '{p}';
$db_passwd='{p}';
define('DB_PASSWORD', '{p}');
define("DB_PASS", "{p}")
define( 'DB_PASSWORD' , '{p}' );
putenv('DB_PASSWORD={p}')
{{"password": "{p}"}}
{{"pwd":"{p}","user":"x"}}
{{"db":{{"passphrase":"{p}"}}}}
{{\"password\":\"{p}\"}}
<password>{p}</password>
<property name="password" value="{p}"/>
<property name="password">{p}</property>
<add connectionString="Server=db;Uid=a;Pwd={p}"/>
password: !secret {p}
passwords: ['{p}']
:password => "{p}"
password:"{p}"
password=>'{p}'
PASSWORD := '{p}'
user=app password={p} host=db
user='app' password='{p}' host='db'
connect(user="app", passwd="{p}")
pymysql.connect(host='db', user='a', password='{p}', db='x')
mysql.connector.connect(user='a', password="{p}")
MySQLdb.connect("db", "app", "{p}", "x")
pymysql.connect('db', 'app', '{p}')
mysql.createConnection({{host: 'db', user: 'a', password: '{p}'}})
Mysql2::Client.new(:host => "db", :password => "{p}")
sql.Open("mysql", "app:{p}@tcp(db)/x")
DriverManager.getConnection("jdbc:mysql://db", "app", "{p}")
HikariConfig password={p}
setPassword("{p}")
setPassword('{p}')
.withPassword("{p}")
mysql -uapp -p{p} x
mysql -u app -p'{p}'
mysql -u app "-p{p}"
mysql --password={p}
mysql --password='{p}' x
mysql --password {p}
mysqldump --user=a --password={p} --host=db
mysqladmin -p{p} ping
mariadb -p{p}
mysqlsh app:{p}@db
mysqlsh --uri app:{p}@db:3306
sshpass -p {p} ssh db
sshpass -p'{p}' ssh db
SSHPASS={p}
CREATE USER a IDENTIFIED BY '{p}'
CREATE USER 'a'@'b' IDENTIFIED WITH caching_sha2_password BY '{p}'
CREATE USER a IDENTIFIED BY PASSWORD '{p}'
ALTER USER a IDENTIFIED BY "{p}" REPLACE '{p}'
ALTER USER USER() IDENTIFIED BY '{p}'
GRANT ALL ON x.* TO a IDENTIFIED BY '{p}'
SET PASSWORD = '{p}'
SET PASSWORD FOR a = PASSWORD('{p}')
SELECT PASSWORD('{p}')
SELECT OLD_PASSWORD('{p}')
CHANGE MASTER TO MASTER_PASSWORD='{p}'
CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = '{p}'
START SLAVE USER='a' PASSWORD='{p}'
START REPLICA USER='a' PASSWORD='{p}'
CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'a', PASSWORD '{p}')
CREATE TABLE t ENGINE=FEDERATED CONNECTION='mysql://a:{p}@h/x/t'
Authorization: Basic {p}
authorization=Bearer {p}
Proxy-Authorization: Basic {p}
X-Api-Key: {p}
api_key={p}
apikey: {p}
access_key={p}
secret_key={p}
client_secret={p}
aws_secret_access_key = {p}
token={p}
auth_token: {p}
session_token={p}
credentials={p}
credential: {p}
-----BEGIN PRIVATE KEY----- {p}
Cookie: session={p}
Set-Cookie: a={p}; Path=/
[client] password={p}
ssl_key_passphrase={p}
keyring_password={p}
PGPASSWORD={p}
REDIS_PASSWORD={p}
root_password: '{p}'
replication.password={p}
wsrep_sst_auth=root:{p}
wsrep_sst_auth = "root:{p}"
mysql_native_password: {p}
(using password: {p})
--init-password={p}
--user-pass={p}
-DdbPassword={p}
-Ddb.pass={p}
curl -u app:{p} http://x
curl --user app:{p} http://x
http://app:{p}@proxy:3128/
root:{p}@tcp(10.0.0.5:3306)/shop?parseTime=true&timeout=5s
root:{p}@(db)/x
app:p%40{p}%21@tcp(db:3306)/x
mysql://app:p%40ss%3A{p}@db:3306/x?ssl=true
mysql://:{p}@db/x
mysql://app:{p}@[::1]:3306/x
mysql://app:pa/ss{p}#x@db/shop
mysql+aiomysql://app:{p}@db/x?charset=utf8mb4
ecto://app:{p}@db/x
mysql:host=db;user=app;password={p};dbname=x
odbc:Driver={{MySQL ODBC 9.1 Unicode Driver}};SERVER=db;USER=app;PASSWORD={p};
Data Source=db;Persist Security Info=True;User ID=app;Password="{p}"
jdbc:mysql:loadbalance://address=(host=db)(user=app)(password={p})/x
jdbc:mysql://address=(host=db1)(port=3306)(user=a)(password={p}),address=(host=db2)/x
jdbc:mysql://(host=db,port=3306,user=app,password={p})/x
DB_URL='mysql://app:{p}@db/x'
DATABASE_PASSWORD_PROD={p}
DBPASSWD="{p}"
MYSQL_PASS={p}
export DB_PASSWORD=$'{p}'
setenv MYSQL_PWD {p}
Environment=MYSQL_PWD={p}
Environment="DB_USER=app" "DB_PASSWORD={p}"
Environment='MYSQL_PASSWORD={p}'
"Env": ["PATH=/usr/bin", "MYSQL_ROOT_PASSWORD={p}", "X=1"]
"Env":["MYSQL_PASSWORD={p}","GOSU_VERSION=1.17"]
- MYSQL_ROOT_PASSWORD={p}
- name: MYSQL_ROOT_PASSWORD value: {p}
- {{name: DB_PASSWORD, value: "{p}"}}
{{"name":"MYSQL_PASSWORD","value":"{p}"}}
{{"Name": "DB_PASSWORD", "Value": "{p}"}}
{{"key":"db.password","value":"{p}"}}
{{"ParameterKey":"DBPassword","ParameterValue":"{p}"}}
kubectl create secret generic db --from-literal=password={p}
kubectl create secret generic db --from-literal=mysql-root={p}
docker run -e MYSQL_ROOT_PASSWORD={p} mysql:9
docker run --env MYSQL_PASSWORD={p} mysql
docker exec db mysql -uroot -p{p} -e 'select 1'
  1234 ?  Ss  0:00 mysql -u root -p{p} -h db shop
  1234 pts/0 S+ 0:00 mysql -uroot --password={p} shop
  1234 ? S 0:00 mysqldump --defaults-extra-file=/x --pass={p}
Aug 05 13:00:00 web CRON[12]: (root) CMD (mysqldump -u root -p{p} --all-databases)
Aug 05 13:00:00 web CRON[12]: (root) CMD (MYSQL_PWD={p} mysqldump -u root x)
Aug 05 13:00:00 web sudo[7]: app : COMMAND=/usr/bin/mysql --user=root --password={p}
Aug 05 13:00:00 web systemd[1]: Started /usr/bin/mysqld_exporter --mysqld.password {p}.
DATA_SOURCE_NAME='exporter:{p}@(localhost:3306)/'
CHANGE MASTER TO MASTER_HOST='h', MASTER_USER='r', MASTER_PASSWORD='{p}', MASTER_PORT=3306
CHANGE REPLICATION SOURCE TO SOURCE_USER='r', SOURCE_PASSWORD="{p}", GET_SOURCE_PUBLIC_KEY=1
change replication source to source_password={p}
START REPLICA UNTIL SQL_AFTER_GTIDS='x' USER='r' PASSWORD='{p}'
START GROUP_REPLICATION USER='r', PASSWORD='{p}'
CREATE USER a@'%' IDENTIFIED VIA ed25519 USING PASSWORD('{p}')
CREATE USER a IDENTIFIED VIA mysql_native_password USING '{p}' OR unix_socket
CREATE USER a IDENTIFIED VIA ed25519 USING '{p}'
CREATE USER 'a'@'b' IDENTIFIED WITH caching_sha2_password AS '$A$005${p}'
ALTER USER a IDENTIFIED WITH mysql_native_password AS '{p}'
ALTER USER a IDENTIFIED WITH 'caching_sha2_password' AS 0x{p}
SET PASSWORD FOR 'a'@'b' = '{p}'
SET PASSWORD FOR a TO '{p}'
set password = password("{p}")
GRANT ALL PRIVILEGES ON *.* TO 'a'@'%' IDENTIFIED BY PASSWORD '{p}' WITH GRANT OPTION
CREATE USER a IDENTIFIED /* x */ BY '{p}'
CREATE USER a IDENTIFIED BY/**/'{p}'
ALTER USER a IDENTIFIED BY 'it''s {p}' RETAIN CURRENT PASSWORD
ALTER USER a IDENTIFIED BY "x\"{p}"
CREATE ROLE r; CREATE USER b IDENTIFIED BY '{p}' DEFAULT ROLE r
CREATE USER u1 IDENTIFIED BY 'x', u2 IDENTIFIED BY '{p}'
UPDATE mysql.user SET authentication_string=PASSWORD('{p}') WHERE User='root'
UPDATE mysql.user SET Password = PASSWORD('{p}')
INSERT INTO mysql.global_priv VALUES ('h','u','{{"authentication_string":"{p}"}}')
SELECT AES_ENCRYPT('x', '{p}')
SELECT * FROM u WHERE password = SHA2('{p}', 256)
ALTER INSTANCE ROTATE INNODB MASTER KEY; SET GLOBAL keyring_hashicorp_secret_id='{p}'
SET GLOBAL wsrep_sst_auth='sst:{p}'
SET @@global.replication_password = '{p}'
DATABASES = {{'default': {{'ENGINE': 'django.db.backends.mysql', 'PASSWORD': '{p}', 'HOST': 'db'}}}}
<connection password="{p}" user="app"/>
<entry key="password">{p}</entry>
<setting name="dbPassword" serializeAs="String"><value>{p}</value></setting>
<env name="DB_PASSWORD" value="{p}"/>
user=app;pass={p}
{{:username, "app"}}, {{:password, "{p}"}}
[username: "app", password: "{p}"]
config :app, App.Repo, password: "{p}"
ActiveRecord: {{:adapter=>"mysql2", :password=>"{p}"}}
new MySqlConnection("Server=db;Uid=app;Pwd={p}")
mysql.createPool({{ user: 'a', password: `{p}` }})
password=`{p}`
createPool('mysql://a:{p}@db/x')
sqlx::MySqlPool::connect("mysql://a:{p}@db")
mysql_real_connect(conn, "db", "app", "{p}", "x", 0, NULL, 0)
mysql_real_connect(0x55, host=db, user=app, passwd={p})
PDO::__construct(): (mysql:host=db, app, {p})
#0 /app/Db.php(12): Db\Connection->open('db', 'app', '{p}')
#0 /app/Db.php(12): PDO->__construct('mysql:host=db;d...', 'app', '{p}')
#3 /app/x.php: App\Db::login('app', '{p}')
Caused by: Login{{user='app', password='{p}'}}
HikariDataSource{{username=app, password={p}}}
ConnectionOptions(host=db, user=app, password=Some("{p}"))
Config {{ user: "app", pass: Some("{p}") }}
&mysql.Config{{User:"app", Passwd:"{p}", Net:"tcp"}}
{{User:app Passwd:{p} Net:tcp Addr:db:3306}}
args: Namespace(host='db', password='{p}')
kwargs={{'host': 'db', 'passwd': '{p}', 'db': 'x'}}
Traceback: connect(**{{'user': 'a', 'passwd': b'{p}'}})
password=b'{p}'
password=u'{p}'
password='''{p}'''
password = r"{p}"
vault kv put secret/db value={p}
VAULT_TOKEN=hvs.{p}
AWS_SESSION_TOKEN={p}
x-amz-security-token: {p}
?X-Amz-Security-Token={p}&x=1
?password={p}&user=app
?pass=a%20{p}&user=app
mysqlsh --password {p} root@db
mysqlsh mysql://root:{p}@db:33060
mysql -h db -u root -p {p}
mysql -h db -u root -p "{p}"
mariadb-dump -uroot -p'{p}' x
mysqladmin -u root password '{p}'
mysqladmin -u root password {p}
mysqladmin --password={p} shutdown
pt-kill --ask-pass --password {p} h=db
pt-heartbeat h=db,u=app,p={p}
pt-table-checksum h=db,P=3306,u=app,p={p},D=x
pt-query-digest --host db --user x --password={p} --processlist
xtrabackup --backup --user=bkp --password={p} --target-dir=/x
mydumper -u app -p {p} -h db
mydumper --user app --password {p}
proxysql: INSERT INTO mysql_users (username,password) VALUES ('app','{p}')
mysql_users: ({{ username="app" password="{p}" default_hostgroup=0 }})
admin-admin_credentials="admin:{p}"
admin_credentials="admin:{p};radmin:x"
mysql-monitor_password="{p}"
loose-password={p}
--loose-password={p}
master_password={p}
report_password={p}
report-password = {p}
ssl-key-passphrase {p}
Password for app: {p}
Enter password: {p}
password is {p}
password was '{p}'
The password "{p}" is wrong
with password '{p}'
with password {p}
A temporary password is generated for root@localhost: {p}
GENERATED ROOT PASSWORD: {p}
using password "{p}"
spring.datasource.hikari.data-source-properties.password={p}
--spring.datasource.password={p}
-Dspring.datasource.password={p}
JAVA_OPTS="-Ddb.password={p} -Xmx1g"
{{"level":"error","msg":"dial: root:{p}@tcp(db:3306)/x: connect refused"}}
{{"level":"error","dsn":"root:{p}@tcp(db:3306)/x"}}
level=error msg="open" dsn="root:{p}@tcp(db)/x"
{{"config":"{{\"user\":\"a\",\"password\":\"{p}\"}}"}}
{{"config":"{{\\\"password\\\":\\\"{p}\\\"}}"}}
password%3D{p}
%22password%22%3A%22{p}%22
user%3Aapp%26password%3D{p}
PASS_WORD={p}
pass_word: {p}
dbpwd: {p}
Passw0rd={p}
PWD_DB={p}
clave={p}
contrasena: {p}
kennwort={p}
heslo={p}
hasło={p}
пароль: {p}
密码：{p}
密码: {p}
パスワード={p}
""".strip().splitlines()

SPREAD = (
    "- name: MYSQL_ROOT_PASSWORD\n  value: {p}",
    "kind: Secret\ndata:\n  password: {p}",
    'kind: Secret\nstringData:\n  mysql-root-password: "{p}"',
    "CREATE USER a\n  IDENTIFIED\n  BY '{p}'",
    "ALTER USER a\nIDENTIFIED BY\n'{p}'",
    "production:\n  adapter: mysql2\n  password: {p}",
    "production:\n  password: |\n    {p}",
    "password: >-\n  {p}",
    "password:\n  {p}",
    '"password" :\n    "{p}"',
    "maxscale: user=maxuser\npassword={p}",
    "[client]\nuser=root\npassword={p}",
    '[client]\npassword="{p}"',
    "[client]\npassword='{p}",
    "[mysqldump]\npassword\t=\t{p}",
)
"""A secret on the line after its name, or a statement over several lines."""
