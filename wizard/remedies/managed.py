"""Services that let nobody set variables by SQL, recognised from the server itself.

There a change becomes a text for whoever holds the service's console: a parameter group, server
parameters, flags. The same is written for servers whose configuration is kept as code.
"""

from collections.abc import Callable, Mapping, Sequence

from wizard.probes.path.peers import recognised
from wizard.remedies.doable import HandOn
from wizard.server.variables import Settings

SERVICES: Mapping[HandOn, str] = {
    HandOn.RDS: "Amazon RDS",
    HandOn.AURORA: "Amazon Aurora",
    HandOn.AZURE: "Azure Database for MySQL",
    HandOn.CLOUD_SQL: "Google Cloud SQL",
}

_BY_PEER = {
    "Amazon Aurora": HandOn.AURORA,
    "Amazon RDS": HandOn.RDS,
    "Amazon RDS or Aurora": HandOn.RDS,
    "Azure Database for MySQL": HandOn.AZURE,
    "Azure Database for MariaDB": HandOn.AZURE,
    "Google Cloud SQL": HandOn.CLOUD_SQL,
}

Values = Sequence[tuple[str, str]]
"""Variables and their new values."""


def service_of(settings: Settings, version: str, host: str | None) -> HandOn | None:
    """The service that runs this server; None for a server of one's own."""
    variables = {name: setting.value for name, setting in settings.globals.items()}
    for peer in recognised(version, variables, host):
        if peer.name in _BY_PEER:
            return _BY_PEER[peer.name]
    return None


def handed_on(form: HandOn, values: Values, group: str) -> tuple[str, ...]:
    """The text, one line each. `group` is the option file's, `mysqld` or `mariadb`."""
    return tuple(_FORMS[form](values, group))


def why(service: HandOn) -> str:
    """Why nothing is set by SQL there."""
    return f"{SERVICES[service]} lets nobody set its variables by SQL; hand this on:"


def _rds(values: Values, _group: str) -> list[str]:
    return [
        "# GROUP is the instance's own parameter group; default.* groups cannot be changed.",
        "aws rds modify-db-parameter-group --db-parameter-group-name GROUP \\",
        *_aws(values),
    ]


def _aurora(values: Values, _group: str) -> list[str]:
    return [
        "# GROUP is the cluster's own parameter group; an instance's own group beats it.",
        "aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name GROUP \\",
        *_aws(values),
    ]


def _aws(values: Values) -> list[str]:
    each = [f"ParameterName={n},ParameterValue={v},ApplyMethod=immediate" for n, v in values]
    return ["  --parameters \\", *(f"  '{e}' \\" for e in each[:-1]), f"  '{each[-1]}'"]


def _azure(values: Values, _group: str) -> list[str]:
    return [
        line
        for name, value in values
        for line in (
            "az mysql flexible-server parameter set --resource-group GROUP \\",
            f"  --server-name SERVER --name {name} --value {value}",
        )
    ]


def _cloud_sql(values: Values, _group: str) -> list[str]:
    flags = ",".join(f"{name}={value}" for name, value in values)
    return [
        "# --database-flags replaces all flags: name those that are set already as well",
        "# (gcloud sql instances describe INSTANCE --format='value(settings.databaseFlags)').",
        "# Some flags restart the instance.",
        f"gcloud sql instances patch INSTANCE --database-flags={flags}",
    ]


def _helm(values: Values, group: str) -> list[str]:
    top = "mariadb" if group == "mariadb" else "mysql"
    return [
        f"# values.yaml (Bitnami's chart {top}): this goes into the [mysqld] part of",
        "# primary.configuration; the chart replaces the whole file.",
        "primary:",
        "  configuration: |-",
        "    [mysqld]",
        *(f"    {name}={value}" for name, value in values),
    ]


def _compose(values: Values, group: str) -> list[str]:
    image = "mariadb" if group == "mariadb" else "mysql"
    return [
        f"# compose.yaml: arguments after the image's name go to the server ({image} image)",
        "services:",
        "  db:",
        "    command:",
        *(f"      - --{name.replace('_', '-')}={value}" for name, value in values),
    ]


def _ansible(values: Values, group: str) -> list[str]:
    lines = []
    for name, value in values:
        lines += [
            f"- name: Set {name} in the option file",
            "  community.general.ini_file:",
            f"    path: {_drop_in(group)}",
            f"    section: {group}",
            f"    option: {name}",
            f'    value: "{value}"',
            '    mode: "0644"',
            f"- name: Set {name} in the running server",
            "  community.mysql.mysql_variables:",
            f"    variable: {name}",
            f'    value: "{value}"',
            "    mode: global",
        ]
    return lines


def _option_file(values: Values, group: str) -> list[str]:
    return [
        f"# {_drop_in(group)}, or where the server's other files are included",
        f"[{group}]",
        *(f"{name} = {value}" for name, value in values),
    ]


def _drop_in(group: str) -> str:
    place = "mariadb.conf.d" if group == "mariadb" else "mysql.conf.d"
    return f"/etc/mysql/{place}/zz-goneaway-wizard.cnf"


_FORMS: Mapping[HandOn, Callable[[Values, str], list[str]]] = {
    HandOn.RDS: _rds,
    HandOn.AURORA: _aurora,
    HandOn.AZURE: _azure,
    HandOn.CLOUD_SQL: _cloud_sql,
    HandOn.HELM: _helm,
    HandOn.COMPOSE: _compose,
    HandOn.ANSIBLE: _ansible,
    HandOn.OPTION_FILE: _option_file,
}
