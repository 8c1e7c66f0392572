"""What of a person's code travels, and that it runs where nothing else of the person's is."""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from jobs.code.bundle import runner_files
from tests.stack import ROOT

SCRIPT = '''
"""A script as a person writes it."""
from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
from helpers import scaled
from sagewright import Model, S3DataSource, TrainingInstance

FACTOR = 2.0
PATTERN = re.compile("x")
data = open("/nowhere/else")  if False else None


def shift(values):
    return values + OFFSET


OFFSET = 0.5


class Ridge(Model):
    def train(self, data, *, alpha: float = 0.1, label: str = "a b"):
        x, y = data.features.to_numpy(), data.target.to_numpy()
        self.weights = np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T @ y)
        self.label = label
        self.log(mse=float(np.mean((x @ self.weights - y) ** 2)))

    def predict(self, rows):
        assert PATTERN.match("x")
        return shift(scaled(rows.to_numpy() @ self.weights, FACTOR))


print(json.dumps(["this line stays at home"]))
if __name__ == "__main__":
    from jobs.code.bundle import runner_files
    from sagewright.sdk.alone import AloneCheck
    from sagewright.sdk.bundle import bundle_of

    bundle = bundle_of(Ridge, {"data": {"target": "y", "header": None}}, runner_files)
    AloneCheck(bundle).result()
    open("sourcedir.tar.gz", "wb").write(bundle.archive())
'''
SERVE = """
import inference, json
model = inference.model_fn("..")
data = inference.input_fn('[{"b": 1, "a": 1}]', "application/json")
body, kind = inference.output_fn(inference.predict_fn(data, model), "application/json")
print(json.loads(body)["predictions"][0], model[0].label)
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, *command], cwd=cwd, env=variables, capture_output=True, text=True)


@pytest.fixture
def project(tmp_path) -> Path:
    (tmp_path / "helpers.py").write_text("def scaled(values, factor):\n    return values * factor\n")
    (tmp_path / "unrelated.py").write_text("raise SystemExit\n")
    return tmp_path


def test_a_script_travels_and_trains_and_answers_without_its_folder(project, tmp_path):
    (project / "ridge.py").write_text(SCRIPT)
    done = run("ridge.py", cwd=project)
    assert done.returncode == 0, done.stderr
    code, model = tmp_path / "opt" / "code", tmp_path / "opt" / "model"
    with tarfile.open(project / "sourcedir.tar.gz") as tar:
        tar.extractall(code, filter="data")
    text = (code / "ridge.py").read_text()
    assert "stays at home" not in text and "TrainingInstance(" not in text and "nowhere" not in text
    lines = SCRIPT.splitlines()
    assert text.splitlines()[lines.index("class Ridge(Model):")] == "class Ridge(Model):"  # a traceback's line is right
    assert not (code / "unrelated.py").exists() and (code / "helpers.py").exists()
    channel = tmp_path / "data"
    channel.mkdir()
    (channel / "t.csv").write_text("a,b,y\n" + "".join(f"{i},{i % 3},{2 * i + i % 3}\n" for i in range(20)))
    variables = {"SM_CHANNEL_DATA": str(channel), "SM_MODEL_DIR": str(model), "PYTHONPATH": ""}
    variables["SM_HPS"] = json.dumps({"alpha": 0.001, "label": "two words"})
    done = run("train.py", cwd=code, **variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("metrics mse=")
    assert (model / "code" / "inference.py").exists()
    done = run("-c", SERVE, cwd=model / "code", PYTHONPATH="")
    number, label = done.stdout.split(maxsplit=1)
    assert (round(float(number), 1), label.strip()) == (6.5, "two words"), done.stderr


CELLS = ["import numpy as np\nk = 3", "%matplotlib inline\nlimit = 4", """
class Mean(Model):
    def train(self, data: "pd.DataFrame"):
        self.mean = data.to_numpy().mean() + limit

    def predict(self, rows):
        return np.full(len(rows), self.mean)
