"""Which client library, pool, framework or program a line of text comes from."""

import re

# In this order: a library says more than the pool, framework or program that uses it.
_BY_MARK: tuple[tuple[str, str], ...] = (
    ("asyncmy", "asyncmy"),
    ("aiomysql", "aiomysql"),
    ("pymysql", "PyMySQL"),
    ("mysqldb", "mysqlclient"),
    ("_mysql_exceptions", "mysqlclient"),
    ("mysql.connector", "Connector/Python"),
    ("_mysql_connector", "Connector/Python"),
    ("mysqlinterfaceerror", "Connector/Python"),
    ("mariadb.operationalerror", "MariaDB Connector/Python"),
    ("mariadb.interfaceerror", "MariaDB Connector/Python"),
    ("mariadb.programmingerror", "MariaDB Connector/Python"),
    ("mariadb.databaseerror", "MariaDB Connector/Python"),
    ("mariadb.poolerror", "MariaDB Connector/Python"),
    ("mysql2::", "Ruby mysql2"),
    ("mysql2/client.rb", "Ruby mysql2"),
    ("trilogy", "trilogy"),
    ("node_modules/mysql2", "node mysql2"),
    ("node_modules\\mysql2", "node mysql2"),
    ("node_modules/mysql/", "node mysql"),
    ("node_modules\\mysql\\", "node mysql"),
    ("node_modules/mariadb", "node mariadb"),
    ("node_modules\\mariadb", "node mariadb"),
    ("adapter-mariadb", "node mariadb"),
    ("er_socket_unexpected_close", "node mariadb"),
    (", no: 45", "node mariadb"),
    ("r2dbc", "R2DBC"),
    ("org.mariadb.jdbc", "MariaDB Connector/J"),
    ("o.m.jdbc", "MariaDB Connector/J"),
    ("o.m.j.", "MariaDB Connector/J"),
    ("com.mysql.", "Connector/J"),
    ("c.m.cj.", "Connector/J"),
    ("io.vertx", "Vert.x"),
    ("mysqlconnector", "MySqlConnector"),
    ("mysql.data", "MySql.Data"),
    ("go-sql-driver", "go-sql-driver"),
    ("go-mysql-org", "go-mysql"),
    ("sqlx-core", "sqlx"),
    ("sqlx-mysql", "sqlx"),
    ("sqlx::", "sqlx"),
    ("sqlx_core", "sqlx"),
    ("mysql_async", "mysql_async"),
    ("mysql_common", "mysql_async"),
    ("diesel::", "diesel"),
    ("myxql", "MyXQL"),
    ("p1_mysql", "p1_mysql"),
    ("dbd::mysql", "DBD::mysql"),
    ("dbd::mariadb", "DBD::MariaDB"),
    ("[ma-", "MariaDB ODBC"),
    ("[mysql][odbc", "MySQL ODBC"),
    ("[unixodbc]", "ODBC"),
    ("rmariadb", "RMariaDB"),
    ("result_fetch(res@ptr", "RMariaDB"),
    ("qmysql", "Qt QMYSQL"),
    ("qmariadb", "Qt QMYSQL"),
    ("resty/mysql", "lua-resty-mysql"),
    ("luasql", "LuaSQL"),
    ("mysql error code: ", "Connector/C++"),
    ("sql::sqlexception", "Connector/C++"),
    ("mysqltcl", "mysqltcl"),
    ("wordpress database error", "WordPress"),
    ("pdoexception", "PDO"),
    ("pdostatement", "PDO"),
    ("pdo::", "PDO"),
    ("mysqli::", "mysqli"),
    ("mysqli_", "mysqli"),
    ("mysqli->", "mysqli"),
    ("mysqli object", "mysqli"),
    ("mysqli ", "mysqli"),
    ("sqlstate[", "PDO"),
    ("mysqldump:", "mysqldump"),
    ("mariadb-dump:", "mysqldump"),
    ("zaxxer", "HikariCP"),
    ("c.z.h.", "HikariCP"),
    ("hikaripool", "HikariCP"),
    ("commons.dbcp", "DBCP2"),
    ("c3p0", "c3p0"),
    ("tomcat.jdbc", "Tomcat JDBC"),
    ("agroal", "Agroal"),
    ("alibaba.druid", "Druid"),
    ("prisma", "Prisma"),
    ("sequelize", "Sequelize"),
    ("knex", "Knex"),
    ("typeorm", "TypeORM"),
    ("sqlalchemy", "SQLAlchemy"),
    ("peewee", "peewee"),
    ("django.db", "Django"),
    ("activerecord", "Rails"),
    ("sequel::", "Sequel"),
    ("doctrine\\dbal", "Doctrine"),
    ("illuminate\\", "Laravel"),
    ("mysql_session.cpp", "ProxySQL"),
    ("mysql_thread.cpp", "ProxySQL"),
    ("mysql_connection.cpp", "ProxySQL"),
    ("mysql_hostgroups_manager.cpp", "ProxySQL"),
    ("maxscale", "MaxScale"),
    ("mysqlrouter", "MySQL Router"),
    ("cloud_sql_proxy", "Cloud SQL Proxy"),
    ("cloud-sql-proxy", "Cloud SQL Proxy"),
    ("debezium", "Debezium"),
    ("[z300", "Zabbix"),
    ("sqlpool(mysql)", "Dovecot"),
    ("dovecot", "Dovecot"),
    ("dict_mysql", "Postfix"),
    ("postfix/", "Postfix"),
    ("gmysql", "PowerDNS"),
    ("pdns", "PowerDNS"),
    ("rlm_sql", "FreeRADIUS"),
    ("homeassistant", "Home Assistant"),
    ("nextcloud", "Nextcloud"),
    ("php warning:", "PHP"),
    ("php fatal error:", "PHP"),
)
_CLI = re.compile(r"\bERROR \d{4} \(\w{5}\)")
_WORKBENCH = re.compile(r"(?<!mysql )\bError Code: \d{4}\. ", re.IGNORECASE)
_GO_LOG = re.compile(r"\[mysql\] \d{4}/\d\d/\d\d ")
# Go's driver prints the server's numbers only, never a client library's 2xxx.
_GO_ERROR = re.compile(r"\bError (?!2)\d{4}(?: \(\w{5}\))?: ")
_OTHERS = re.compile(
    r"redis|postgre|psycopg|pgsql|npgsql|\bpg\b|mongo|amqp|rabbit|kafka|memcache|ldap|smtp|elastic"
    r"|oracle|sqlserver|sql server|sqlclient|cassandra|clickhouse|mqtt|zookeeper"
    r"|:5432\b|:6379\b|:5672\b|:27017\b|:9200\b|:9092\b|:11211\b|:1433\b|:443\b",
    re.IGNORECASE,
)

