"""The client machine over SSH: the faults are on its path, not on the operator's."""

from tests.network.lab import NetworkLab
from tests.network.topology import SERVER


def test_the_operator_looks_from_the_applications_host(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.app_host() as app, mariadb_lab.operator.entered():
        host = app.keys.host(app.daemon)
        try:
            found = host.run(("getent", "ahostsv4", "db.example.test"))
            assert SERVER in found.stdout
            assert "db.example.test" in mariadb_lab.client.names.asked
            with mariadb_lab.dropped() as fault:
                port = mariadb_lab.database.port
                reach = f"timeout 2 bash -c 'exec 3<>/dev/tcp/{SERVER}/{port}'"
                assert host.run(("sh", "-c", reach)).exit_code == 124
                assert fault.hits() >= 1
                mariadb_lab.database.client("admin").close()
        finally:
            host.close()


def test_check_takes_the_place(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.app_host() as app:
        run = mariadb_lab.check("operator", "--app-ssh", app.place, home=app.home)
    assert run.answer["target"]["reachable"], run.told()
    assert app.place in run.stderr, run.told()
