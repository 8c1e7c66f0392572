"""The form that tries an endpoint of people's own code: rows by column name for a class, plain CSV for a script."""

import csv
import io
import json
import math
from typing import Any

from django.utils.translation import gettext as _

from jobs.code.kinds import ALGORITHM, CLASS
from models_app.endpoints.request_form import CSV, JSON, Answer, PredictionRequest, RequestForm

MAX_HEADLINE = 60  # characters of an answer in large letters
BOOLEANS = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}  # as pandas has


def request_form(model, data=None) -> RequestForm:
    """The form that suits what `model` was made with."""
    return CodeRequestForm(model, data) if model.algorithm == ALGORITHM else RequestForm(model, data)


class CodeRequestForm(RequestForm):
    """One row for a model of people's own code."""

    __test__ = False

    def __init__(self, model, data=None):
        self.kind = model.code.get("kind", CLASS)
        super().__init__(model, data)

    def request(self) -> PredictionRequest:
        """The row as its endpoint takes it: a class gets names, a script the values in the order of the table."""
        row = {control.name: (control.other or control.value).strip() for control in self.controls}
        if self.kind == CLASS:
            instance = {name: value_of(text) for name, text in row.items()}
            return PredictionRequest(json.dumps({"instances": [instance]}, ensure_ascii=False), JSON, JSON)
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(row.values())
        return PredictionRequest(out.getvalue(), CSV, CSV)

    def example(self) -> PredictionRequest:
        """The row for a code snippet."""
        return self.request()

    def read(self, text: str, content_type: str) -> Answer | None:
        """What the code answered for the one row; None when the answer has no row."""
        note = _("Predicted %(column)s") % {"column": self.schema.get("target") or _("the target")}
        answer = first_answer(text, content_type)
        if answer is None:
            return None
        if isinstance(answer, list | dict):
            return Answer(_shortened(json.dumps(answer, ensure_ascii=False)), None, note)
        return Answer(f"{answer:.6g}" if isinstance(answer, float) else _shortened(str(answer)), None, note)


def value_of(text: str) -> Any:
    """A cell as pandas reads it: None, True or False, a number, else the text."""
    if not text:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number) or "_" in text:
        return text
    return int(number) if number.is_integer() and "." not in text and "e" not in text.lower() else number


def first_answer(text: str, content_type: str) -> Any:
    """The answer to the first row in the body of a response; None when there is none."""
    if content_type.partition(";")[0].strip() == CSV:
        cells = next(csv.reader(io.StringIO(text)), [])
        values = [value_of(cell.strip()) for cell in cells]
        return values[0] if len(values) == 1 else values or None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, dict) and isinstance(document.get("predictions"), list):
        document = document["predictions"]
    if isinstance(document, dict) and isinstance(document.get("data"), list) and "columns" in document:
        rows = document["data"]
        return dict(zip(document["columns"], rows[0], strict=False)) if rows and isinstance(rows[0], list) else None
    if isinstance(document, list):
        return document[0] if document else None
    return document


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_HEADLINE else f"{text[: MAX_HEADLINE - 1]}…"
