"""No algorithm's name stands outside `algorithms/`: what the product says or does of one is declared there."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import algorithms

ROOT = Path(__file__).parents[2]
PRODUCT = (
    "common",
    "console",
    "engine",
    "jobs",
    "models_app",
    "preflight",
    "sagewright",
    "static",
    "tables",
    "templates",
)
_V2 = "version 2 of AWS's SDK has modules and classes of this name, which programs import"
ALLOWED: dict[str, str] = {  # {"path: name": why it must stand there}
    f"sagewright/v2/{path}": _V2
    for path in (
        "__init__.py: xgboost",
        *(f"xgboost/{file}.py: {name}" for file in ("__init__", "estimator") for name in ("xgboost", "XGBoost")),
        "xgboost/model.py: xgboost",
    )
}
ALLOWED |= {
    f"engine/{path}": "a framework of AWS's has this name as well, whose images run people's own scripts"
    for path in (
        "container/sagemaker_xgboost_container/data_utils.py: xgboost",
        "container/script_toolkit/encoders.py: xgboost",
        "container/script_toolkit/handlers.py: xgboost",
        "frameworks/images.py: XGBoost",
        "frameworks/images.py: xgboost",
    )
}
ALLOWED |= {
    f"jobs/code/kinds.py: {name}": "the framework of this name runs people's scripts: its image, estimator and title"
    for name in ("xgboost", "XGBoost", "XGBOOST")
}
ALLOWED["models_app/catalog/figures/clusters.py: k-means"] = "scikit-learn's, with which any grouping is compared"
ALLOWED["models_app/notebooks/documents.py: XGBoost"] = "the file of an example notebook, which trains this one"


def names() -> re.Pattern[str]:
    """Each algorithm's name and title, and its folder's name, in any case."""
    words = {word for a in algorithms.ALGORITHMS.values() for word in (a.name, a.title)} | set(algorithms.BUILT_IN)
    words |= {part for word in words for part in re.split(r" \(|\)", word) if part}  # "Some Analysis (SA)"
    spellings = "|".join("[-_ ]?".join(map(re.escape, re.split("[-_ ]", word))) for word in sorted(words))
    return re.compile(rf"(?<![A-Za-z])(?:{spellings})(?![A-Za-z])", re.IGNORECASE)


def texts(path: Path) -> Iterator[str]:
    """What of a file counts: a template or script as it is; of Python its identifiers and literals, not comments."""
    source = path.read_text()
    if path.suffix != ".py":
        yield source
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword | ast.arg) and node.arg:
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield f"{node.module}.{'.'.join(alias.name for alias in node.names)}"
        elif isinstance(node, ast.Import):
            yield ".".join(alias.name for alias in node.names)


def product_files() -> list[Path]:
    listed = subprocess.check_output(["git", "ls-files", *PRODUCT], cwd=ROOT, text=True).split("\n")
    files = [ROOT / name for name in listed if name.endswith((".py", ".html", ".js")) and (ROOT / name).is_file()]
    assert len(files) > 300
    return files


def test_no_algorithm_is_named_outside_its_folder():
    pattern = names()
    named = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in product_files()
        for text in texts(path)
        for match in pattern.finditer(text)
    }
    assert named == set(ALLOWED)


def test_the_pattern_knows_every_spelling():
    pattern = names()
    known = "xgboost XGBoost kmeans K-Means linear_learner linear-learner LinearLearner PCA KNN randomcutforest"
    for text in (*known.split(), "Random Cut Forest"):
        assert pattern.search(f"x {text}.train"), text
    assert not pattern.search("captcha") and not pattern.search("knned")
