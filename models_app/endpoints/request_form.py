"""The form that tries an endpoint: a control for each training column, and the answer in words."""

import json
from dataclasses import dataclass, field, replace

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import algorithms
from models_app.aws import s3_store
from models_app.endpoints.input_remarks import remarks
from models_app.problems import Problem
from tables import predictions
from tables.encode_row import RowEncoder
from tables.unseen import UnseenCategories, known_categories

PREFIX = "f"  # the control of the column at place 3 is called f3
OTHER = "-other"  # behind it: the control for a category that is not in its list
REMEMBERED = 24 * 3600  # seconds
MAX_CLASSES, MAX_COMPONENTS = 5, 20
MAX_OPTIONS = 100  # of a select; beyond, the value is typed
CSV, JSON = "text/csv", "application/json"


@dataclass(frozen=True)
class PredictionRequest:
    """A prediction request: the body as text, what it is and what is asked for.

    `explains` is true where the answer can have reasons. `unseen` are (column, value) of the categories that the
    training data did not have.
    """

    body: str
    content_type: str = CSV
    accept: str = CSV
    explains: bool = False
    unseen: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Control:
    """One column. `options` are a category's values; without them it is typed, as a number or as text.

    `is_open` is true for a category that may be another one than its options: `other` is what was typed.
    """

    id: str
    name: str
    value: str
    options: list[str]
    hint: str
    is_number: bool = True
    is_open: bool = False
    other: str = ""


class RequestForm:
    """One row for `model`: filled with the first row of its data, or with what was posted."""

    __test__ = False  # not a test case, whatever its name says to pytest

    def __init__(self, model, data=None):
        self.schema = model.schema
        algorithm = algorithms.ALGORITHMS.get(model.algorithm)
        self.accept = (algorithm.accept_header if algorithm else "") or CSV
        self.explains = bool(algorithm and algorithm.explains) and accepts_rows_by_name(self.schema)
        self.takes_csv = algorithm is None or CSV in algorithm.content_types
        self.answer_schema = answer_schema(model)
        self.thresholds = _thresholds(self.answer_schema)
        sample = _sample(model)
        self.takes_unseen = self.schema.get("unseen") != "refuse"
        self.controls = []
        for position, column in enumerate(self.schema.get("columns", ())):
            if column["role"] == "feature":
                key, algorithm = f"{PREFIX}{position}", sample.get(column["name"], {})
                value = algorithm.get("value", "") if data is None else data.get(key, "")
                other = "" if data is None else data.get(key + OTHER, "").strip()
                control = _control(key, column, value, algorithm)
                is_open = bool(control.options) and self.takes_unseen and known_categories(column) is not None
                self.controls.append(replace(control, is_open=is_open, other=other))

    def request(self) -> PredictionRequest:
        """The row as its endpoint takes it. Raises Problem(field=column)."""
        row = self.cells()
        unseen = UnseenCategories()
        # A bad value is told before anything is sent.
        encoded = RowEncoder(self.schema).encode([row], strict=False, unseen=unseen)
        values = tuple((name, value) for name, examples in unseen.examples.items() for value in examples)
        if accepts_rows_by_name(self.schema):
            text = json.dumps({"instances": [{name: _plain(value) for name, value in row.items()}]}, ensure_ascii=False)
            return PredictionRequest(text, JSON, self.accept, self.explains, values)
        return replace(self._positional(encoded), unseen=values)

    def remarks(self) -> list[str]:
        """A sentence for each value of the row that is unlike the training data."""
        return remarks(self.schema, {control.name: control.other or control.value for control in self.controls})

    def cells(self) -> dict[str, str]:
        """The row as it was typed: {column: text}."""
        return {control.name: control.other or control.value for control in self.controls}

    def read(self, text: str, content_type: str) -> "Answer | None":
        """What the endpoint's answer `text` to the row says; None when it is no such answer."""
        return read(self.answer_schema, text, content_type)

    def example(self) -> PredictionRequest:
        """The row for a code snippet: never fails."""
        try:
            return self.request()
        except (Problem, KeyError):
            return self._positional(np.zeros((1, max(1, len(self.schema.get("features", ()))))))

    def _positional(self, encoded: np.ndarray) -> PredictionRequest:
        if self.takes_csv:
            return PredictionRequest(RowEncoder(self.schema).as_csv(encoded).decode().strip(), CSV, self.accept)
        cells = [None if cell != cell else cell for cell in encoded[0].tolist()]
        return PredictionRequest(json.dumps({"instances": [{"features": cells}]}), JSON, self.accept)


def answer_schema(model) -> dict:
    """The schema of `model` with what its training job said of the scores of the training rows."""
    algorithm, figures = algorithms.ALGORITHMS.get(model.algorithm), model.job.final_metrics if model.job else {}
    wanted = algorithm.score_quantiles if algorithm else {}
    quantiles = {f"{quantile:g}": figures[metric] for metric, quantile in wanted.items() if metric in figures}
    return model.answer_schema | ({"score_quantiles": quantiles} if quantiles else {})


def _thresholds(schema: dict) -> list[tuple[str, str]]:
    """(percentile, the score of the training rows there)."""
    quantiles = schema.get("score_quantiles") or {}
    return [(f"{100 * float(quantile):g}", f"{score:.4g}") for quantile, score in quantiles.items()]


def accepts_rows_by_name(schema: dict) -> bool:
    """May rows be sent by column name? Our engine reads the schema that travels with the model; AWS does not."""
    return settings.BACKEND == "engine" and "version" in schema