_LANGUAGES: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "PHP",
        frozenset({"PDO", "mysqli", "WordPress", "Doctrine", "Laravel", "Nextcloud", "Swoole"}),
    ),
    (
        "Java",
        frozenset(
            {"Connector/J", "MariaDB Connector/J", "HikariCP", "DBCP2", "c3p0", "Tomcat JDBC"}
            | {"Agroal", "Druid", "R2DBC", "Vert.x", "Debezium"}
        ),
    ),
    (
        "Python",
        frozenset(
            {"PyMySQL", "mysqlclient", "aiomysql", "asyncmy", "SQLAlchemy", "Django", "peewee"}
            | {"Connector/Python", "MariaDB Connector/Python", "Home Assistant"}
        ),
    ),
    (
        "Node",
        frozenset(
            {"node mysql", "node mysql2", "node mariadb", "Prisma", "Sequelize", "Knex", "TypeORM"}
        ),
    ),
    ("Ruby", frozenset({"Ruby mysql2", "trilogy", "Rails", "Sequel"})),
    (".NET", frozenset({"MySqlConnector", "MySql.Data"})),
    ("Rust", frozenset({"sqlx", "mysql_async", "diesel"})),
)
_LANGUAGE = {driver: language for language, drivers in _LANGUAGES for driver in drivers}

AROUND = frozenset(
    {"PHP", "HikariCP", "DBCP2", "c3p0", "Tomcat JDBC", "Agroal", "Druid", "SQLAlchemy", "Django"}
    | {"peewee", "Rails", "Sequel", "Sequelize", "Knex", "TypeORM", "Prisma", "Doctrine", "Laravel"}
    | {"Home Assistant", "Nextcloud", "Swoole", "PyMySQL", "MySql.Data"}
)
"""Names that give way to a library's own: they use one. (PyMySQL's classes are aiomysql's and
asyncmy's too, and MySqlConnector long had those of MySql.Data.)"""


def driver_of(line: str) -> str | None:
    """The client library that `line` names or whose format it has; None if it cannot be told."""
    folded = line.lower()
    for mark, driver in _BY_MARK:
        if mark in folded:
            return driver
    if _GO_LOG.search(line) or _GO_ERROR.search(line):
        return "go-sql-driver"
    if _WORKBENCH.search(line):
        return "MySQL Workbench"
    return "mysql client" if _CLI.search(line) else None


def closer(one: str | None, other: str | None) -> str | None:
    """Of two names that of the library itself, or the first."""
    if one is None or (one in AROUND and other is not None and other not in AROUND):
        return other
    return one


def language_of(driver: str) -> str:
    """The language of a library, pool or framework; the name itself where it stands alone."""
    return _LANGUAGE.get(driver, driver)


def names_mysql(line: str) -> bool:
    """Whether `line` speaks of MySQL or MariaDB.

    The node drivers mark an error of Node's own with `fatal: true`.
    """
    folded = line.lower()
    # Asked of every line of a log: a loop over a handful of words would take longer.
    return (
        "mysql" in folded
        or "mariadb" in folded
        or "fatal: true" in folded
        or ":3306" in folded
        or "pdoexception" in folded
        or "pdo::" in folded
        or "myxql" in folded
        or "trilogy" in folded
    )


def names_another(line: str) -> bool:
    """Whether `line` speaks of another server that clients lose connections to."""
    return _OTHERS.search(line) is not None
