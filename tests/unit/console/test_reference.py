"""The pages of docs/reference/ are what the code renders, and the settings in them are those that the code reads."""

import ast
import re
from pathlib import Path

import pytest

from console.reference import pages
from console.reference.markdown import table
from sagewright import environment, variables
from tests.stack import ROOT

REFERENCE = ROOT / "docs" / "reference"
NAME = re.compile(r"SAGEWRIGHT_([A-Z]+(?:_[A-Z]+)*)\b")
PRODUCT = ("algorithms", "common", "console", "engine", "jobs", "models_app", "preflight", "sagewright", "tables")
SOURCES = [file for folder in PRODUCT for file in sorted((ROOT / folder).rglob("*.py"))]
OTHERS = ["run", "docker-compose.yml", "Dockerfile", "README.md", *sorted((ROOT / "templates").rglob("*.html"))]
DECLARATIONS, READER = Path(variables.__file__), Path(environment.__file__)


def test_every_page_is_what_the_code_renders():
    rendered = dict(pages())
    assert {file.relative_to(REFERENCE).as_posix() for file in REFERENCE.rglob("*.md")} == set(rendered)
    stale = [name for name, text in rendered.items() if (REFERENCE / name).read_text() != text]
    assert stale == [], "write them again with `python3 run manage reference`"


def test_a_bar_and_a_line_end_stay_inside_their_cell():
    assert table(("a",), [("b | c\nd",)]) == "\n| a |\n| --- |\n| b \\| c d |\n"


def test_a_variable_that_is_not_declared_cannot_be_read(monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_COLOUR", "blue")
    with pytest.raises(KeyError):
        environment.text("COLOUR")


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_REGION", "")
    assert environment.text("REGION") == "us-east-1"


def test_every_variable_that_the_product_names_is_declared():
    named = {name for file in (*SOURCES, *OTHERS) for name in NAME.findall((ROOT / file).read_text())}
    known = environment.VARIABLES.keys()
    assert len(named) > 20 and {name for name in named - known if name.removesuffix("_FILE") not in known} == set()


def test_only_one_module_reads_the_variables():
    readers = [file for file in SOURCES if re.search(r"environ\b.*SAGEWRIGHT_", file.read_text())]
    assert [file for file in readers if file != READER] == []


def test_every_declared_variable_is_used():
    words, endings = set(), set()
    readers = {ROOT / "console", ROOT / "sagewright", ROOT / "engine", ROOT / "algorithms"}
    for file in (file for file in SOURCES if readers & set(file.parents) and file != DECLARATIONS):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words |= {node.value.upper(), *NAME.findall(node.value)}
            elif isinstance(node, ast.JoinedStr) and isinstance(last := node.values[-1], ast.Constant):
                endings.add(str(last.value))
    endings = tuple(ending for ending in endings if re.fullmatch("_[A-Z]+", ending))
    unused = [name for name in environment.VARIABLES if name not in words and not name.endswith(endings)]
    assert unused == []
