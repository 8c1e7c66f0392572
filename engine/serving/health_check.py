"""Health check of a model: loads it and predicts once, in a process of its own, because the model may be harmful.

`python -m engine.serving.health_check MODEL_DIR ALGORITHM` reads the container's environment as JSON from standard
input: a command line is public. It prints one line of JSON, `{"ok": true, "features": n}` or
`{"ok": false, "reason": "..."}`, and exits with 0 or 1.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
MEMORY, CPU_SECONDS, FILES = 8 * 1024**3, 60, 256


class CheckResult(NamedTuple):
    """The result: whether the model predicts, how many features it takes, and why it does not, in words."""

    ok: bool
    features: int
    reason: str


def run(model_dir: Path, algorithm: str, environment: dict[str, str], seconds: float = 30) -> CheckResult:
    """Check the model in a new process with a clean environment, for at most `seconds`. Never raises for the model."""
    command = [sys.executable, "-m", "engine.serving.health_check", str(model_dir), algorithm]
    clean = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    if "PYTHONPATH" in os.environ:  # where an installed algorithm may be
        clean["PYTHONPATH"] = os.environ["PYTHONPATH"]
    try:
        process = subprocess.run(
            command, cwd=ROOT, env=clean, input=json.dumps(environment).encode(), capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return CheckResult(False, 0, f"The model did not load and answer within {seconds:g} seconds.")
    try:
        result = json.loads(process.stdout.splitlines()[-1])
        return CheckResult(result["ok"], result.get("features", 0), result.get("reason", ""))
    except (ValueError, IndexError, KeyError, TypeError):
        ending = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        return CheckResult(False, 0, f"The process loading the model ended with {ending}.")


def check(model_dir: Path, algorithm: str, environment: dict[str, str]) -> dict:
    """Load the model in this process and let it predict once. Returns the JSON object that `main` prints."""
    import algorithms
    from algorithms.spec import UserError

    try:
        predictor = algorithms.get(algorithm).load_predictor().load(model_dir, environment)
        predictor.probe()
    except UserError as e:
        return {"ok": False, "reason": str(e)}
    except Exception as e:  # whatever a foreign file provokes is this model's failure, not ours
        return {"ok": False, "reason": f"Unable to load model: {type(e).__name__}: {e}"}
    return {"ok": True, "features": predictor.n_features}


def main() -> int:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    result = check(Path(sys.argv[1]), sys.argv[2], json.load(sys.stdin))
    print(json.dumps(result), flush=True)
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
