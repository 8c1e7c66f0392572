"""The form that tries an endpoint: a control for each training column, and the answer in words."""

from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app import lake
from models_app.problems import Problem
from tables import schema

PREFIX = "f"  # the control of the column at place 3 is called f3
REMEMBERED = 24 * 3600  # seconds
MOST_CLASSES = 5


@dataclass(frozen=True)
class Control:
    """One column. `options` are a category's values, empty for a number."""

    id: str
    name: str
    value: str
    options: list[str]
    hint: str


class TestRow:
    """One row for `model`: filled with the first row of its data, or with what was posted."""

    __test__ = False  # not a test case, whatever its name says to pytest

    def __init__(self, model, data=None):
        self.schema = model.schema
        sample = _sample(model)
        self.controls = []
        for place, column in enumerate(self.schema.get("columns", ())):
            if column["role"] == "feature":
                key, known = f"{PREFIX}{place}", sample.get(column["name"], {})
                value = known.get("value", "") if data is None else data.get(key, "")
                self.controls.append(_control(key, column, value, known))

    def body(self) -> str:
        """The row as the endpoint takes it. Raises Problem(field=column)."""
        return schema.csv_row(self.schema, {control.name: control.value for control in self.controls})

    def example(self) -> str:
        """The row for a code snippet: never fails."""
        try:
            return self.body()
        except Problem:
            return ",".join("0" for _name in self.schema.get("features", ()))


@dataclass(frozen=True)
class Answer:
    """A prediction in words. `share` is the probability in percent, None for a number."""

    headline: str
    share: float | None
    note: str
    classes: list[tuple[str, float]]


def read(made: dict, text: str) -> Answer | None:
    """What the endpoint's CSV answer `text` says under the schema `made`; None when it is no such answer."""
    try:
        label, confidence = schema.prediction(made, text)
        scores = [float(cell) for cell in text.strip().split(",")]
    except (ValueError, IndexError):
        return None
    target, names = made.get("target") or _("the target"), made.get("classes") or []
    if confidence is None:
        return Answer(label, None, _("Predicted %(column)s") % {"column": target}, [])
    shares = [scores[0]] if len(scores) == 1 else scores
    if len(shares) == 1 and len(names) == 2:
        shares = [1 - scores[0], scores[0]]
    ranked = sorted(zip(names, (100 * share for share in shares), strict=False), key=lambda pair: -pair[1])
    note = _("Probability of %(column)s = %(label)s") % {"column": target, "label": label}
    return Answer(label, 100 * confidence, note, ranked[:MOST_CLASSES])


def _control(key: str, column: dict, value: str, known: dict) -> Control:
    options = list(column.get("values") or ())
    if column["kind"] == "boolean":
        options = [value for value in (known.get("top") or ["true", "false"])][:2]
    if options:
        hint = ngettext("%(n)d value", "%(n)d values", len(options)) % {"n": len(options)}
        # What was typed may be none of them; it stays in the list so that the answer can say so.
        return Control(key, column["name"], value, options if value in ("", *options) else [value, *options], hint)
    hint = ""
    if known.get("min") is not None:
        hint = _("%(low)s to %(high)s") % {"low": f"{known['min']:.5g}", "high": f"{known['max']:.5g}"}
    return Control(key, column["name"], value, [], hint)


def _sample(model) -> dict:
    """{column: {"value", "min", "max", "top"}} of the first row; {} when the data is gone. Remembered."""
    key = f"test-row:{model.pk}:{model.data_etag}"
    found = cache.get(key)
    if found is None:
        found = {}
        try:
            seen = lake.inspect(model.data_uri, model.how)
        except Problem:
            return found
        first = seen.rows[0] if seen.rows else []
        for place, column in enumerate(seen.columns):
            value = first[place].strip() if place < len(first) else ""
            found[column.name] = {"value": value, "min": column.min, "max": column.max, "top": column.top}
        cache.set(key, found, REMEMBERED)
    return found
