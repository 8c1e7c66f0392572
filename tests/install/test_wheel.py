"""What `pip install` puts into an environment, and what runs from there."""

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from engine.frameworks.environments import BASE
from models_app.help import pages
from sagewright import __version__
from sagewright.extras import MARKERS
from tests.install.conftest import build, read_only
from tests.stack import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["importlinter"]["root_packages"]


def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def run(site: Path, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """`python -m sagewright ARGUMENTS` in `folder`, from what the wheel installed, where nothing can be written."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_"))}
    environment = (
        inherited | {"PYTHONPATH": str(site), "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"} | environment
    )
    command = [*read_only(site), sys.executable, "-P", "-m", "sagewright", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_only_our_own_name_goes_into_site_packages(wheel):
    assert {name.partition("/")[0] for name in names(wheel)} == {"sagewright", f"sagewright-{__version__}.dist-info"}


def test_the_wheel_carries_every_file_that_runs(wheel):
    folders = [ROOT / name for name in (*PACKAGES, "templates", "static", "locale") if name != "sagewright"]
    wanted = {
        f"sagewright/app/{file.relative_to(ROOT)}"
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert wanted | {"sagewright/app/manage.py", "sagewright/py.typed"} <= names(wheel)
    assert "sagewright/app/locale/ko/LC_MESSAGES/django.mo" in wanted
    assert len(wanted) > 500


def test_the_wheel_carries_what_help_shows_and_no_site(wheel):
    carried = {name.removeprefix("sagewright/app/") for name in names(wheel)}
    assert {f"{page}.md" for page in pages.known()} <= carried
    assert {"docs/images/create.png", "docs/images/model.png"} <= carried
    assert not [name for name in carried if name.startswith("docs/_build")]


def test_every_package_of_the_checkout_is_known():
    """A package that import-linter does not know would be missing from the wheel, and from the image."""
    here = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert here == set(PACKAGES)
    assert {f"!{name}" for name in here} <= set((ROOT / ".dockerignore").read_text().split())


def test_the_image_has_the_lock_of_the_environment_of_scripts():
    assert f"!{BASE.lock_name}" in (ROOT / ".dockerignore").read_text().split()


def test_a_wheel_of_the_source_distribution_is_the_same(wheel, tmp_path):
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / f"sagewright-{__version__}"
    assert {"tests", "docs", "requirements.lock", "run", "LICENSE"} <= {path.name for path in source.iterdir()}
    assert names(build("wheel", source, tmp_path / "wheel")) == names(wheel)


def test_installed_it_runs_from_the_wheel_and_keeps_its_data_with_the_person(site, tmp_path):
    done = run(site, tmp_path, "exports", XDG_STATE_HOME=str(tmp_path / "state"))
    assert done.returncode == 1
    assert f"Nothing runs on {tmp_path}/state/sagewright. Start Sagewright first: sagewright up" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_installed_it_prepares_all_that_it_writes_in_the_persons_folder(site, tmp_path):
    """Site-packages often belong to somebody else. `python3 run wheel-check` goes on to a prediction from there."""
    refused = subprocess.run([*read_only(site), "touch", site / "x"], capture_output=True, text=True)
    assert refused.returncode == 1 and "Read-only file system" in refused.stderr
    done = run(site, tmp_path, "up", "--prepare-only", XDG_STATE_HOME=str(tmp_path / "state"))
    assert done.returncode == 0, done.stderr
    data = tmp_path / "state" / "sagewright"
    assert {"sagewright.sqlite3", "static", "secrets"} <= {path.name for path in data.iterdir()}
    assert (data / "static" / "staticfiles.json").exists()


def test_installed_its_settings_find_templates_static_files_and_translations(site, tmp_path):
    code = (
        "from django.conf import settings as s; from django.template.loader import get_template;"
        "from django.utils.translation import override, gettext; get_template('base.html');"
        "from django.contrib.staticfiles import finders; print(finders.find('style.css'));"
        "override('ko').__enter__(); print(gettext('Create model') != 'Create model')"
    )
    done = run(site, tmp_path, "manage", "shell", "--no-imports", "-c", code, SAGEWRIGHT_SECRET_KEY="x")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"{site}/sagewright/app/static/style.css", "True"]


def test_a_package_of_the_same_name_where_the_person_stands_does_no_harm(site, tmp_path):
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "__init__.py").write_text("raise RuntimeError('the wrong one')")
    (tmp_path / "a.csv").write_text("age,bought\n" + "".join(f"{n},{n % 2}\n" for n in range(50)))
    done = run(site, tmp_path, "preflight", "a.csv", "--target", "bought", PYTHONPATH=f"{tmp_path}:{site}")
    assert done.returncode == 0 and "50 rows read" in done.stdout, done.stderr


def test_the_base_install_names_nothing_that_serves_or_trains():
    base = {requirement.split(">")[0] for requirement in PROJECT["project"]["dependencies"]}
    assert base == {"boto3", "numpy", "polars", "pyarrow"}


@pytest.mark.parametrize("extra", ["console", "engine"])
def test_the_extras_name_every_package_that_their_marker_stands_for(extra):
    assert any(line.startswith(MARKERS[extra]) for line in PROJECT["project"]["optional-dependencies"][extra])
    assert metadata.version(MARKERS[extra])
