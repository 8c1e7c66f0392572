"""The examples that the console offers are those that an instance has, and each names a kernel that it has."""

import json
from pathlib import Path

from engine.notebooks import session
from models_app.notebooks import documents

FOLDER = Path(session.__file__).parent / session.EXAMPLES


def test_the_console_offers_every_example_and_no_other():
    offered = {path for path, _text in documents.EXAMPLES}
    assert offered == {f"{session.EXAMPLES}/{file.name}" for file in FOLDER.glob("*.ipynb")}


def test_an_example_has_a_kernel_of_the_instance_and_no_output():
    kernels = {name: title for name, _environment, title in session.KERNELS}
    for file in FOLDER.glob("*.ipynb"):
        notebook = json.loads(file.read_text())
        kernel = notebook["metadata"]["kernelspec"]
        assert kernels[kernel["name"]] == kernel["display_name"], file.name
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook["cells"]), file.name
