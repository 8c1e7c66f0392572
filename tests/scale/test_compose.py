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

from console.supervisor import addresses, store
from console.supervisor.options import Options
from tests.scale import compose, servers
from tests.stack import ROOT
from tests.waiting import LIMIT, wait_for

pytestmark = pytest.mark.scale
OURS = ("engine", "gateway", "worker", "reader", "sender", "trainer", "events", "beat", "web", "live")


@pytest.fixture(scope="module")
def secrets() -> dict[str, str]:
    """What `manage.py secrets` prints, which people put into .env."""
    printed = subprocess.run(
        [sys.executable, "manage.py", "secrets"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in printed.stdout.splitlines())


def test_the_file_is_sound(secrets):
    ours = compose.read(secrets)
    theirs = compose.with_docker(secrets)
    services = ours["services"]
    assert set(services) == {*OURS, "prepare", "proxy", "postgres", "valkey", "store"}
    if theirs:
        for name, service in services.items():
            assert theirs["services"][name].get("command") == service.get("command")
            assert theirs["services"][name].get("environment", {}) == service.get("environment", {})
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for condition in service.get("depends_on", {}).values():
            assert condition["condition"] in ("service_healthy", "service_completed_successfully")
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} is open to other machines"
    assert int(services["web"]["deploy"]["replicas"]) > 1
    assert int(services["trainer"]["deploy"]["replicas"]) > 1


def test_its_store_has_the_flags_of_the_embedded_one(secrets):
    assert set(store.FLAGS) <= set(compose.read(secrets)["services"]["store"]["command"])


def test_no_password_has_a_default(secrets):
    text = compose.FILE.read_text()
    for name in secrets:
        used = re.findall(rf"\$\{{{name}([^}}]*)\}}", text)
        assert used, f"{name} is not used"
        assert all(how.startswith(":?") for how in used), f"{name} has a default, or may be empty"
    with pytest.raises(KeyError):
        compose.read({})


def test_only_the_gateway_reaches_the_store(secrets):
    services = compose.read(secrets)["services"]
    assert {n for n in services if "SAGEWRIGHT_STORE_URL" in services[n].get("environment", {})} == {"gateway"}
    assert services["store"]["networks"] == ["store"]
    assert [n for n in services if "store" in services[n].get("networks", ())] == ["gateway", "store"]


def test_a_service_gets_only_the_secrets_it_needs(secrets):
    services = compose.read(secrets)["services"]
    assert {n for n in OURS if "AWS_SECRET_ACCESS_KEY" in services[n]["environment"]} == {
        "web",
        "worker",
        "reader",
        "sender",
        "events",
    }


@pytest.mark.long
def test_its_commands_take_a_table_to_a_prediction(secrets, postgres):
    pg_port, pg_password = postgres
    with servers.redis() as (redis_port, redis_password):
        given = secrets | {"POSTGRES_PASSWORD": pg_password, "VALKEY_PASSWORD": redis_password}
        at = addresses.choose(Options(free_ports=True), set(addresses.OFFSETS))
        ports = vars(at)
        places = {
            "@postgres:5432": f"@127.0.0.1:{pg_port}",
            "@valkey:6379": f"@127.0.0.1:{redis_port}",
            "@store:8333": f"@127.0.0.1:{ports['store']}",
            "//gateway:8002": f"//127.0.0.1:{ports['gateway']}",
            "//127.0.0.1:8002": f"//127.0.0.1:{ports['gateway']}",
            "//engine:8003": f"//127.0.0.1:{ports['engine']}",
        }
        numbers = {"8000": ports["web"], "8001": ports["live"], "8002": ports["gateway"], "8003": ports["engine"]}
        with Machine(compose.read(given)["services"], places, numbers) as machine:
            machine.start_store(ports["store"])
            machine.run("prepare", machine.services["prepare"]["command"], machine.services["prepare"])
            password = machine.run("web", ["python", "manage.py", "first_user"], machine.services["web"])
            assert "One-time password" in password
            machine.run("web", ["python", "manage.py", "collectstatic", "--noinput"], machine.services["web"])
            for name in OURS:
                machine.start(name)
            machine.start("worker", replica=2)
            machine.start("beat", replica=2)
            for name, path in {
                "web": "/healthz/",
                "live": "/healthz",
                "gateway": "/healthz",
                "engine": "/healthz",
            }.items():
                wait_for(lambda u=f"http://127.0.0.1:{ports[name]}{path}": _answers(u), name, machine.tail)
            said = machine.run("web", ["python", "manage.py", "demo"], machine.services["web"])
            assert re.search(r"known to be malignant: [01]\.\d+", said), said
            printed = machine.tail()
            assert printed.count("this beat is the active one") == 1
            assert printed.count("this beat is waiting") <= 1


class Machine:
    """Runs the services of the compose file as plain processes; in the end none is left."""

    def __init__(self, services: dict, places: dict[str, str], numbers: dict[str, int]):
        self.services, self.places, self.numbers = services, places, numbers
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
        environment = {"PATH": os.environ["PATH"], "HOME": str(data)} | service["environment"] | store.ENVIRONMENT
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
            for theirs, ours in self.places.items():
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
