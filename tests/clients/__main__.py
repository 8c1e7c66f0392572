"""`python3 run clients`: plain boto3, the AWS CLI and the SageMaker Python SDK, unchanged, against a running engine.

The programs are those of SAGEWRIGHT_CLIENTS (default: ../shared/clients beside the project), and ours for script mode,
batch transform and tuning, which lie here. They run with the running Sagewright's `exports`, or a temporary one's, in
an environment of their own that has nothing of ours.
"""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

from sagewright.state import running_stack
from tests.stack import ROOT, Stack

HERE = Path(__file__).resolve().parent
CLIENTS, CLIENTS3 = ROOT / ".clients" / "bin", ROOT / ".clients3" / "bin"
FLOWS = ("boto3_flow.py", "cli_flow.sh", "sdk2_xgboost.py")
OWN = (  # beside this file
    "sdk2_sklearn_script.py", "sdk2_xgboost_script.py", "sdk2_tuner.py", "sdk3_model_trainer.py",
    "sdk3_model_builder.py", "sdk3_model_object.py",
)  # fmt: skip
LONGEST = 600  # seconds for one of them


def main() -> int:
    """Run every flow; the number of those that failed."""
    folder = Path(os.environ.get("SAGEWRIGHT_CLIENTS") or ROOT.parent / "shared" / "clients").resolve()
    missing = [name for name in FLOWS if not (folder / name).exists()]
    if missing:
        print(f"{folder} has no {', '.join(missing)}. Say where they are with SAGEWRIGHT_CLIENTS.", file=sys.stderr)
        return len(missing)
    running = _running_exports()
    with nullcontext() if running else Stack() as stack:
        exports = running or stack.exports
        failed = [name for name in FLOWS if not _run(folder, name, exports)]
        failed += [name for name in OWN if not _run(HERE, name, exports)]
    total = len(FLOWS) + len(OWN)
    print(f"{total - len(failed)} of {total} clients pass" + (f"; not {', '.join(failed)}" if failed else ""))
    return len(failed)


def _run(folder: Path, name: str, exports: dict[str, str]) -> bool:
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_", "VIRTUAL_ENV", "PYTHON"))
    }
    quiet = {"SAGEMAKER_SUPPRESS_V2_WARNING": "1"}
    environment = inherited | exports | quiet | {"PATH": f"{CLIENTS}:{inherited['PATH']}", "AWS": str(CLIENTS / "aws")}
    python = (CLIENTS3 if name.startswith("sdk3") else CLIENTS) / "python"
    program = "bash" if name.endswith(".sh") else str(python)
    print(f"--- {name}", flush=True)
    try:
        return subprocess.run([program, name], cwd=folder, env=environment, timeout=LONGEST).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"{name} was not done after {LONGEST} s")
        return False


def _running_exports() -> dict[str, str]:
    """The AWS_ variables of the Sagewright on the usual data folder; {} when none runs."""
    stack = running_stack()
    return dict(line.removeprefix("export ").split("=", 1) for line in stack["exports"]) if stack.get("ready") else {}


if __name__ == "__main__":
    sys.exit(main())
