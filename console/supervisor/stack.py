"""Decides what this start is made of: which processes, at which addresses, with which keys and environment."""

import base64
import os
import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from console.supervisor import addresses
from console.supervisor.addresses import Addresses
from console.supervisor.folder import Folder
from console.supervisor.options import ENGINE, NAMES, Options
from console.supervisor.refusal import Refusal
from console.supervisor.store import Store
from sagewright import environment as env

ON_AWS = ("valkey", "worker", "reader", "sender", "events", "beat", "web", "live")
CALLS_AWS = ("web", "worker", "reader", "sender", "events")
USES_STORE = ("gateway",)
USES_OBJECTS = ("engine", "gateway", "worker", "trainer")  # by S3 of the gateway
NOT_FOR_CHILDREN = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONSAFEPATH",  # our processes import from the folder that they start in
    "PYTHONWARNINGS",
    *(f"SAGEWRIGHT_{name}_KEY{how}" for name in ("CONSOLE", "FIRST_USER", "STORE") for how in ("", "_FILE")),
)


@dataclass(frozen=True)
class Stack:
    """One start of Sagewright. `aws` and `store` are variables that only some processes get: see `environment_of`."""

    folder: Folder
    at: Addresses
    processes: tuple[str, ...]
    on_aws: bool
    socket: Path
    common: dict[str, str]
    aws: dict[str, str]
    store: dict[str, str]
    first_user_key: str = ""
    engine_alone: bool = False

    def environment_of(self, name: str) -> dict[str, str]:
        """What process `name` finds in its environment: nothing secret that it has no use for."""
        aws = self.aws if self.on_aws or name in CALLS_AWS else {}
        return self.common | aws | (self.store if name in USES_STORE else {})

    def exports(self) -> list[str]:
        """The lines that make any AWS client of a shell talk to the engine as the first user; none on AWS itself."""
        if self.on_aws:
            return []
        key, _, secret = self.first_user_key.partition(":")
        return [
            f"export AWS_ENDPOINT_URL={self.aws['AWS_ENDPOINT_URL']}",
            f"export AWS_ACCESS_KEY_ID={key}",
            f"export AWS_SECRET_ACCESS_KEY={secret}",
            f"export AWS_DEFAULT_REGION={self.aws['AWS_DEFAULT_REGION']}",
            f"export SAGEMAKER_USER_CONFIG_OVERRIDE={shlex.quote(str(self.folder.sagemaker_config))}",
        ]


def compose(options: Options, folder: Folder) -> Stack:
    """The stack that `options` and the SAGEWRIGHT_ variables ask for. Raises Refusal when something is missing."""
    on_aws = _backend() == "aws"
    selected = ENGINE if options.engine else options.only or NAMES
    names = tuple(name for name in NAMES if name in selected)
    if on_aws and options.engine:
        raise Refusal("--engine starts the offline engine, and SAGEWRIGHT_BACKEND=aws asks for Amazon's. Choose one.")
    if on_aws:
        names = tuple(name for name in names if name in ON_AWS and (name != "events" or env.raw("EVENTS_QUEUE")))
    if env.raw("REDIS_URL"):
        names = tuple(name for name in names if name != "valkey")
    if env.raw("STORE_URL"):
        names = tuple(name for name in names if name != "store")
    _check_elsewhere(options, names, on_aws)
    at = addresses.choose(options, set(names))
    socket = folder.socket("valkey.sock")
    region = env.raw("REGION") or (_ambient_region() if on_aws else "") or env.text("REGION")
    folder.secret("secret_key")
    common = {k: v for k, v in os.environ.items() if k not in NOT_FOR_CHILDREN and not k.startswith("AWS_")} | {
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "console.settings",  # not those of a person's own project
        "AWS_EC2_METADATA_DISABLED": "true",
        "CELERY_SKIP_CHECKS": "1",  # Django's checks load every page's code; `prepare` and the tests run them
        "SAGEWRIGHT_DATA": str(folder.data),
        "SAGEWRIGHT_REDIS_URL": env.raw("REDIS_URL") or f"unix://{quote(str(socket))}",
        "SAGEWRIGHT_WEB_URL": env.raw("WEB_URL") or at.url("web"),
        "SAGEWRIGHT_LIVE_URL": env.raw("LIVE_URL") or at.url("live"),
        "SAGEWRIGHT_NOTEBOOKS_URL": env.raw("NOTEBOOKS_URL") or f"http://{{instance}}.localhost:{at.notebooks}",
        "SAGEWRIGHT_REGION": region,
    }
    if options.engine:
        common["SAGEWRIGHT_TASKS"] = "engine"
    if on_aws:
        ambient = {k: v for k, v in os.environ.items() if k.startswith("AWS_")}
        return Stack(folder, at, names, on_aws, socket, common, ambient, {})
    common["SAGEWRIGHT_ENGINE_URL"] = env.raw("ENGINE_URL") or at.url("engine")
    clients_url = env.raw("GATEWAY_URL") or at.url("gateway")
    # A public address may lead through a proxy, or may not exist yet: our own processes go straight to our own gateway.
    common["SAGEWRIGHT_GATEWAY_URL"] = at.url("gateway") if "gateway" in names else clients_url
    key, _, secret = folder.secret("console_key", access_key).partition(":")
    aws = {
        "AWS_ENDPOINT_URL": clients_url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": region,
    }
    first_user_key = folder.secret("first_user_key", access_key)
    folder.write_sagemaker_config(f"sagemaker-{region}-{env.text('ACCOUNT')}")
    return Stack(
        folder,
        at,
        names,
        on_aws,
        socket,
        common,
        aws,
        _store_variables(folder, at),
        first_user_key,
        options.engine,
    )


