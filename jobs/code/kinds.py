"""The kinds of people's own code, as the Create model page offers them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from algorithms.frameworks import BOOSTED_TREES, SCIKIT_LEARN
from algorithms.images import Images
from common.messages import gettext_noop

CLASS, XGBOOST, SKLEARN, CONTAINER = "class", "xgboost", "sklearn", "container"
_WITH_SKLEARN = gettext_noop("NumPy, pandas and scikit-learn are there. Name here what else the code imports.")
ALGORITHM = "code"  # what a model's row has for its algorithm
TITLE = gettext_noop("Your own code")
_FOLDER = Path(__file__).with_name("examples")


@dataclass(frozen=True)
class Kind:
    """One kind: its words, its picture (the content of an SVG of 32 x 32), its usual entry point, its framework."""

    name: str
    title: str
    help: str
    glyph: str
    entry: str = ""
    entry_help: str = ""
    images: Images | None = None  # of the framework that runs it
    estimator: tuple[str, str] = ("", "")  # (module, class) of the SageMaker SDK, version 2
    libraries: str = ""  # what the framework has, as a message id

    @property
    def example(self) -> str:
        """A program that works as it is."""
        return (_FOLDER / f"{self.name}.txt").read_text() if self.entry else ""


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            CLASS,
            gettext_noop("Model class"),
            gettext_noop("A class with train() and predict(). No server code."),
            '<path class="g1" d="m10 9-7 7 7 7M22 9l7 7-7 7"/><path class="g2" d="M18 6l-4 20"/>',
            "model:MyModel",
            gettext_noop("module:Class"),
            SCIKIT_LEARN,
            libraries=_WITH_SKLEARN,
        ),
        Kind(
            XGBOOST,
            gettext_noop("XGBoost script"),
            gettext_noop("A train.py as in SageMaker script mode."),
            '<path class="g1" d="M16 5v5M8 15v-5h16v5M4 24v-4h8v4M20 24v-4h8v4M8 15v5M24 15v5"/>'
            '<path class="g2" d="M16 5v.01M4 26v.01M12 26v.01M20 26v.01M28 26v.01"/>',
            "train.py",
            gettext_noop("The script that is run"),
            BOOSTED_TREES,
            ("sagemaker.xgboost", "XGBoost"),
            gettext_noop("NumPy, pandas, scikit-learn and XGBoost are there. Name here what else the code imports."),
        ),
        Kind(
            SKLEARN,
            gettext_noop("scikit-learn script"),
            gettext_noop("A train.py with model_fn."),
            '<circle class="g1" cx="12" cy="18" r="8"/><circle class="g2" cx="21" cy="12" r="6"/>',
            "train.py",
            gettext_noop("The script that is run"),
            SCIKIT_LEARN,
            ("sagemaker.sklearn", "SKLearn"),
            _WITH_SKLEARN,
        ),
        Kind(
            CONTAINER,
            gettext_noop("Container"),
            gettext_noop("Your image with train and serve."),
            '<path class="g1" d="M4 11h24v14H4zM4 11l4-5h16l4 5"/><path class="g2" d="M11 15v6M16 15v6M21 15v6"/>',
        ),
    )
}
