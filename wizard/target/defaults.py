"""Where a server is when nothing says otherwise: port, sockets, directories, logs, units."""

DEFAULT_PORT = 3306

DEFAULT_SOCKETS = (
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
)
"""Debian's and Ubuntu's, Red Hat's, and the one that upstream compiles in."""

DEFAULT_DATADIR = "/var/lib/mysql"

DEFAULT_ERROR_LOGS = (
    "/var/log/mysql/error.log",
    "/var/log/mysqld.log",
    "/var/log/mariadb/mariadb.log",
    "/var/log/mysql/mysqld.log",
)

DEFAULT_UNITS = ("mariadb.service", "mysql.service", "mysqld.service")
"""What the distributions call it: Debian and upstream MariaDB, Debian's and Ubuntu's MySQL,
and Red Hat's and Oracle's MySQL."""
