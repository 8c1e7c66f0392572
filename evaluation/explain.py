"""Which columns of the person's table a model uses, and in which direction: permutation importance, partial dependence.

A column is shuffled among the test rows (Breiman 2001, "Random forests"): what the model then loses of its figure is
the column's importance. All numbers that one column becomes are shuffled together, so that it is the column's own.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from sklearn import metrics

from algorithms.predictor import Predictor
from evaluation import conditions
from evaluation.intervals import SEED
from evaluation.predictions import DATA, LABEL
from tables import parse_scalar
from tables.encode_row import RowEncoder
from tables.predictions import are_shares, parse_response
from tables.reasons import column_blocks

MAX_ROWS = 1_000
MAX_NUMBERS = 20_000_000  # of the encoded rows
REPEATS = 5
SECONDS = 60.0  # columns that are not reached in this time are left out
MAX_CURVES = 6  # columns whose partial dependence is computed
DEPENDENCE_ROWS = 200
POINTS = 12  # of a column of numbers
TEXT = 80  # characters of another value that are drawn
VALUES = 8  # of another column
MAX_CLASSES = 4  # whose probability is drawn


@dataclass(frozen=True)
class _Points:
    """Values of a column whose dependence is computed: the cells, where they are drawn, and dates in words."""

    cells: list[Any]
    values: list[Any]
    is_number: bool
    texts: list[str] = field(default_factory=list)


class Explainer:
    """Explains one model by the rows of a table of predictions that has the person's columns."""

    def __init__(self, predictor: Predictor, schema: Mapping[str, Any], table: pl.DataFrame, accept: str):
        self._predictor, self._accept = predictor, accept
        # Shuffled cells are never new to the model; a value that training did not have is encoded as other.
        self._schema = {name: value for name, value in schema.items() if name != "unseen"}
        self._classes = list(schema["classes"])
        self._encoder = RowEncoder(self._schema)
        rows = min(MAX_ROWS, MAX_NUMBERS // max(1, len(schema["features"])))
        if rows < 20:
            raise ValueError(f"a row becomes {len(schema['features'])} numbers, too many to shuffle its columns")
        self._table = table.gather_every(-(-len(table) // rows))
        self._labels = self._table[LABEL].to_list() if self._classes else self._table[LABEL].to_numpy()
        names = self._encoder.names
        self.encoded = self.encode(self._table)
        self._blocks = dict(zip(names, column_blocks(self._encoder.columns), strict=True))

    def explain(self) -> dict[str, Any]:
        """The explanation as JSON; columns with the largest loss come first.

        {"metric", "base", "rows", "repeats", "columns": [{"column", "kind", "loss", "sd"}], "classes", "left_out",
        "dependence": [{"column", "is_number", "values", "texts"?, "answers": for each value those of `_mean`}]}; the
        values of dates are seconds since 1970, and "texts" the dates.
        """
        base, until = self._figure(self.encoded), time.monotonic() + SECONDS
        rng, columns = np.random.default_rng(SEED), []
        for column in self._encoder.columns:
            if time.monotonic() > until:
                break
            losses = [self._loss(base, self._figure(self._shuffled(column["name"], rng))) for _ in range(REPEATS)]
            spread = {"loss": float(np.mean(losses)), "sd": float(np.std(losses))}
            columns.append({"column": column["name"], "kind": column["kind"]} | spread)
        columns.sort(key=lambda entry: -entry["loss"])
        return {
            "metric": self._metric,
            "base": base,
            "rows": len(self._table),
            "repeats": REPEATS,
            "columns": columns,
            "classes": self._classes[:MAX_CLASSES],
            "left_out": len(self._encoder.columns) - len(columns),
            "dependence": [self._dependence(entry["column"]) for entry in columns[:MAX_CURVES]],
        }

    def encode(self, table: pl.DataFrame) -> np.ndarray:
        """The rows of a table of predictions as the model takes them: float32 (rows, features)."""
        cells = table.select([pl.col(DATA + name).alias(name) for name in self._encoder.names])
        return self._predictor.check(self._encoder.encode(cells.to_dicts(), strict=False))

    @property
    def are_shares(self) -> bool:
        """True if the answers about classes are probabilities or votes."""
        return are_shares(self._schema)

    @property
    def blocks(self) -> Iterable[slice]:
        """The slice of each column's numbers, in the order of the schema."""
        return self._blocks.values()

    def block(self, name: str) -> slice:
        """The slice of the numbers of the column `name`."""
        return self._blocks[name]

    def outputs(self, encoded: np.ndarray) -> np.ndarray:
        """The model's answers to encoded rows: numbers (rows,), or a score for each class (rows, classes)."""
        accept = self._predictor.response_type(self._accept)
        body = self._predictor.write(self._predictor.predict(self._predictor.check(encoded)), accept)
        answers = parse_response(self._schema, body, accept)
        if not self._classes:
            return np.array([answer.value for answer in answers], float)
        scores = np.zeros((len(answers), len(self._classes)))
        position = {name: at for at, name in enumerate(self._classes)}
        for row, answer in enumerate(answers):
            if answer.classes:
                for name, share in answer.classes:
                    scores[row, position[name]] = share
            elif len(self._classes) == 2 and answer.score is not None:
                scores[row] = (-answer.score, answer.score)
            else:
                scores[row, position[str(answer.label)]] = 1.0
        return scores

    @property
    def _metric(self) -> str:
        if not self._classes:
            return "mae"
        return "auc" if len(self._classes) == 2 and len(set(self._labels)) == 2 else "accuracy"

    def _figure(self, encoded: np.ndarray) -> float:
        outputs = self.outputs(encoded)
        if not self._classes:
            return float(metrics.mean_absolute_error(self._labels, outputs))
        if self._metric == "auc":
            return float(metrics.roc_auc_score([label == self._classes[1] for label in self._labels], outputs[:, 1]))
        predicted = [self._classes[at] for at in outputs.argmax(axis=1)]
        return float(metrics.accuracy_score(self._labels, predicted))

    def _loss(self, base: float, shuffled: float) -> float:
        return shuffled - base if not self._classes else base - shuffled

    def _shuffled(self, column: str, rng: np.random.Generator) -> np.ndarray:
        encoded, block = self.encoded.copy(), self._blocks[column]
        encoded[:, block] = encoded[rng.permutation(len(encoded)), block]
        return encoded

    def _dependence(self, name: str) -> dict[str, Any]:
        """The mean answers when every row has the same value of the column `name`."""
        column = next(column for column in self._encoder.columns if column["name"] == name)
        drawn = self._points(column)
        rows, block = self.encoded[:: -(-len(self.encoded) // DEPENDENCE_ROWS)], self._blocks[name]
        answers = []
        for value in drawn.cells:
            changed = rows.copy()
            changed[:, block] = self._encoder.encode([{name: value}], strict=False)[:, block]
            answers.append(self._mean(self.outputs(changed)))
        return {"column": name, "is_number": drawn.is_number, "values": drawn.values, "answers": answers} | (
            {"texts": drawn.texts} if drawn.texts else {}
        )

    def _points(self, column: Mapping[str, Any]) -> _Points:
        """Values of a column: spread over its numbers or dates, the two of two, else the commonest."""
        if conditions.is_number(column):
            numbers = self._table.select(conditions.cell(column).alias("v")).to_series().drop_nulls().to_numpy()
            values = np.unique(numbers)
            if is_number := len(values) > 2:
                spread = np.unique(np.quantile(numbers, np.linspace(0.02, 0.98, POINTS)))
                # Nearly all cells are the same here, so the other values carry the information.
                values = spread if len(spread) > 2 else np.quantile(values, np.linspace(0, 1, POINTS))
            return _Points(values.tolist(), values.tolist(), is_number)
        cells = self._table[DATA + column["name"]].drop_nulls()
        if column["kind"] == "datetime":
            return _dates(cells.to_list(), column)
        commonest = [value for value, _rows in cells.value_counts(sort=True).head(VALUES).rows()]
        return _Points(commonest, [_shortened(value) for value in commonest], is_number=False)

    def _mean(self, outputs: np.ndarray) -> list[float]:
        """The mean number, the mean score of the second of two classes, or that of each of the first classes."""
        if not self._classes:
            return [float(outputs.mean())]
        means = outputs.mean(axis=0)
        return [float(means[1])] if len(means) == 2 else [float(mean) for mean in means[:MAX_CLASSES]]


def _shortened(value: Any) -> Any:
    return f"{value[:TEXT]}…" if isinstance(value, str) and len(value) > TEXT else value


def _dates(cells: Sequence[str], column: Mapping[str, Any]) -> _Points:
    """Dates that are spread over those of `cells`, each as one of the cells has it."""
    read = ((parse_scalar.parse_timestamp(cell.strip(), column["form"]), cell) for cell in cells)
    stamps = {stamp: cell for stamp, cell in read if stamp is not None}
    ordered = sorted(stamps)
    indices = (np.linspace(0.02, 0.98, POINTS) * (len(ordered) - 1)).round().astype(int).tolist()
    chosen = [ordered[index] for index in dict.fromkeys(indices)] if ordered else []
    unit = "m" if "hour" in column["parts"] else "D"
    texts = [str(np.datetime64(stamp, "s").astype(f"datetime64[{unit}]")).replace("T", " ") for stamp in chosen]
    return _Points([stamps[stamp] for stamp in chosen], chosen, len(chosen) > 1, texts)
