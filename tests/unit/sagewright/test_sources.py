"""People's classes as they write them: what of them travels, and that it trains and answers where it arrives."""

import importlib
import io
import os
import subprocess
import sys
import tarfile

import pytest

from jobs.code.bundle import runner_files
from sagewright import NotAlone
from sagewright.sdk.alone import AloneCheck
from sagewright.sdk.bundle import bundle_of
from sagewright.sdk.older_python import for_older_python

BODY = """
    def train(self, data):
        self.mean = 2

    def predict(self, rows):
        return [self.mean] * len(rows)
"""
LATIN = f"# -*- coding: latin-1 -*-\nfrom sagewright import Model\nWORD = 'caf\xe9'\nclass Own(Model):{BODY}".replace(
    "= 2", "= WORD"
)
MODEL = f"from sagewright import Model\nclass Own(Model):{BODY}"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes files and imports the class called Own of the module `module`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(module, **files):
        for name, content in files.items():
            file = tmp_path / name.replace("__", "/").replace("--", "__")
            file = file if file.suffix or "." in file.name else file.with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        importlib.invalidate_caches()
        return importlib.import_module(module).Own

    yield write
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def trained(cls, tmp_path) -> str:
    """What a job with the archive of `cls` prints of the class it trained."""
    bundle = bundle_of(cls, {}, runner_files)
    AloneCheck(bundle).result()
    with tarfile.open(fileobj=io.BytesIO(bundle.archive())) as tar:
        tar.extractall(tmp_path / "job", filter="data")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "t.csv").write_text("a,y\n1,2\n")
    variables = {"SM_HPS": "{}", "SM_MODEL_DIR": str(tmp_path / "model"), "SM_CHANNEL_DATA": str(tmp_path / "in")}
    program = "import train; train.main(); import inference; print(vars(inference.model_fn('../model')[0]))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "job",
        env={"PATH": os.environ["PATH"], "LANG": "C", **variables},
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or done.stderr


def test_a_class_without_methods_of_its_own_brings_its_base(written, tmp_path):
    base = f"from sagewright import Model\nclass Base(Model):{BODY}"
    child = "import polars\nfrom base_of_own import Base\nclass Own(Base):\n    pass\nprint(polars)\n"
    assert "'mean': 2" in trained(written("child_of_own", base_of_own=base, child_of_own=child), tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f'{MODEL}if __name__ == "__main__":\n    import polars\n', id="guard"),
        pytest.param(f"{MODEL}def client():\n    import polars\n", id="function"),
        pytest.param(f"import polars as pl\n{MODEL}def client():\n    return pl\n", id="top"),
        pytest.param(
            f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import polars\n{MODEL}", id="type-checker"
        ),
    ],
)
def test_what_only_the_persons_own_program_imports_stays_at_home(written, source):
    bundle_of(written("client_mod", client_mod=source), {}, runner_files)


def test_a_method_below_a_decorator_of_another_module_is_found_where_it_is_written(written):
    decorator = (
        "import functools\ndef noted(f):\n    @functools.wraps(f)\n    def call(*a, **k):\n"
        "        return f(*a, **k)\n    return call\n"
    )
    body = BODY.replace("    def", "    @noted\n    def")
    source = f"from noted_mod import noted\nfrom sagewright import Model\nclass Own(Model):{body}"
    bundle = bundle_of(written("decorated_mod", noted_mod=decorator, decorated_mod=source), {}, runner_files)
    assert bundle.module == "decorated_mod" and "noted_mod.py" in bundle.files


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"\ufefffrom sagewright import Model\nclass Own(Model):{BODY}".encode(), id="byte-order-mark"),
        pytest.param(LATIN.encode("latin-1"), id="latin-1"),
        pytest.param(f"from sagewright import Model\r\nclass Own(Model):{BODY}".encode(), id="line-ends"),
    ],
)
def test_a_file_is_read_in_the_encoding_that_it_names(written, tmp_path, source):
    printed = trained(written("encoded_mod", encoded_mod=source), tmp_path)
    assert "'mean': 'caf\xe9'" in printed or "'mean': 2" in printed


def test_further_files_keep_their_bytes_and_their_place_beside_the_class(written, tmp_path):
    body = BODY.replace("self.mean = 2", "self.mean = len((Path(__file__).parent / 'weights.bin').read_bytes())")
    source = (
        f"from pathlib import Path\nfrom sagewright import Model\nclass Own(Model):\n    include = 'weights.bin'{body}"
    )
    files = {"deep__--init--": "", "deep__own_mod": source, "deep__weights.bin": b"\xff\x00\xfe"}
    cls = written("deep.own_mod", **files)
    assert "'mean': 3" in trained(cls, tmp_path)


def test_a_file_that_would_hide_one_of_the_jobs_is_named(written):
    source = f"from sagewright import Model\nfrom inference import X\nclass Own(Model):{BODY}"
    with pytest.raises(NotAlone, match=r"inference\.py would hide the job's own inference\.py"):
        bundle_of(written("hiding_mod", inference="X = 1\n", hiding_mod=source), {}, runner_files)


def test_one_metric_may_be_written_without_a_tuple(written):
    cls = written(
        "metric_mod", metric_mod=f"from sagewright import Model\nclass Own(Model):\n    metrics = 'auc'{BODY}"
    )
    assert bundle_of(cls, {}, runner_files).metrics == ("auc",)


def test_newer_syntax_than_the_images_is_refused_with_its_line():
    with pytest.raises(NotAlone, match=r"own\.py, line \d: Pattern matching .* The scikit-learn image has Python 3\.9"):
        for_older_python("own.py", "x = 1\nmatch x:\n    case _: pass\n")


@pytest.mark.parametrize(
    "source",
    [
        "import os\ndef f(x: int | None = None): return 7\n",
        '"""Words."""\nimport os\ndef f(x) -> int | None: return 7\n',
        "# -*- coding: utf-8 -*-\ndef f(x: int | None = None): return 7\n",
        "@staticmethod\ndef f(x: int | None = None): return 7\n",
    ],
    ids=["import", "docstring", "comment", "decorator"],
)
def test_an_annotation_with_a_bar_is_not_evaluated(source):
    text = for_older_python("own.py", source)
    space: dict = {}
    exec(compile(text, "own.py", "exec", dont_inherit=True), space)
    assert "int | None" in space["f"].__annotations__.values() and space["f"](1) == 7
    assert space.get("__doc__") == ("Words." if '"""' in source else None)
    assert for_older_python("own.py", text) == text
