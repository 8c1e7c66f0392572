"""Does a model load and answer? Tried in a process of its own, so that a bad one can hurt nobody else.

`python -m engine.serving.check MODEL_DIR ALGORITHM` reads the container's environment as JSON from its input, since
anybody may read a command line. It prints one line of JSON, `{"ok": true, "features": n}` or
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


class Checked(NamedTuple):
    """Whether the model answered, how many features it takes, and if not, why in plain words."""

    ok: bool
    features: int
    reason: str


def run(model_dir: Path, algorithm: str, environment: dict[str, str], seconds: float = 30) -> Checked:
    """Check the model in a new process with a clean environment; never raises on account of the model."""
    command = [sys.executable, "-m", "engine.serving.check", str(model_dir), algorithm]
    clean = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=clean, input=json.dumps(environment).encode(), capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return Checked(False, 0, f"The model did not load and answer within {seconds:g} seconds.")
    try:
        said = json.loads(done.stdout.splitlines()[-1])
        return Checked(said["ok"], said.get("features", 0), said.get("reason", ""))
    except (ValueError, IndexError, KeyError, TypeError):
        ending = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        return Checked(False, 0, f"The process loading the model ended with {ending}.")


def check(model_dir: Path, algorithm: str, environment: dict[str, str]) -> dict:
    """Load the model here and now and let it predict once."""
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
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    said = check(Path(sys.argv[1]), sys.argv[2], json.load(sys.stdin))
    print(json.dumps(said), flush=True)
    return 0 if said["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
