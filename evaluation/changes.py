"""Finds what would change a model's answer: the smallest changes of one or two columns of a row, by trying them.

Candidates are values that training had: the middle of every bin of a number's histogram that has rows, and its ends;
a category's commonest values. A schema has none of dates and texts, so these are not tried, and named as untried. All
candidates of a step are encoded and predicted together. It says what the model's answer would be, and nothing of what
would happen in the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from algorithms.predictor import Predictor
from tables.encode_row import RowEncoder
from tables.parse_scalar import parse_number
from tables.predictions import Prediction, parse_response

MAX_CHANGES = 4  # changes
VALUES = 12  # of a column that are tried
STEPS = 6  # between the row's own number and the first that changes the answer
PAIRED, PAIR_VALUES = 6, 4  # columns that are tried two at a time, and values of each
MAX_COLUMNS = 100  # of a wider table the first ones are tried
CATEGORY = 0.5  # what another category counts as, where a number counts as its distance in the range of training
DIGITS = 4  # of a number that is tried


@dataclass(frozen=True)
class Edit:
    """Another value of one column, as a person writes it; `cost` is how far it is from the row's own, 0 to 1."""

    column: str
    value: str
    cost: float


def changes_of(
    predictor: Predictor, accept: str, schema: Mapping[str, Any], row: Mapping[str, str], locked: Sequence[str],
    by: float | None,
) -> dict[str, Any]:  # fmt: skip
    """The changes of `row`, {column: text}, that give another class, or move a number by `by` or more.

    Columns in `locked` stay as they are. Without `by` a number must move by a tenth of itself. Returns {"answer", "by",
    "tried", "changes": [{"columns": [{"column", "from", "to"}], "answer"}], "nearest"?, "untried": [column]}, the
    smallest change first; "untried" are the columns without other values to try, and "nearest" is the change that went
    farthest where none goes far enough. Raises Problem and InvocationError.
    """
    model = _Model(predictor, accept, schema, row)
    own = model.answers([()])[0]
    goal = _Goal(own, by)
    columns = [c for c in schema["columns"] if c["role"] == "feature" and c["name"] not in locked]
    edits = {column["name"]: _edits(column, schema.get("summaries", {}), row) for column in columns[:MAX_COLUMNS]}
    singles: list[tuple[Edit, ...]] = [(edit,) for values in edits.values() for edit in values]
    answers = dict(zip(singles, model.answers(singles), strict=True))
    closer = [pair for values in edits.values() for pair in _between(values, answers, goal, schema, row)]
    answers |= zip(closer, model.answers(closer), strict=True)
    if not any(goal.is_met(answer) for answer in answers.values()):
        pairs = _pairs(answers, goal)
        answers |= zip(pairs, model.answers(pairs), strict=True)
    return _document(answers, goal, row) | {"untried": [c["name"] for c in columns if not edits.get(c["name"])]}


class _Model:
    """Answers to a row with edits."""

    def __init__(self, predictor: Predictor, accept: str, schema: Mapping[str, Any], row: Mapping[str, str]):
        self._predictor, self._accept, self._schema = predictor, accept, schema
        self._encoder, self._row = RowEncoder(schema), dict(row)

    def answers(self, edited: Sequence[tuple[Edit, ...]]) -> list[Prediction]:
        """The answer to the row with each tuple of edits, all in one prediction."""
        if not edited:
            return []
        rows = [self._row | {edit.column: edit.value for edit in edits} for edits in edited]
        numbers = self._predictor.check(self._encoder.encode(rows, strict=False))
        kind = self._predictor.response_type(self._accept)
        return parse_response(self._schema, self._predictor.write(self._predictor.predict(numbers), kind), kind)


class _Goal:
    """What a change must reach: another class, or a number that is farther away."""

    def __init__(self, own: Prediction, by: float | None):
        self.own = own
        if own.label is None and own.value is None:
            raise ValueError("the model answers neither a class nor a number")
        self.by = None if own.value is None else by or abs(own.value) / 10 or 1.0

    def is_met(self, answer: Prediction) -> bool:
        """True if `answer` is far enough from the row's own."""
        if self.by is not None and answer.value is not None and self.own.value is not None:
            return abs(answer.value - self.own.value) >= self.by
        return answer.label != self.own.label

    def progress(self, answer: Prediction) -> float:
        """How far `answer` is from the row's own: of a number its distance, of a class what its share lost."""
        if self.own.value is not None and answer.value is not None:
            return abs(answer.value - self.own.value)
        shares = dict(answer.classes), dict(self.own.classes)
        label = self.own.label or ""
        if label in shares[0] and label in shares[1]:
            return shares[1][label] - shares[0][label]
        return abs((answer.score or 0.0) - (self.own.score or 0.0))


