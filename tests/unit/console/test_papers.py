"""What the documentation says of the code exists: files, modules, functions."""

import re

import pytest

from models_app.help import pages
from tests.stack import ROOT

PACKAGES = "algorithms|bench|common|console|deploy|engine|jobs|models_app|preflight|sandbox|tables|templates|tests"
FILE = re.compile(rf"`((?:{PACKAGES}|docs|static|locale)/[\w./-]*)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
DOTTED = re.compile(rf"`((?:{PACKAGES})(?:\.\w+)+)(?:\(\))?`")


@pytest.mark.parametrize("name", pages.known())
def test_every_file_and_module_that_a_page_names_exists(name):
    text = (ROOT / f"{name}.md").read_text()
    lost = [path for path in FILE.findall(text) if not (ROOT / path).exists()]
    lost += [dotted for dotted in DOTTED.findall(text) if not _exists(dotted)]
    lost += [test for path, test in TEST.findall(text) if f"def {test}(" not in (ROOT / path).read_text()]
    assert lost == []


def _exists(dotted: str) -> bool:
    """A module, or a module and a name that is written in it."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:cut])
        file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
        if file.exists():
            return all(re.search(rf"\b{part}\b", file.read_text()) for part in parts[cut:])
    return False