"""]  # fmt: skip


def in_notebook(monkeypatch, cells: list[str], **names):
    """A class that cells defined, as ipykernel runs them."""
    import linecache

    import __main__
    from sagewright import Model

    space = vars(__main__)
    for name, value in {"Model": Model, "In": cells, **names}.items():
        monkeypatch.setitem(space, name, value)
    for number, cell in enumerate(cells):
        file = f"/tmp/ipykernel_7/{number}.py"
        text = "\n".join(line for line in cell.splitlines() if not line.startswith("%"))
        monkeypatch.setitem(linecache.cache, file, (len(text), None, text.splitlines(keepends=True), file))
        before = set(space)
        exec(compile(text, file, "exec"), space)
        for name in set(space) - before:
            monkeypatch.setitem(space, name, space.pop(name))
    return space["Mean"]


def test_a_class_of_a_notebook_takes_the_cells_that_it_needs(monkeypatch):
    from sagewright.sdk.alone import AloneCheck
    from sagewright.sdk.bundle import bundle_of

    bundle = bundle_of(in_notebook(monkeypatch, CELLS), {}, runner_files)
    assert bundle.module == "mean"
    text = bundle.files["mean.py"].decode()
    assert "limit = 4" in text and "import numpy as np" in text and "k = 3" not in text
    assert "from sagewright import Model" in text
    AloneCheck(bundle).result()


def test_a_value_that_only_the_notebook_has_is_refused(monkeypatch):
    from sagewright import NotAlone
    from sagewright.sdk.statements import sliced_source

    cls = in_notebook(monkeypatch, CELLS[2:], np=os, limit=[1])
    with pytest.raises(NotAlone, match="Mean uses limit, a list that only this process has"):
        sliced_source(cls)


def refusal(project: Path, source: str, **environment: str) -> str:
    (project / "broken.py").write_text(source)
    program = (
        "from sagewright.sdk.alone import *\nfrom sagewright.sdk.bundle import *\n"
        "from sagewright import NotAlone\nimport broken\n"
        "from jobs.code.bundle import runner_files\n"
        "try: AloneCheck(bundle_of(broken.Own, {}, runner_files)).result()\nexcept NotAlone as e: print(e)"
    )
    done = run("-c", program, cwd=project, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


OWN = """
class Own(Model):
    {more}
    def train(self, data):
        pass

    def predict(self, rows):
        pass
"""


def test_a_module_that_does_not_import_alone_is_refused_with_its_line(project):
    (project / "settings.txt").write_text("x")
    message = refusal(
        project, f"from sagewright import Model\nTEXT = open('settings.txt').read()\n{OWN.format(more='')}"
    )
    assert (
        "Own does not import by itself" in message
        and "settings.txt" in message
        and "broken.py" in message
        and "line 2" in message
    )
    good = "from sagewright import Model\nTEXT = open('settings.txt').read()\n"
    assert refusal(project, good + OWN.format(more="include = ('settings.txt',)")) == ""


def test_a_package_that_the_image_lacks_is_named_with_both_ways_out(project):
    uses = "    def help(self): return polars\n"
    message = refusal(project, f"import polars\nfrom sagewright import Model\n{OWN.format(more='')}{uses}")
    assert "imports polars, which the scikit-learn image does not have" in message
    assert 'requirements = ("polars==' in message and "let the class do without it" in message
    more = 'requirements = ("polars>=1",)'
    assert refusal(project, f"import polars\nfrom sagewright import Model\n{OWN.format(more=more)}{uses}") == ""
    optional = "try:\n    import polars\nexcept ImportError:\n    polars = None\nfrom sagewright import Model\n"
    assert refusal(project, optional + OWN.format(more="") + uses) == ""


def test_a_class_of_a_package_brings_its_modules(project):
    package = project / "churn" / "models"
    package.mkdir(parents=True)
    (project / "churn" / "__init__.py").write_text("")
    (project / "churn" / "shared.py").write_text("from .deep import X\n")
    (project / "churn" / "deep.py").write_text("X = 1\n")
    (project / "churn" / "other.py").write_text("raise SystemExit\n")
    (package / "__init__.py").write_text("")
    (package / "own.py").write_text(f"from sagewright import Model\nfrom ..shared import X\n{OWN.format(more='')}")
    program = (
        "from sagewright.sdk.alone import *\nfrom sagewright.sdk.bundle import *\n"
        "from jobs.code.bundle import runner_files\n"
        "from churn.models.own import Own\nb = bundle_of(Own, {}, runner_files)\n"
        "AloneCheck(b).result(); print(sorted(n for n in b.files if n.startswith('churn')))"
    )
    done = run("-c", program, cwd=project)
    assert json.loads(done.stdout.replace("'", '"')) == [
        "churn/__init__.py", "churn/deep.py", "churn/models/__init__.py", "churn/models/own.py", "churn/shared.py",
    ], done.stderr  # fmt: skip


def test_the_archive_is_the_same_for_the_same_files(monkeypatch):
    from sagewright.sdk.bundle import Bundle

    one, two = (Bundle({"b.py": b"1", "a.py": b"2"}, "a", "A", ()).archive() for _ in range(2))
    assert one == two
    with tarfile.open(fileobj=io.BytesIO(one)) as tar:
        assert tar.getnames() == ["a.py", "b.py"]


def test_a_wrong_signature_is_told_where_the_class_is_written():
    from sagewright import Model

    with pytest.raises(TypeError, match="train has no channel"):
        type("A", (Model,), {"train": lambda self: None})
    with pytest.raises(TypeError, match="hyperparameters without names"):
        type("A", (Model,), {"train": lambda self, data, **more: None})
    with pytest.raises(TypeError, match="predict takes no rows"):
        type("A", (Model,), {"predict": lambda self: None})


def test_importing_the_sdk_is_light():
    program = (
        "import sys\nfrom sagewright import Model, S3DataSource, TrainingInstance\n"
        "print([m for m in ('boto3', 'botocore', 'django', 'joblib', 'pandas', 'polars', 'pyarrow', 'tables', 'jobs')"
        " if m in sys.modules])"
    )
    assert run("-c", program, cwd=ROOT.parent).stdout.strip() == "[]"
