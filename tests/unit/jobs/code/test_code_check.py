"""The check of people's code: what it reads of a source, and the sentence and the line of each thing that is wrong."""

import sys
from textwrap import dedent

import pytest

from jobs.code.check import check_code, check_entry, check_requirements
from jobs.code.kinds import CLASS, CONTAINER, KINDS, SKLEARN, XGBOOST

CHURN = '''
"""Churn."""
from typing import Literal
from sagewright import Model

class Churn(Model):
    def train(self, data, validation=None, *, depth: int = 6, rate: float = 0.1, kind: Literal["a", "b"] = "a",
              deep: bool = False, note: str):
        self.log(auc=0.5, loss=1.0)

    def predict(self, rows):
        return rows
'''


def texts(check):
    return [finding.text for finding in check.findings]


def test_a_class_is_read_with_its_channels_hyperparameters_and_metrics():
    check = check_code(CLASS, CHURN, "churn:Churn")

    assert check.ok
    assert (check.name, check.methods, check.metrics) == ("Churn", ("train", "predict"), ("auc", "loss"))
    assert [(c.name, c.required) for c in check.channels] == [("data", True), ("validation", False)]
    assert [(p.name, p.type, p.default, p.required) for p in check.parameters] == [
        ("depth", "int", 6, False), ("rate", "float", 0.1, False), ("kind", "str", "a", False),
        ("deep", "bool", False, False), ("note", "str", None, True),
    ]  # fmt: skip
    assert check.parameters[2].options == ("a", "b")
    assert check.parameters[0].line == 7


KINDS_OF = {
    "none": ("", "def train(self, data)", "table"),
    "pandas": ("import pandas as pd", "def train(self, data: pd.DataFrame)", "pandas"),
    "from": ("from polars import DataFrame", "def train(self, data: DataFrame)", "polars"),
    "text": ("import numpy as np", "def train(self, data: 'np.ndarray')", "numpy"),
}


@pytest.mark.parametrize("head, train, kind", KINDS_OF.values(), ids=KINDS_OF)
def test_the_annotation_of_a_channel_says_what_it_is_read_as(head, train, kind):
    rows = train.replace("train", "predict")
    source = f"{head}\nfrom sagewright import Model\nclass A(Model):\n    {train}: pass\n    {rows}: return data\n"

    check = check_code(CLASS, source)

    assert (check.channels[0].kind, check.rows) == (kind, kind)


def test_without_an_entry_point_the_class_that_derives_from_model_is_meant():
    assert check_code(CLASS, CHURN + "\nclass Helper:\n    pass\n").name == "Churn"


WRONG = {
    "unclosed": ("class A(Model:\n    pass\n", 1, "Python does not parse this"),
    "no class": ("x = 1\n", 0, "There is no class with train() and predict()"),
    "other class": ("class B:\n    pass\n", 0, "There is no class A. Name one of those that are here: B."),
    "no train": ("class A(Model):\n    def predict(self, rows): return 1\n", 2, "A has no train()"),
    "no predict": ("class A(Model):\n    def train(self, data): pass\n", 2, "A has no predict()"),
    "no channel": ("class A(Model):\n    def train(self): pass\n    def predict(self, r): return r\n", 3,
                   "train() has no argument for the data"),
    "no rows": ("class A(Model):\n    def train(self, d): pass\n    def predict(self): return 1\n", 4,
                "predict() has no argument for the rows"),
    "bad type": ("class A(Model):\n    def train(self, d, *, x: set = 1): pass\n    def predict(self, r): return r\n",
                 3, "x has a type that no hyperparameter can have"),
    "bad default": ("class A(Model):\n    def train(self, d, *, x: int = 0.5): pass\n"
                    "    def predict(self, r): return r\n", 3, "The default of x is not of its type int"),
    "varargs": ("class A(Model):\n    def train(self, *d): pass\n    def predict(self, r): return r\n", 3,
                "train() takes *d"),
    "init": ("class A(Model):\n    def __init__(self, x): pass\n    def train(self, d): pass\n"
             "    def predict(self, r): return r\n", 3, "called with its hyperparameters"),
    "keywords": ("class A(Model):\n    def train(self, d, **more): pass\n    def predict(self, r): return r\n", 3,
                 "train() takes **more"),
    "async": ("class A(Model):\n    async def train(self, d): pass\n    def predict(self, r): return r\n", 3,
              "train() is async"),
}  # fmt: skip


