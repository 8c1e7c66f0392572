"""What a job finds loaded when it is forked."""

import json
import os
import subprocess
import sys
from pathlib import Path

from engine.jobs.child import ONE_THREAD
from engine.jobs.environment import inherited_environment

ROOT = Path(__file__).resolve().parents[4]
FOLDERS = ("input/config", "input/data/train", "model", "output")
CHANNEL = {
    "TrainingInputMode": "File",
    "RecordWrapperType": "None",
    "CompressionType": "None",
    "ContentType": "text/csv",
    "S3DistributionType": "FullyReplicated",
}
# Prints how many threads the zygote has before it forks, and what its job imports that is not of the standard library.
PROGRAM = """
import os, sys
from pathlib import Path
from engine.workloads import training_container
training_container.preload()
threads, loaded = len(os.listdir("/proc/self/task")), {*sys.modules}
code = training_container.run(Path(sys.argv[1]), {"algorithm": "xgboost", "threads": 2})
packages = {name.partition(".")[0] for name in {*sys.modules} - loaded} - {*sys.stdlib_module_names}
print(code, threads, sorted(packages))
"""


def test_a_job_imports_no_library_and_its_zygote_has_one_thread(tmp_path):
    for name in FOLDERS:
        (tmp_path / name).mkdir(parents=True)
    rows = [f"{number % 2},{number},{number * 7 % 11}" for number in range(100)]
    (tmp_path / "input/data/train/train.csv").write_text("\n".join(rows))
    config = {
        "hyperparameters": {"num_round": "2"},
        "inputdataconfig": {"train": CHANNEL},
        "resourceconfig": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }
    for name, content in config.items():
        (tmp_path / f"input/config/{name}.json").write_text(json.dumps(content))
    environment = inherited_environment() | ONE_THREAD | {"PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path[1:]))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1:] == ["0 1 []"], done.stdout + done.stderr
