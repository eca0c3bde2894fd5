"""Timeouts out of proxies' configuration files."""

from wizard.probes.path.proxy_files import (
    ProxyTimeout,
    haproxy_timeouts,
    maxscale_timeouts,
    proxysql_timeouts,
    router_timeouts,
)

HAPROXY = """
global
    stats timeout 30s    # no timeout of a connection
defaults
    mode http
    timeout connect 5000
    timeout client  50000
    timeout server  50000
frontend web
    bind *:80
    timeout client 1m
defaults tcp
    mode tcp
    timeout connect 4s
    timeout client 30m
    timeout server 30m   # of all backends
frontend mysql
    bind 10.0.0.1:3306,10.0.0.2:3306 name db
    timeout client 10m
    default_backend pool
backend pool
    option mysql-check
    timeout server 600s
    server db1 10.0.1.1:3306 check
backend other
    timeout server 1s
listen range from tcp
    bind :3310-3312
    timeout tunnel 1d
"""


def _told(timeouts: tuple[ProxyTimeout, ...]) -> dict[tuple[str, str], float]:
    return {(t.name, t.where): t.seconds for t in timeouts}


def test_haproxy_a_frontend_and_where_it_leads() -> None:
    assert _told(haproxy_timeouts(HAPROXY, 3306)) == {
        ("client", "frontend mysql"): 600.0,
        ("server", "backend pool"): 600.0,
        ("connect", "defaults tcp"): 4.0,
    }


def test_haproxy_a_range_of_ports_with_named_defaults() -> None:
    found = haproxy_timeouts(HAPROXY, 3311)
    assert _told(found) == {
        ("tunnel", "listen range"): 86400.0,
        ("client", "defaults tcp"): 1800.0,
        ("server", "defaults tcp"): 1800.0,
        ("connect", "defaults tcp"): 4.0,
    }
    assert {t.name for t in found if t.on_idle} == {"tunnel", "client", "server"}


def test_haproxy_another_port_is_nobodys() -> None:
    assert haproxy_timeouts(HAPROXY, 3307) == ()
    assert haproxy_timeouts("", 3306) == ()
    assert haproxy_timeouts("\x00\xff listen\nbind\ntimeout client\n", 3306) == ()


def test_haproxy_milliseconds_are_the_unit_of_a_bare_number() -> None:
    text = "listen db\n bind :3306\n timeout client 1500\n timeout server 1500us\n"
    assert _told(haproxy_timeouts(text, 3306)) == {
        ("client", "listen db"): 1.5,
        ("server", "listen db"): 0.0015,
    }


def test_mysql_router() -> None:
    text = """
[DEFAULT]
connect_timeout=5
[routing:rw]
bind_address=0.0.0.0
bind_port=6446
client_connect_timeout=9
[routing:ro]
bind_address=0.0.0.0:6447
client_connect_timeout=20
"""
    assert _told(router_timeouts(text, 6446)) == {
        ("client_connect_timeout", "routing:rw"): 9.0,
        ("connect_timeout", "routing:rw"): 5.0,
    }
    assert ("client_connect_timeout", "routing:ro") in _told(router_timeouts(text, 6447))
    assert router_timeouts("no section", 6446) == ()


def test_maxscale() -> None:
    text = """
[maxscale]
threads=auto
[Splitter]
type=service
wait_timeout=300s
connection_timeout=10m
net_write_timeout=0
[Splitter-Listener]
type=listener
service=Splitter
port=4006
"""
    assert _told(maxscale_timeouts(text, 4006)) == {
        ("wait_timeout", "Splitter"): 300.0,
        ("connection_timeout", "Splitter"): 600.0,
    }
    assert maxscale_timeouts(text, 3306) == ()


def test_proxysql() -> None:
    text = """
datadir="/var/lib/proxysql"
mysql_variables=
{
    threads=4
    # wait_timeout=1
    interfaces="0.0.0.0:6033;/tmp/proxysql.sock"
    connect_timeout_client=10000
    default_query_timeout=36000000
    wait_timeout="28800000"
}
"""
    assert _told(proxysql_timeouts(text, 6033)) == {
        ("mysql-wait_timeout", "mysql_variables"): 28800.0,
        ("mysql-default_query_timeout", "mysql_variables"): 36000.0,
        ("mysql-connect_timeout_client", "mysql_variables"): 10.0,
    }
    assert proxysql_timeouts(text, 3306) == ()
    assert proxysql_timeouts("", 6033) == ()


def test_numbers_beyond_any_proxy_are_no_timeouts() -> None:
    huge = "9" * 5000
    assert (
        haproxy_timeouts(f"listen db\n bind :{huge}\n bind :3306\n timeout server {huge}\n", 3306)
        == ()
    )
    assert (
        proxysql_timeouts(
            f'mysql_variables={{interfaces="0.0.0.0:{huge}"\nwait_timeout={huge}}}', 1
        )
        == ()
    )
    assert router_timeouts(f"[routing:a]\nbind_port=1\nconnect_timeout={huge}\n", 1) == ()
