r"""Real networks with real faults, for the probes.

    client ---- router ---- server          every line is a veth pair; the database listens in
       \                      /             `server`; faults are staged on `router`
        ------ operator ------              a clean way to the database and to client's sshd

A test asks for a fixture of `conftest.py` and stages a fault around what it runs:

    def test_firewall(lab: NetworkLab) -> None:              # of each product, shared by a module
        with lab.forgetful_firewall(3):
            run = lab.check("client", "--probe", "idle")     # `check` as a user of that machine
        assert run.first == ("network-idle-drop", "confirmed"), run.told()

    def test_own_settings(start_lab: StartLab) -> None:      # a network and a server of its own
        lab = start_lab("mysql", wait_timeout=5)
        with lab.client.entered():                           # this thread is on that machine
            connection = lab.database.client("admin")        # and so is what it opens or starts

Others: `answering_firewall`, `loss`, `size_limit`, `dropped` (filters); `haproxy`,
`message_limit`, `relay` (on the router, `host=lab.ROUTER, port=proxy.port`); `silent_port`,
`closing_port`, `http_port`, `tls_port`, `refused_port` (`port=`); `lab.client.names` and
`lab.server.names` (`slow`, `silent`, `failing`); `app_host` for `--app-ssh`. Names:
`db.example.test`, `proxy.example.test`, `app.example.test`, `operator.example.test`.
"""
