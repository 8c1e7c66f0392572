"""What the machines of the drill share: PostgreSQL with a standby, Redis, a store, names, and the proxy.

The proxy is that of deploy/. Each has an address of its own on loopback, in a network namespace of the drill.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from console.supervisor import store
from tests.scale.servers import hand_over, listens, postgres_binaries
from tests.stack import ROOT
from tests.waiting import LIMIT, wait_for

PROXY, NAMES = "127.0.0.1", "127.0.0.11"
PRIMARY, STANDBY, REDIS, STORE = "127.0.2.1", "127.0.2.2", "127.0.2.3", "127.0.2.4"
HBA = "host all all 127.0.0.0/8 scram-sha-256\nhost replication all 127.0.0.0/8 scram-sha-256\n"


class Shared:
    """The servers, and what the machines need to find them. Use it in a `with`; after it no process is left."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.password, self.redis_password = secrets.token_hex(16), secrets.token_hex(16)
        self.store_key = f"{secrets.token_hex(10)}:{secrets.token_hex(20)}"
        self.processes: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Shared":
        self._start_databases()
        self._start_redis()
        self._start_store()
        return self

    def __exit__(self, *_) -> None:
        for process in reversed(self.processes.values()):
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def urls(self) -> dict[str, str]:
        """The values of SAGEWRIGHT_ variables by their names."""
        return {
            "DATABASE_URL": f"postgres://sagewright:{self.password}@{PRIMARY}:5432,{STANDBY}:5432/sagewright",
            "REDIS_URL": f"redis://:{self.redis_password}@{REDIS}:6379/0",
            "STORE_URL": f"http://{self.store_key}@{STORE}:8333",
        }

    def fail_over(self, seconds: float) -> None:
        """Kill the primary as a power cut would, and promote the standby after `seconds`: to notice takes some."""
        postmaster = int((self.folder / "pg" / "primary" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        self.processes.pop("primary").wait()
        time.sleep(seconds)
        self._as_owner(f"{self.binaries}/pg_ctl", "promote", "-D", self.folder / "pg" / "standby")

    def start_proxy(self, machines: dict[str, list[str]]) -> None:
        """Start the names, {name of a service: addresses of its replicas}, and the proxy that looks them up."""
        hosts = self.folder / "hosts"
        hosts.write_text("".join(f"{address} {name}\n" for name, result in machines.items() for address in result))
        resolver = self.folder / "resolv.conf"
        resolver.write_text(f"nameserver {NAMES}\n")
        subprocess.run(["mount", "--bind", str(resolver), "/etc/resolv.conf"], check=True)
        options = (f"--addn-hosts={hosts}", f"--listen-address={NAMES}", "--local-ttl=1", "--user=root")
        self._start(
            "names", "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-interfaces", *options
        )
        self._start(
            "proxy", "haproxy", "-W", "-db", "-f", ROOT / "deploy/haproxy/haproxy.cfg", BIND=PROXY, INSIDE=PROXY
        )
        wait_for(lambda: listens(8002, PROXY), "the proxy", self.tail)

    def tail(self) -> str:
        """The ends of all logs."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def _start(self, name: str, *command: object, cwd: Path = ROOT, **environment: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as out:
            words = [str(word) for word in command]
            variables = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "LC_ALL": "C", **environment}
            self.processes[name] = subprocess.Popen(words, env=variables, cwd=cwd, stdout=out, stderr=out)

    def _as_owner(self, *command: object) -> None:
        words = [*self.owner, *map(str, command)]
        done = subprocess.run(words, cwd=self.folder / "pg", env=self._client, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    @property
    def _client(self) -> dict[str, str]:
        return {"PGPASSWORD": self.password, "PATH": os.environ["PATH"], "LC_ALL": "C"}

    def _start_databases(self) -> None:
        """A primary whose commits wait for the standby: what was acknowledged is on both."""
        self.binaries, home = postgres_binaries(), self.folder / "pg"
        home.mkdir()
        (home / "password").write_text(self.password)
        self.owner = hand_over(home)
        self.folder.chmod(0o711)
        how = ("-U", "sagewright", f"--pwfile={home}/password", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync")
        self._as_owner(f"{self.binaries}/initdb", "-D", home / "primary", *how)
        with (home / "primary" / "pg_hba.conf").open("a") as hba:
            hba.write(HBA)
        self._start_database("primary", PRIMARY)
        to = ("-h", PRIMARY, "-U", "sagewright")
        self._as_owner(f"{self.binaries}/createdb", *to, "sagewright")
        self._as_owner(
            f"{self.binaries}/pg_basebackup", *to, "-R", "-D", home / "standby", "--checkpoint=fast", "--no-sync"
        )
        self._start_database("standby", STANDBY)
        for statement in ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"):
            self._as_owner(f"{self.binaries}/psql", *to, "-c", statement, "sagewright")

    def _start_database(self, name: str, address: str) -> None:
        options = (f"listen_addresses={address}", "unix_socket_directories=", "max_connections=300")
        words = [word for option in (*options, "fsync=off") for word in ("-c", option)]
        data = self.folder / "pg" / name
        self._start(name, *self.owner, f"{self.binaries}/postgres", "-D", data, *words, cwd=self.folder / "pg")
        ready = [f"{self.binaries}/pg_isready", "-h", address]
        wait_for(lambda: subprocess.run(ready, capture_output=True).returncode == 0, name, self.tail)

    def _start_redis(self) -> None:
        server = shutil.which("redis-server") or shutil.which("valkey-server") or "redis-server"
        folder = self.folder / "redis"
        folder.mkdir()
        how = ("--requirepass", self.redis_password, "--appendonly", "yes", "--save", "", "--dir", folder)
        self._start("redis", server, "--bind", REDIS, "--port", "6379", *how)
        wait_for(lambda: listens(6379, REDIS), "Redis", self.tail)

    def _start_store(self) -> None:
        data = self.folder / "store"
        data.mkdir()
        key, _, secret = self.store_key.partition(":")
        where = (
            "-logtostderr=true",
            "-v=0",
            "mini",
            f"-dir={data}",
            f"-ip={STORE}",
            f"-ip.bind={STORE}",
            "-s3.port=8333",
        )
        variables = store.ENVIRONMENT | {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "HOME": str(data)}
        self._start("store", store.binary(), *where, *store.FLAGS, cwd=data, **variables)
        wait_for(lambda: listens(8333, STORE), "the store", self.tail, LIMIT)
