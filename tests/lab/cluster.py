"""A real Galera cluster that loses its quorum, replicas that are promoted or too small."""

import time
import uuid
from pathlib import Path

from tests.lab.bench import Bench, LabServer, NotHere
from tests.lab.clients import Worker, application, wait_until
from tests.lab.scenario import fault
from tests.servers.sshd.daemon import free_port
from wizard.demo.binaries import Flavor
from wizard.diagnosis.model import Verdict

_PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
_MARIADB = (Flavor.MARIADB,)
_JOIN_SECONDS = 60.0


def _node(server: LabServer, state: str, own: int, peers: list[int]) -> None:
    """Galera's options for a node on the loopback, whose data is at `state` already: nobody
    needs a state transfer, whose scripts are another package's."""
    addresses = ",".join(f"127.0.0.1:{port}" for port in peers)
    server.configure(
        wsrep_on="ON",
        wsrep_provider=_PROVIDER,
        wsrep_cluster_name="lab",
        wsrep_cluster_address=f"gcomm://{addresses}",
        wsrep_node_address=f"127.0.0.1:{own}",
        wsrep_sst_method="skip",
        wsrep_start_position=f"{state}:0",
        binlog_format="ROW",
        default_storage_engine="InnoDB",
        innodb_autoinc_lock_mode=2,
        wsrep_provider_options='"'
        + ";".join(
            (
                f"gmcast.listen_addr=tcp://127.0.0.1:{own}",
                f"ist.recv_addr=127.0.0.1:{own + 1}",
                "evs.keepalive_period=PT0.3S",
                "evs.suspect_timeout=PT1S",
                "evs.inactive_timeout=PT2S",
                "evs.inactive_check_period=PT0.5S",
            )
        )
        + '"',
    )
    (server.data / "grastate.dat").write_text(
        f"# GALERA saved state\nversion: 2.1\nuuid:    {state}\nseqno:   0\nsafe_to_bootstrap: 1\n",
        encoding="ascii",
    )


def _cluster(place: Bench) -> LabServer:
    """Make the bench's server a node of two; returns the other one."""
    if not _PROVIDER.exists():
        raise NotHere("galera-4 is not installed")
    first = place.server
    application(place).close()
    first.stop()
    second = LabServer(first.binary, {}, first.data)
    second.passwords.update(first.passwords)
    second.initialise()
    state, own, others = str(uuid.uuid4()), free_port(), free_port()
    _node(first, state, own, [])
    first.start()
    _node(second, state, others, [own])
    place.held.callback(second.close)
    second.start()
    wait_until(lambda: first.status("wsrep_cluster_size") == 2, _JOIN_SECONDS)
    first.configure(wsrep_cluster_address=f"gcomm://127.0.0.1:{own},127.0.0.1:{others}")
    return second


def _ready(server: LabServer) -> bool:
    (row,) = server.sql("SHOW STATUS LIKE 'wsrep_ready'")
    return str(row["Value"]) == "ON"


def _orders(place: Bench, times: int) -> None:
    for _ in range(times):
        with Worker(place, lambda: place.server.client(database="shop"), "shop.orders") as job:
            job.run("order", "SELECT COUNT(*) FROM orders")


@fault("cluster-not-ready", flavors=_MARIADB)
def cluster_without_quorum(place: Bench) -> None:
    """One of two Galera nodes dies; the other one is no primary any more and answers 1047."""
    other = _cluster(place)
    place.age()
    _orders(place, 2)
    other.kill9()
    wait_until(lambda: not _ready(place.server), _JOIN_SECONDS)
    with place.due("cluster-not-ready"):
        _orders(place, 3)


def _replicate(source: LabServer, replica: LabServer) -> None:
    """Let `replica` follow `source` from here on."""
    if source.flavor is Flavor.MARIADB:
        (status,) = source.sql("SHOW MASTER STATUS")
        replica.sql(
            "CHANGE MASTER TO master_host=%s, master_port=%s, master_user='admin',"
            " master_password=%s, master_log_file=%s, master_log_pos=%s, master_connect_retry=1",
            source.host, source.port, source.passwords["admin"], status["File"],
            status["Position"],
        )  # fmt: skip
        replica.sql("START SLAVE")
        return
    (status,) = source.sql("SHOW BINARY LOG STATUS")
    replica.sql(
        "CHANGE REPLICATION SOURCE TO source_host=%s, source_port=%s, source_user='admin',"
        " source_password=%s, source_log_file=%s, source_log_pos=%s, source_connect_retry=1,"
        " get_source_public_key=1",
        source.host, source.port, source.passwords["admin"], status["File"], status["Position"],
    )  # fmt: skip
    replica.sql("START REPLICA")


def _applied(replica: LabServer, number: int) -> bool:
    return bool(replica.sql("SELECT id FROM shop.orders WHERE id = %s", number))


def _pair(place: Bench) -> LabServer:
    """The bench's server with its binary log, and a second one; both have the shop's tables."""
    second = LabServer(place.server.binary, {"server_id": 2, "log_bin": "binlog"}, place.template)
    place.held.enter_context(second)
    place.server.configure(server_id=1, log_bin="binlog")
    place.server.stop()
    (place.server.data / "auto.cnf").unlink(missing_ok=True)  # MySQL's own identity, copied
    place.server.start()
    application(place).close()
    with second.client("admin", database="shop") as admin, admin.cursor() as cursor:
        cursor.execute("CREATE TABLE orders (id INT PRIMARY KEY)")
        cursor.execute("CREATE TABLE documents (id INT PRIMARY KEY AUTO_INCREMENT, body LONGTEXT)")
    return second


@fault("failover", alone=(), least_alone=Verdict.POSSIBLE)
def promoted_replica(place: Bench) -> None:
    """A replica is promoted; the application goes on writing to the old source, now read-only."""
    replica = _pair(place)
    _replicate(place.server, replica)
    place.age()
    with Worker(
        place, lambda: place.server.client(database="shop", autocommit=True), "shop.orders"
    ) as job:
        job.run("order", "INSERT INTO orders VALUES (1)")
        wait_until(lambda: _applied(replica, 1))
        replica.sql("STOP SLAVE" if place.is_mariadb else "STOP REPLICA")
        place.server.set_global("read_only", "ON")
        with place.due("failover"):
            for number in (2, 3, 4):
                job.run("order", f"INSERT INTO orders VALUES ({number})")


@fault("packet-too-large", "replication-reader-cut", least=Verdict.POSSIBLE,
       least_alone=Verdict.POSSIBLE)  # fmt: skip
def replica_with_small_packets(place: Bench) -> None:
    """A replica may take 1 MiB, a row of its source has 3 MiB: it reconnects in vain."""
    source = _pair(place)
    small = "slave_max_allowed_packet" if place.is_mariadb else "replica_max_allowed_packet"
    place.server.set_global(small, 1 << 20)
    _replicate(source, place.server)
    place.age()
    with source.client(database="shop", autocommit=True) as job, job.cursor() as cursor:
        cursor.execute("INSERT INTO orders VALUES (1)")
        wait_until(lambda: _applied(place.server, 1))
        cursor.execute("INSERT INTO documents (body) VALUES (%s)", ("x" * (3 << 20),))
    wait_until(lambda: "max_allowed_packet" in place.server.log_text())
    time.sleep(2.0)