def _edits(column: Mapping[str, Any], summaries: Mapping[str, Any], row: Mapping[str, str]) -> list[Edit]:
    """What is tried of one column: other values that training had."""
    name, summary = column["name"], summaries.get(column["name"], {})
    text = row.get(name, "").strip()
    if summary.get("hist"):
        low, high = float(summary["min"]), float(summary["max"])
        if not high > low:
            return []
        width = (high - low) / len(summary["hist"])
        middles = [low + (at + 0.5) * width for at, count in enumerate(summary["hist"]) if count]
        return _numbers([low, *middles, high][:VALUES], column, summary, text)
    values = list(summary.get("values") or column.get("values") or ())[:VALUES]
    return [Edit(name, str(value), CATEGORY) for value in values if str(value) != text]


def _numbers(
    values: Iterable[float], column: Mapping[str, Any], summary: Mapping[str, Any], text: str
) -> list[Edit]:  # fmt: skip
    low, high = float(summary["min"]), float(summary["max"])
    own = parse_number(text, column.get("numbers", ""))
    is_whole = low.is_integer() and high.is_integer() and high - low >= 2 and (own is None or own.is_integer())
    edits = {}
    for value in values:
        rounded = float(round(value)) if is_whole else float(f"{value:.{DIGITS}g}")
        rounded = min(max(rounded, low), high)
        if rounded != own:
            cost = abs(rounded - own) / (high - low) if own is not None else CATEGORY
            edits[rounded] = Edit(column["name"], _text(rounded, column), min(cost, 1.0))
    return list(edits.values())


def _text(value: float, column: Mapping[str, Any]) -> str:
    """A number as the table writes it."""
    text = f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return text.replace(".", ",") if column.get("numbers") == "comma" else text


def _between(
    values: Sequence[Edit], answers: Mapping[tuple[Edit, ...], Prediction], goal: _Goal, schema: Mapping[str, Any],
    row: Mapping[str, str],
) -> list[tuple[Edit, ...]]:  # fmt: skip
    """Numbers between the row's own and the nearest that meets the goal, on either side."""
    met = [edit for edit in values if goal.is_met(answers[edit,])]
    if not met:
        return []
    name = met[0].column
    column = next(c for c in schema["columns"] if c["name"] == name)
    summary = schema.get("summaries", {}).get(name, {})
    own = parse_number(row.get(name, "").strip(), column.get("numbers", ""))
    if not summary.get("hist") or own is None:
        return []
    between: list[tuple[Edit, ...]] = []
    numbers = {parse_number(edit.value, column.get("numbers", "")): edit for edit in met}
    for side in (
        [n for n in numbers if n is not None and n > own], [n for n in numbers if n is not None and n < own]
    ):  # fmt: skip
        if side:
            nearest = min(side, key=lambda number: abs(number - own))
            steps = [own + (nearest - own) * step / STEPS for step in range(1, STEPS)]
            between += [(edit,) for edit in _numbers(steps, column, summary, row.get(name, "").strip())]
    return [edits for edits in between if edits not in answers]


def _pairs(answers: Mapping[tuple[Edit, ...], Prediction], goal: _Goal) -> list[tuple[Edit, ...]]:
    """Two edits at a time, of the columns whose single edits went farthest."""
    best: dict[str, list[Edit]] = {}
    for (edit, *_rest), answer in sorted(answers.items(), key=lambda item: -goal.progress(item[1])):
        if goal.progress(answer) > 0 and (edit.column in best or len(best) < PAIRED):
            chosen = best.setdefault(edit.column, [])
            if len(chosen) < PAIR_VALUES:
                chosen.append(edit)
    return [pair for first, second in combinations(best.values(), 2) for pair in product(first, second)]


def _document(answers: Mapping[tuple[Edit, ...], Prediction], goal: _Goal, row: Mapping[str, str]) -> dict[str, Any]:
    order = sorted(answers, key=lambda edits: (len(edits), sum(edit.cost for edit in edits)))
    changes, reported = [], set()
    for edits in order:
        columns = frozenset(edit.column for edit in edits)
        if columns not in reported and goal.is_met(answers[edits]):
            reported.add(columns)
            changes.append(_change(edits, answers[edits], row))
    document: dict[str, Any] = {"answer": goal.own.as_json(), "by": goal.by, "tried": len(answers)}
    document["changes"] = changes[:MAX_CHANGES]
    if not changes and answers:
        farthest = max(answers, key=lambda edits: goal.progress(answers[edits]))
        if goal.progress(answers[farthest]) > 0:
            document["nearest"] = _change(farthest, answers[farthest], row)
    return document


def _change(edits: tuple[Edit, ...], answer: Prediction, row: Mapping[str, str]) -> dict[str, Any]:
    columns = [{"column": edit.column, "from": row.get(edit.column, ""), "to": edit.value} for edit in edits]
    return {"columns": columns, "answer": answer.as_json()}
