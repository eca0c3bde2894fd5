"""The drivers of the clients that are connected now, by what they tell at login.

Connection attributes are kept where performance_schema is on (both servers); each driver writes
its own `_client_name`.
"""

from wizard.server.session import QueryDenied, QueryFailed, ServerError, ServerSession
from wizard.server.variables import OWN_PROGRAM

_MOST = 5000

_NAMES = {
    "pymysql": "PyMySQL",
    "mysql-connector-python": "Connector/Python",
    "mysql connector/j": "Connector/J",
    "mysql-connector-java": "Connector/J",
    "mariadb connector/j": "MariaDB Connector/J",
    "go-mysql-driver": "go-sql-driver",
    "mysqlnd": "PHP",
    "node-mysql-2": "node mysql2",
    "node-mysql2": "node mysql2",
    "mariadb connector/node": "node mariadb",
    "mysql-connector-net": "MySql.Data",
    "mysqlconnector": "MySqlConnector",
}
"""libmysql and libmariadb carry many languages, so they name none."""


def clients_seen(session: ServerSession) -> frozenset[str]:
    """Names as a failure's `driver` has them; our own sessions are left out. Raises
    ConnectionLost."""
    try:
        rows = session.rows(
            "SELECT c.ATTR_VALUE AS name, p.ATTR_VALUE AS program"
            " FROM performance_schema.session_connect_attrs c"
            " LEFT JOIN performance_schema.session_connect_attrs p"
            " ON p.PROCESSLIST_ID = c.PROCESSLIST_ID AND p.ATTR_NAME = 'program_name'"
            f" WHERE c.ATTR_NAME = '_client_name' LIMIT {_MOST}"
        )
    except (QueryDenied, QueryFailed):
        return frozenset()
    told = {str(r["name"] or "").lower() for r in rows if r["program"] != OWN_PROGRAM}
    return frozenset(_NAMES[name] for name in told & set(_NAMES))


def drivers_connected(session: ServerSession | None) -> frozenset[str]:
    """The same where there may be no session, or one that is lost: then nobody is seen."""
    try:
        return frozenset() if session is None else clients_seen(session)
    except ServerError:
        return frozenset()