@pytest.mark.parametrize("source, line, text", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_line(source, line, text):
    head = "" if source.startswith("class A(Model:") else "from sagewright import Model\n"
    check = check_code(CLASS, head + source, "a:A" if "no class" not in text or "A" in text else "")

    assert not check.ok
    assert [(p.line, text in p.text) for p in check.problems][0] == (line, True), texts(check)


def test_a_base_that_is_not_imported_is_named():
    source = "class A(Model):\n    def train(self, d): pass\n    def predict(self, r): return r\n"

    assert texts(check_code(CLASS, source)) == ["Model is not imported. Write from sagewright import Model at the top."]


def test_the_code_is_never_run_or_imported(tmp_path):
    mark = tmp_path / "ran"
    source = f"open({str(mark)!r}, 'w')\nimport antigravity\n" + CHURN

    before = set(sys.modules)
    assert check_code(CLASS, source).ok
    assert not mark.exists()
    assert "antigravity" not in set(sys.modules) - before


@pytest.mark.parametrize("source", ["(" * 5000, "x = 1\0", "-" * 100_000 + "1"], ids=["nested", "null", "minus"])
def test_a_source_made_to_break_the_parser_is_only_a_problem(source):
    assert not check_code(CLASS, source).ok


def test_the_options_of_a_script_are_its_hyperparameters():
    source = dedent("""
        import argparse, os
        def model_fn(model_dir): ...
        parser = argparse.ArgumentParser()
        parser.add_argument("--n-estimators", type=int, default=100)
        parser.add_argument("-c", "--cost", type=float)
        parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
        parser.add_argument("--model-dir", default=os.getenv("SM_MODEL_DIR"))
    """)

    check = check_code(SKLEARN, source, "train.py")

    assert [(p.name, p.type, p.default) for p in check.parameters] == [
        ("n-estimators", "int", 100), ("cost", "float", None),
    ]  # fmt: skip
    assert check.findings == ()


def test_the_figures_that_a_script_prints_are_its_metrics():
    source = "a = b = 1\nprint(f'auc={a:.4f}; validation:rmse: {b}')\nprint(f'{a} rows')\n"

    assert check_code(SKLEARN, source).metrics == ("auc", "validation:rmse")


def test_a_script_that_saves_nowhere_and_loads_nothing_is_warned_of():
    check = check_code(XGBOOST, "print('hello')\n", "train.py")

    assert check.ok
    assert ["SM_MODEL_DIR" in text or "model_fn" in text for text in texts(check)] == [True, True]


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.entry], ids=lambda kind: kind.name)
def test_every_example_passes_its_own_check(kind):
    check = check_code(kind.name, kind.example, kind.entry)

    assert check.findings == ()
    assert check.parameters
    assert check_entry(kind.name, kind.entry) == ""


def test_a_container_is_answered_with_what_it_needs():
    assert "train and serve" in texts(check_code(CONTAINER, "", ""))[0]


def test_values_of_hyperparameters_are_read_by_their_type():
    depth, rate, kind, deep, _note = check_code(CLASS, CHURN).parameters

    assert (depth.parse("7"), rate.parse("1e-3"), kind.parse("b"), deep.parse("yes")) == (7, 0.001, "b", True)
    for parameter, text in ((depth, "7.5"), (rate, "much"), (kind, "c"), (deep, "maybe")):
        with pytest.raises(ValueError, match=parameter.name):
            parameter.parse(text)


@pytest.mark.parametrize("entry", ["churn", "churn:1a", "../x:A", "a b:C", "churn.py"])
def test_an_entry_point_that_names_no_class_is_refused(entry):
    assert check_entry(CLASS, entry)


@pytest.mark.parametrize("entry", ["../train.py", "/etc/x.py", "train.sh", "a;b.py", ""])
def test_an_entry_point_that_is_no_python_file_inside_is_refused(entry):
    assert check_entry(SKLEARN, entry)


def test_requirements_are_read_by_the_line():
    good = "scikit-learn==1.7\n# why\npandas>=2,<3  # for tables\n--no-index\nfoo[bar]~=1 ; python_version>'3'\n"

    assert check_requirements(good) == ""
    assert "Line 2" in check_requirements("numpy\nrm -rf /\n")


HEAD = "from sagewright import Model\n"
ROWS = "    def predict(self, rows): return rows\n"


def test_a_class_has_what_its_bases_in_the_same_source_have():
    base = f"{HEAD}class Base(Model):\n    def train(self, data, *, depth: int = 3): self.log(auc=1)\n"
    check = check_code(CLASS, f"{base}class Churn(Base):\n{ROWS}")
    assert (check.name, check.ok, check.metrics) == ("Churn", True, ("auc",))
    assert [parameter.name for parameter in check.parameters] == ["depth"]
    assert [f.text for f in check_code(CLASS, f"{base}class Churn(Base):\n    pass\n").problems] == [
        "Churn has no predict(). Write def predict(self, rows)."
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            f"{HEAD}@dataclass\nclass A(Model):\n    depth: int = 3\n    def train(self, data): pass\n{ROWS}",
            "A job cannot fill a dataclass",
        ),
        (
            f"{HEAD}class A(Model):\n    def __init__(self, depth, **m): pass\n    def train(self, data): pass\n{ROWS}",
            "A() is called with its hyperparameters",
        ),
        (f"{HEAD}class A(Model):\n    def train(self, 자료): pass\n{ROWS}", "SageMaker takes no channel called 자료"),
    ],
    ids=["dataclass", "init", "channel"],
)
def test_a_class_that_no_job_could_make_is_refused(text, words):
    assert [f.text for f in check_code(CLASS, text).problems if f.text.startswith(words)]


def test_what_the_images_python_does_not_take_is_a_warning_with_its_line():
    train = "    def train(self, data, *, n: int | None = None):\n        match data:\n            case _: pass\n"
    check = check_code(CLASS, f"{HEAD}class A(Model):\n{train}{ROWS}")
    assert check.ok and [f.line for f in check.warnings] == [4, 3]
    later = f"from __future__ import annotations\n{HEAD}class A(Model):\n{train}{ROWS}"
    assert [f.line for f in check_code(CLASS, later).warnings] == [5]


@pytest.mark.parametrize("module", ["train", "inference", "json", "numpy", "sagewright"])
def test_a_module_that_would_hide_one_of_the_jobs_is_no_entry_point(module):
    assert f"A module called {module} would hide one" in check_entry(CLASS, f"{module}:A")
    assert check_entry(CLASS, f"my_{module}:A") == ""


def test_half_a_character_is_only_a_problem():
    assert check_code(CLASS, "x = '\ud800'").problems
