"""What docker-compose.yml says, and that its very commands make a working Sagewright on PostgreSQL and Redis."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from console.database import parse_database
from console.supervisor import addresses, secret_files, store
from console.supervisor.options import Options
from console.supervisor.processes import Process
from tests.scale import compose, servers
from tests.stack import ROOT
from tests.waiting import LIMIT, wait_for

pytestmark = pytest.mark.scale
OURS = ("engine", "gateway", "worker", "reader", "sender", "trainer", "events", "beat", "web", "live")


CLIENTS = ("web", "worker", "reader", "sender", "events")  # of AWS
PROXY = ROOT / "deploy" / "haproxy" / "haproxy.cfg"


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return compose.read({})["services"]


def test_the_file_is_sound(services):
    assert set(services) == {*OURS, "prepare", "proxy", "postgres", "valkey", "store"}
    if theirs := compose.with_docker({}):
        for name, service in services.items():
            assert theirs["services"][name].get("command") == service.get("command")
            assert theirs["services"][name].get("environment", {}) == service.get("environment", {})
    for name, service in services.items():
        for other, condition in service.get("depends_on", {}).items():
            started_before = "healthcheck" in services[other] or other == "prepare"
            assert started_before, f"{name} waits for {other}"
            assert condition["condition"] in ("service_healthy", "service_completed_successfully")
        for port in service.get("ports", []):
            assert name == "proxy"
            assert port.startswith("127.0.0.1:"), f"{name} is open to other machines"
    assert services["proxy"]["ports"] == ["127.0.0.1:8000:8000", "127.0.0.1:8002:8002"], "the control plane is inside"
    for name in ("web", "gateway", "engine", "trainer", "beat"):
        assert services[name]["deploy"]["replicas"] > 1


def test_each_service_is_limited_and_looked_after(services):
    for name, service in services.items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {"cpus", "memory", "pids"} == set(service["deploy"]["resources"]["limits"]), name
        assert name == "store" or service["user"] not in ("", "0", "root", "0:0")
        assert name == "prepare" or {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"]), name
        assert name == "prepare" or service["stop_grace_period"], name


def test_who_takes_long_to_end_is_given_the_time(services):
    for name in OURS:
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > Process.grace


def test_images_do_not_change_by_themselves(services):
    for name, service in services.items():
        if name not in (*OURS, "prepare"):
            version = re.search(r":(\d+\.\d+[^@]*)(@sha256:[0-9a-f]{64})?$", service["image"])
            assert version, f"{name}: {service['image']}"
    assert re.search(r"ARG PYTHON=python:[\d.]+-slim-bookworm@sha256:[0-9a-f]{64}", (ROOT / "Dockerfile").read_text())


def test_its_store_has_the_flags_of_the_embedded_one(services):
    assert set(store.FLAGS) <= set(services["store"]["command"])


def test_every_secret_is_a_file_that_the_command_writes():
    project = compose.read({})
    assert {name: position["file"] for name, position in project["secrets"].items()} == {
        name: f"./secrets/{name}" for name in secret_files.new_secrets("", "", "")
    }
    for name, service in project["services"].items():
        files = {v.removeprefix("/run/secrets/") for v in service.get("environment", {}).values() if "/run/sec" in v}
        words = str(service.get("entrypoint", "")) + str(service.get("healthcheck", ""))
        files |= set(re.findall(r"/run/secrets/(\w+)", words))
        assert files == set(service.get("secrets", ())), name
        named = [
            n for n in service.get("environment", {}) if n.endswith(("PASSWORD", "_KEY", "DATABASE_URL", "REDIS_URL"))
        ]
        assert not named, f"{name} has {named} in its environment, which others can read"


def test_secrets_are_for_their_owner_and_made_once(tmp_path, capsys):
    folder = tmp_path / "secrets"
    assert secret_files.write_secrets([str(folder), "--postgres", "one:5432,two:5432"]) == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}, "containers read them as another user"
    before = (folder / "secret_key").read_text()
    assert secret_files.write_secrets([str(folder)]) == 1
    assert (folder / "secret_key").read_text() == before
    url = parse_database((folder / "database_url").read_text())
    assert (url["HOST"], url["PORT"]) == ("one,two", "5432,5432")
    assert url["PASSWORD"] == (folder / "postgres_password").read_text()


def test_only_the_gateway_reaches_the_store(services):
    assert {n for n in services if "store_url" in services[n].get("secrets", ())} == {"gateway"}
    assert services["store"]["networks"] == ["store"]
    assert [n for n in services if "store" in services[n].get("networks", ())] == ["gateway", "store"]


def test_a_service_gets_only_the_secrets_it_needs(services):
    assert {n for n in OURS if "console_key" in services[n]["secrets"]} == set(CLIENTS)


def test_the_proxy_knows_every_server_by_the_name_of_its_service(services):
    text = PROXY.read_text()
    matches = dict(re.findall(r"server-template \w+ \d+ (\w+):(\d+)", text))
    assert matches == {"web": "8000", "live": "8001", "gateway": "8002", "engine": "8003", "notebooks": "8004"}
    if haproxy := shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin"):
        done = subprocess.run([haproxy, "-c", "-f", str(PROXY)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_chart_runs_the_same_commands(services):
    values = yaml.safe_load((ROOT / "deploy" / "helm" / "sagewright" / "values.yaml").read_text())
    assert {name: process["command"] for name, process in values["processes"].items()} == {
        name: services[name]["command"] for name in OURS
    }
    for name, process in values["processes"].items():
        assert process.get("client", False) == (name in CLIENTS)
        assert process.get("tasks", "") == services[name]["environment"].get("SAGEWRIGHT_TASKS", "")


def test_trainers_get_what_members_on_several_machines_need():
    text = (ROOT / "deploy" / "several-instances.yml").read_text().replace("!override ", "")
    trainer = yaml.safe_load(text)["services"]["trainer"]
    assert trainer["environment"] == {"SAGEWRIGHT_MACHINE_ADDRESS": "auto"}
    assert trainer["devices"] == ["/dev/net/tun:/dev/net/tun"]
    assert "no-new-privileges:true" in trainer["security_opt"]
    values = yaml.safe_load((ROOT / "deploy" / "helm" / "sagewright" / "values.yaml").read_text())
    assert [name for name, process in values["processes"].items() if process.get("trains")] == ["trainer"]


@pytest.mark.long
def test_its_commands_take_a_table_to_a_prediction(services, postgres, tmp_path):
    pg_port, pg_password = postgres
    with servers.redis() as (redis_port, redis_password):
        at = addresses.choose(Options(free_ports=True), set(addresses.OFFSETS))
        ports = vars(at)
        secrets_ = secret_files.new_secrets(
            f"127.0.0.1:{pg_port}", f"127.0.0.1:{redis_port}", f"127.0.0.1:{ports['store']}"
        )
        for name, value in secrets_.items():
            value = value.replace(secrets_["postgres_password"], pg_password)
            (tmp_path / name).write_text(value.replace(secrets_["valkey_password"], redis_password))
        paths = {
            "/run/secrets": str(tmp_path),
            "/tmp/alive": str(tmp_path / "alive"),  # noqa: S108 (a container's own)
            "//proxy:8002": f"//127.0.0.1:{ports['gateway']}",
            "//127.0.0.1:8002": f"//127.0.0.1:{ports['gateway']}",
            "//proxy:8003": f"//127.0.0.1:{ports['engine']}",
        }
        numbers = {"8000": ports["web"], "8001": ports["live"], "8002": ports["gateway"], "8003": ports["engine"]}
        with Machine(services, paths, numbers) as machine:
            machine.start_store(ports["store"])
            machine.run("prepare", machine.services["prepare"]["command"], machine.services["prepare"])
            password = machine.run("web", ["python", "manage.py", "first_user"], machine.services["web"])
            assert "One-time password" in password
            machine.run("web", ["python", "manage.py", "collectstatic", "--noinput"], machine.services["web"])
            for name in OURS:
                machine.start(name)
            machine.start("worker", replica=2)
            machine.start("beat", replica=2)
            for name in ("web", "live", "gateway", "engine"):
                url = re.search(r"http://127\.0\.0\.1:\d+(\S*)'", services[name]["healthcheck"]["test"][-1])
                assert url
                address = f"http://127.0.0.1:{ports[name]}{url[1]}"
                wait_for(lambda a=address: _answers(a), name, machine.tail)
            report = machine.run("web", ["python", "manage.py", "demo"], machine.services["web"])
            assert re.search(r"known to be malignant: [01]\.\d+", report), report
            printed = machine.tail()
            assert printed.count("this beat is the active one") == 1
            assert printed.count("this beat is waiting") <= 1


class Machine:
    """Runs the services of the compose file as plain processes; in the end none is left."""

    def __init__(self, services: dict, positions: dict[str, str], numbers: dict[str, int]):
        self.services, self.binds, self.numbers = services, positions, numbers
        self.folder = Path(tempfile.mkdtemp(prefix="sw-scale-"))
        self.processes: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str, replica: int = 1) -> None:
        """Start `name` with its own command; a replica's host has a name of its own, as its container would."""
        service = self.services[name]
        command = [word.replace("%h", f"%h-{replica}") for word in self._command(service["command"])]
        self._spawn(f"{name}-{replica}", command, self._environment(service), ROOT)

    def start_store(self, port: int) -> None:
        """The embedded SeaweedFS with the command and the environment of the service "store", on free ports."""
        service, data = self.services["store"], self.folder / "store"
        data.mkdir()
        command = [
            word.replace("-dir=/data", f"-dir={data}")
            .replace("-ip=store", "-ip=127.0.0.1")
            .replace("-ip.bind=0.0.0.0", "-ip.bind=127.0.0.1")
            for word in service["command"]
            if word != "-s3.port=8333"
        ]
        lines = (Path(self.binds["/run/secrets"]) / "store_variables").read_text().splitlines()
        variables = dict(line.split("=", 1) for line in lines)
        environment = {"PATH": os.environ["PATH"], "HOME": str(data)} | variables | store.ENVIRONMENT
        command = [str(store.binary()), *command, *store.port_flags(port)]
        self._spawn("store", command, environment, data)
        refused = f"http://127.0.0.1:{port}/"
        wait_for(lambda: _status(refused) == 403, "the store to refuse who does not sign", self.tail)

    def run(self, name: str, command: list[str], service: dict) -> str:
        """Run a command to its end in the environment of a service; what it printed."""
        environment = self._environment(service)
        done = subprocess.run(
            self._command(command), env=environment, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}\n{self.tail()}"
        return done.stdout

    def tail(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def _spawn(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        with (self.folder / f"{name}.log").open("wb") as out:
            self.processes[name] = subprocess.Popen(
                command, env=environment, cwd=folder, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    def _command(self, words: list[str]) -> list[str]:
        """The command as it is, but in this Python, on loopback and on free ports."""
        first = [sys.executable] if words[0] == "python" else [str(Path(sys.executable).parent / words[0])]
        rest = [word.replace("0.0.0.0", "127.0.0.1") for word in words[1:]]
        return first + [re.sub(r"\b(800[0-3])$", lambda m: str(self.numbers[m[1]]), word) for word in rest]

    def _environment(self, service: dict) -> dict[str, str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "SAGEWRIGHT_DATA": str(self.folder / "data"),
        }
        for name, value in service["environment"].items():
            for theirs, ours in self.binds.items():
                value = value.replace(theirs, ours)
            environment[name] = value
        return environment


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as e:
        e.close()
        return e.code
    except OSError:
        return 0


def _answers(url: str) -> bool:
    return _status(url) == 200
