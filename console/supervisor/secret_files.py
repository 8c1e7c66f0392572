"""`manage.py secrets FOLDER`: the keys and passwords of an installation on several machines, each in its file."""

import argparse
import secrets
import sys
from pathlib import Path

from console.supervisor.folder import write_private
from console.supervisor.stack import access_key

READABLE = 0o444  # a container's user is another; what keeps others out is the folder


def write_secrets(arguments: list[str]) -> int:
    """Write fresh secrets into a new folder, which only its owner can enter. 1 when the folder has some already."""
    parser = argparse.ArgumentParser(prog="manage.py secrets", description=write_secrets.__doc__)
    parser.add_argument("folder", type=Path, help="such as `secrets`, where docker-compose.yml looks for them")
    parser.add_argument("--postgres", default="postgres:5432", help="HOST:PORT of PostgreSQL; several with commas")
    parser.add_argument("--redis", default="valkey:6379", help="HOST:PORT of Redis or Valkey")
    parser.add_argument("--store", default="store:8333", help="HOST:PORT of the S3 behind the gateways")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    if folder.is_dir() and any(folder.iterdir()):
        print(f"{folder} has secrets already. With others nobody could read what is there now.", file=sys.stderr)
        return 1
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, value in new_secrets(options.postgres, options.redis, options.store).items():
        write_private(folder / name, value)
        (folder / name).chmod(READABLE)
    print(f"{folder} has the secrets. Keep a copy where the backups are: they cannot be read without secret_key.")
    return 0


def new_secrets(postgres: str, redis: str, store: str) -> dict[str, str]:
    """{name of a file: content}, for servers at these addresses."""
    database, broker, jwt = secrets.token_hex(20), secrets.token_hex(20), secrets.token_hex(24)
    key, secret = secrets.token_hex(10), secrets.token_hex(20)
    variables = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    variables |= {
        f"WEED_JWT_{name}_KEY": jwt for name in ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")
    }
    return {
        "secret_key": secrets.token_urlsafe(48),
        "console_key": access_key(),
        "database_url": f"postgres://sagewright:{database}@{postgres}/sagewright",
        "postgres_password": database,
        "redis_url": f"redis://:{broker}@{redis}/0",
        "valkey_password": broker,
        "valkey_conf": f'requirepass {broker}\nappendonly yes\nsave ""\nmaxmemory-policy noeviction\ndir /data\n',
        "store_url": f"http://{key}:{secret}@{store}",
        "store_variables": "".join(f"{name}={value}\n" for name, value in variables.items()),
    }