def _backend() -> str:
    backend = env.text("BACKEND")
    if backend not in ("engine", "aws"):
        raise Refusal(f"SAGEWRIGHT_BACKEND is {backend!r}; it must be 'engine' (the default) or 'aws'.")
    return backend


def _ambient_region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def _check_elsewhere(options: Options, names: tuple[str, ...], on_aws: bool) -> None:
    """With --only, what is not started here must be named, or each machine would quietly work alone."""
    if not options.only:
        return
    own_processes = [name for name in names if name not in ("valkey", "store")]
    missing = [f"SAGEWRIGHT_{name}" for name in ("DATABASE_URL", "SECRET_KEY") if own_processes]
    if "valkey" not in names and own_processes:
        missing.append("SAGEWRIGHT_REDIS_URL")
    if not on_aws:
        if "store" not in names and any(name in USES_STORE for name in names):
            missing.append("SAGEWRIGHT_STORE_URL")
        if "gateway" not in names and any(name in CALLS_AWS + USES_OBJECTS for name in names):
            missing.append("SAGEWRIGHT_GATEWAY_URL")
        if "gateway" not in names and any(name in CALLS_AWS for name in names):
            missing.append("SAGEWRIGHT_CONSOLE_KEY")
        if "engine" not in names and "gateway" in names:
            missing.append("SAGEWRIGHT_ENGINE_URL")
    if missing := [name for name in missing if not env.raw(name.removeprefix("SAGEWRIGHT_"))]:
        raise Refusal(f"With --only, say where the rest is: set {', '.join(missing)} to what the other machine uses.")


def access_key() -> str:
    """A new "ID:SECRET", spelled as engine.models.AccessKey spells them."""
    return f"SWKIA{base64.b32encode(secrets.token_bytes(10)).decode()}:{secrets.token_urlsafe(30)}"


def _store_variables(folder: Folder, at: Addresses) -> dict[str, str]:
    if url := env.raw("STORE_URL"):
        return {"SAGEWRIGHT_STORE_URL": url}
    secret = folder.secret("store_key", lambda: f"{secrets.token_hex(10)}:{secrets.token_hex(20)}")
    access_key, _, secret_key = secret.partition(":")
    store = Store(folder, at.store)
    return {
        "SAGEWRIGHT_STORE_URL": store.url(access_key, secret_key),
        "SAGEWRIGHT_STORE_FOLDER": str(store.folder),
        "SAGEWRIGHT_STORE_ENCODES_KEYS": "1",
    }
