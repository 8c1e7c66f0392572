"""`python -m tests.s3_tests` runs Ceph's tests of S3 (github.com/ceph/s3-tests) against the gateway and the store.

The commit is pinned. The gateway runs with SAGEWRIGHT_S3_PUBLIC_ACCESS=1: the tests are of accounts that do not block
public access. `known_failures.txt` lists the tests that fail, each below its reason. The command fails when
another test fails, and when one of these passes. It takes about six minutes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from xml.etree import ElementTree

from tests import environment  # noqa: F401  (a private data folder, before Django reads the settings)
from tests.store import start_store
from tests.wire.gateway.conftest import REGION, World, running

REPOSITORY, COMMIT = "https://github.com/ceph/s3-tests", "8f0ae7b404a3a2fcf7038bf1e6bf29544fe9b6a3"
KNOWN = Path(__file__).with_name("known_failures.txt")
FILES = ("s3tests/functional/test_s3.py", "s3tests/functional/test_headers.py")
# Of Ceph alone, of a service besides S3, of storage that moves, which a store on one disk has not, or of objects that
# expire within seconds, for which Ceph counts days as seconds.
LEFT_OUT = (
    *("fails_on_aws", "lifecycle_expiration", "lifecycle_transition", "cloud_transition", "cloud_restore"),
    *("encryption", "sse_s3", "bucket_logging", "s3website", "s3website_routing_rules", "s3website_redirect_location"),
    *("iam_account", "iam_user", "iam_role", "iam_tenant", "iam_cross_account", "sns", "s3select", "appendobject"),
    *("auth_aws2", "test_of_sts", "webidentity_test", "user_policy", "group_policy", "role_policy", "abac_test"),
    *("group", "storage_class", "delete_marker", "target_by_bucket"),
)
SECTION = """
[{name}]
display_name = {account}
user_id = {owner}
email = {name}@example.com
access_key = {key}
secret_key = {secret}
api_name = {region}
tenant = testx
"""


def main() -> int:
    """Return 0 when exactly the known tests fail, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.s3_tests", description=__doc__)
    parser.add_argument("--repo", default=REPOSITORY, help="an address or a folder to clone from")
    parser.add_argument("--folder", type=Path, help="keep clone and environment here and use them again")
    parser.add_argument("-k", default="", help="only tests whose names match, as pytest's -k")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="s3-tests-") as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        python = _prepare(folder, arguments.repo)
        results = _run(folder, python, Path(temporary), arguments.k)
    return _report(results, partial=bool(arguments.k))


def _prepare(folder: Path, repository: str) -> Path:
    """Clone the commit and install what it needs. Returns the environment's Python."""
    clone, python = folder / "s3-tests", folder / "venv" / "bin" / "python"
    if not clone.exists():
        subprocess.run(["git", "clone", "--quiet", repository, str(clone)], check=True)
        subprocess.run(["git", "-C", str(clone), "checkout", "--quiet", COMMIT], check=True)
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        requirements = ["-r", str(clone / "requirements.txt"), "pytest-timeout"]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
    return python


def _run(folder: Path, python: Path, temporary: Path, names: str) -> dict[str, str]:
    """The outcome of each test by its name: "passed", or the first line of what went wrong."""
    store = start_store(temporary / "store")
    try:
        (temporary / "gateway").mkdir()
        with running(temporary / "gateway", store.url, SAGEWRIGHT_S3_PUBLIC_ACCESS="1") as world:
            configuration, report = temporary / "s3tests.conf", temporary / "report.xml"
            configuration.write_text(_configuration(world))
            command = [
                *(str(python), "-m", "pytest", *FILES),
                "-q",
                "--timeout=60",
                f"--junit-xml={report}",
                "--tb=line",
            ]
            command += ["-m", " and ".join(f"not {marker}" for marker in LEFT_OUT), "-p", "no:cacheprovider"]
            command += ["-k", names] if names else []
            variables = os.environ | {"S3TEST_CONF": str(configuration)}
            subprocess.run(command, cwd=folder / "s3-tests", env=variables, check=False)
    finally:
        store.process.end()
    cases = ElementTree.parse(report).iter("testcase")
    return {f"{case.get('classname', '').rpartition('.')[2]}.py::{case.get('name')}": _outcome(case) for case in cases}


def _configuration(world: World) -> str:
    host, port = world.url.removeprefix("http://").split(":")
    text = f"[DEFAULT]\nhost = {host}\nport = {port}\nis_secure = False\n\n[fixtures]\nbucket prefix = s3-{{random}}-\n"
    code = "from django.conf import settings; from engine.s3.access_answers import owner_id"
    owner, account = world.run(f"{code}; answer = [owner_id(), settings.ENGINE_ACCOUNT]")
    # Administrators, because the tests override retentions when they clean up.
    code = "k, s = AccessKey.issue(None, 'administrator'); answer = [k.access_key_id, s]"
    for name in ("s3 main", "s3 alt", "s3 tenant", "iam", "iam root", "iam alt root"):
        key, secret = world.run(code)
        text += SECTION.format(name=name, owner=owner, account=account, region=REGION, key=key, secret=secret)
    return text


def _outcome(case: ElementTree.Element) -> str:
    for kind in ("failure", "error"):
        if (problem := case.find(kind)) is not None:
            return (problem.get("message") or kind).splitlines()[0]
    return "skipped" if case.find("skipped") is not None else "passed"


def _report(results: dict[str, str], partial: bool) -> int:
    """Print what differs from the known failures and the figures; `partial` when not all tests were to run."""
    known = _known()
    failed = {name: why for name, why in results.items() if why not in ("passed", "skipped")}
    new = {name: why for name, why in failed.items() if name not in known}
    passing = sorted(name for name in known if name not in failed and (name in results or not partial))
    for name, why in sorted(new.items()):
        print(f"fails, and is not in {KNOWN.name}: {name}: {why[:200]}")
    for name in passing:
        print(f"passes or is gone, and is in {KNOWN.name}: {name}")
    passed = sum(why == "passed" for why in results.values())
    print(f"{passed} of {len(results)} passed, {len(failed)} failed, {len(new)} of them unknown.")
    return 1 if new or passing else 0


def _known() -> dict[str, str]:
    """The reason of each known failure: the comment above it."""
    reason, known = "", {}
    for line in KNOWN.read_text().splitlines():
        if line.startswith("#"):
            reason = line.lstrip("# ")
        elif line:
            known[line] = reason
    return known


if __name__ == "__main__":
    sys.exit(main())
