"""Reads a database URL into Django's settings of the database."""

import re
from typing import Any

import dj_database_url

# SQLite so set takes many writers without "database is locked"; never use ATOMIC_REQUESTS with it,
# an IMMEDIATE transaction would take the write lock on every GET.
SQLITE: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864;"
    " PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728;",
}
# A machine that is gone answers nothing: the kernel would wait for it for a quarter of an hour, libpq for ever. A page
# may wait for a connection that was there and for a new one, and must come within five seconds.
POSTGRESQL: dict[str, Any] = {
    "connect_timeout": 2,  # seconds for each host
    "tcp_user_timeout": 3_000,  # milliseconds in which the server acknowledges what it was sent
    "keepalives_idle": 5,  # seconds, for connections that wait for an answer
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
HOSTS = re.compile(r"(?<=//)(?P<user>[^/?#]*@)?(?P<hosts>[^/?#@]*,[^/?#@]*)")


def parse_database(url: str) -> dict[str, Any]:
    """Django's settings of the database at `url`.

    A PostgreSQL URL may name several hosts, as libpq's do: `postgres://user:password@one:5432,two:5432/name`. The one
    that takes writes is used; after a failover that is another, which the next connection finds.
    """
    several = HOSTS.search(url)
    if several:
        url = f"{url[: several.start('hosts')]}several{url[several.end('hosts') :]}"
    database: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=600)}
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        return database | {"OPTIONS": SQLITE}
    if database["ENGINE"] == "django.db.backends.postgresql":
        # A connection to a server that was replaced fails when it is used: then it is one more, not a failed request.
        database["CONN_HEALTH_CHECKS"] = True
        database["ENGINE"] = "common.db.postgresql"  # with a circuit breaker
        options |= POSTGRESQL | options
        if several:
            pairs = [host.partition(":") for host in several["hosts"].split(",")]
            database["HOST"] = ",".join(host for host, _, _ in pairs)
            database["PORT"] = ",".join(port or "5432" for _, _, port in pairs)
            options.setdefault("target_session_attrs", "read-write")
    return database
