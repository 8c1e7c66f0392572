"""Whether there is anything to prepare before the processes start, answered without loading Django."""

import hashlib
import sqlite3
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from console.supervisor.stack import Stack
from sagewright import environment as env
from sagewright.application import ROOT

MARK = ".made-from"  # in the folder of the collected files
OWN_STATIC_FILES = ("static", "docs/images")
WITH_STATIC_FILES = ("django", "django-htmx")  # what collectstatic takes files from beside `static/`
APPS = (
    "models_app",
    "engine",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
)


def database_is_ready(stack: Stack) -> bool:
    """Every migration on disk is applied, and the console's access key is there.

    Only the embedded database is looked at; for another we always prepare, which finds nothing to do.
    """
    file = stack.folder.data / "sagewright.sqlite3"
    if env.raw("DATABASE_URL") or not file.exists():
        return False
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        applied = set(connection.execute("SELECT app, name FROM django_migrations"))
        if not stack.on_aws:
            key = stack.aws["AWS_ACCESS_KEY_ID"]
            if not connection.execute("SELECT 1 FROM engine_accesskey WHERE access_key_id = ?", [key]).fetchone():
                return False
    except sqlite3.OperationalError:
        return False  # no such table: nothing has been migrated yet
    finally:
        connection.close()
    return _migrations() <= applied


def static_mark(stack: Stack) -> Path:
    """The file that holds the digest of the static files that were collected last."""
    return Path(env.text("STATIC") or stack.folder.data / "static") / MARK


def static_digest() -> str:
    """What the collected files depend on: our own by content, those of packages by the packages' versions."""
    digest = hashlib.sha256()
    for file in sorted(file for folder in OWN_STATIC_FILES for file in (ROOT / folder).rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    for package in WITH_STATIC_FILES:
        digest.update(f"{package} {metadata.version(package)}\n".encode())
    return digest.hexdigest()


def _migrations() -> set[tuple[str, str]]:
    """(app label, migration name) of every migration file of every app that has some."""
    spec = find_spec("django")
    django = Path(spec.origin).parent if spec and spec.origin else ROOT
    migrations = set()
    for app in APPS:
        folder = django.joinpath(*app.split(".")[1:]) if app.startswith("django.") else ROOT / app
        label = app.rpartition(".")[2]
        migrations |= {(label, file.stem) for file in (folder / "migrations").glob("[0-9]*.py")}
    return migrations