def _plain(text: str) -> str | float | int | None:
    """A control's text as JSON has it: a number where it is written like one."""
    text = text.strip()
    if not text:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if type(value) in (int, float) else text


@dataclass(frozen=True)
class Answer:
    """A prediction in words. `share` is the probability in percent, None where there is none.

    `bars` are (name, length in percent, figure in words), drawn below each other.
    """

    headline: str
    share: float | None
    note: str
    bars: list[tuple[str, float, str]] = field(default_factory=list)


def read(schema: dict, text: str, content_type: str = CSV) -> Answer | None:
    """What the endpoint's answer `text` to one row says under the schema `made`; None when it is no such answer."""
    try:
        prediction = predictions.parse_response(schema, text, content_type)[0]
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        return None
    target = schema.get("target") or _("the target")
    if prediction.cluster is not None:
        note = _("Cluster, numbered from 0") if prediction.distance is None else (
            _("Distance to the center of the cluster: %(distance)s") % {"distance": f"{prediction.distance:.4g}"}
        )  # fmt: skip
        return Answer(_("Cluster %(n)d") % {"n": prediction.cluster}, None, note)
    if prediction.projection is not None:
        return _projection(prediction.projection)
    if prediction.label is not None:
        return _label(prediction, target)
    if prediction.value is not None:
        return Answer(f"{prediction.value:g}", None, _("Predicted %(column)s") % {"column": target})
    if prediction.score is not None and prediction.threshold is not None:
        return _anomaly(prediction, schema)
    if prediction.score is not None:
        note = _("Anomaly score: the higher, the less the row is like the others")
        return Answer(f"{prediction.score:.4g}", None, note)
    return None


def _label(prediction: predictions.Prediction, target: str) -> Answer:
    if prediction.probability is None:
        return Answer(str(prediction.label), None, _("Predicted %(column)s") % {"column": target})
    note = _("Probability of %(column)s = %(label)s") % {"column": target, "label": prediction.label}
    if prediction.threshold is not None:
        note += ". " + _("Labelled by the threshold %(threshold)s, which is kept with the model") % {
            "threshold": f"{prediction.threshold:g}"
        }
    ranked = [(name, 100 * share, f"{100 * share:.1f}%") for name, share in prediction.classes[:MAX_CLASSES]]
    return Answer(str(prediction.label), 100 * prediction.probability, note, ranked)


def _anomaly(prediction: predictions.Prediction, schema: dict) -> Answer:
    score, threshold = prediction.score or 0.0, prediction.threshold or 0.0
    words = (
        _("Anomaly: above %(threshold)s, the %(percentile)sth percentile of the training scores")
        if prediction.anomaly
        else _("Usual: not above %(threshold)s, the %(percentile)sth percentile of the training scores")
    )
    note = words % {"threshold": f"{threshold:.4g}", "percentile": f"{100 * (prediction.quantile or 0):g}"}
    scores = {_("This row"): score}
    for quantile, value in (schema.get("score_quantiles") or {}).items():
        scores[_("%(percentile)sth percentile") % {"percentile": f"{100 * float(quantile):g}"}] = value
    longest = max((abs(value) for value in scores.values()), default=0.0) or 1.0
    bars = [(name, 100 * abs(value) / longest, f"{value:.4g}") for name, value in scores.items()]
    return Answer(f"{score:.4g}", None, note, bars)


def _projection(values: list[float]) -> Answer:
    values = values[::-1]  # the strongest component comes last in the answer
    longest = max((abs(value) for value in values), default=0.0) or 1.0
    bars = [
        (_("Component %(n)d") % {"n": number}, 100 * abs(value) / longest, f"{value:.4g}")
        for number, value in enumerate(values[:MAX_COMPONENTS], 1)
    ]
    count = ngettext("%(n)d component", "%(n)d components", len(values)) % {"n": len(values)}
    return Answer(
        count,
        None,
        _("The row's place on each principal component, the strongest first. The response has it last."),
        bars,
    )


def _control(key: str, column: dict, value: str, stats: dict) -> Control:
    options = list(column.get("values") or column.get("known") or ())
    if len(options) > MAX_OPTIONS:
        options = []
    if column["kind"] == "boolean":
        options = [value for value in (stats.get("top") or ["true", "false"])][:2]
    if options:
        hint = ngettext("%(n)d value", "%(n)d values", len(options)) % {"n": len(options)}
        # What was typed may be none of them; it stays in the list so that the answer can say so.
        return Control(key, column["name"], value, options if value in ("", *options) else [value, *options], hint)
    hint = ""
    if stats.get("min") is not None:
        hint = _("%(low)s to %(high)s") % {"low": f"{stats['min']:.5g}", "high": f"{stats['max']:.5g}"}
    return Control(key, column["name"], value, [], hint, column["kind"] == "number")


def _sample(model) -> dict:
    """{column: {"value", "min", "max", "top"}} of the first row; {} when the data is gone. Remembered."""
    key = f"test-row:{model.pk}:{model.data_etag}"
    sample = cache.get(key)
    if sample is None:
        sample = {}
        try:
            algorithm = algorithms.ALGORITHMS.get(model.algorithm)
            inspection = s3_store.inspect(model.data_uri, model.full_recipe, algorithm is None or algorithm.supervised)
        except Problem:
            return sample
        first = inspection.rows[0] if inspection.rows else []
        for position, column in enumerate(inspection.columns):
            value = first[position].strip() if position < len(first) else ""
            sample[column.name] = {"value": value, "min": column.min, "max": column.max, "top": column.top}
        cache.set(key, sample, REMEMBERED)
    return sample
