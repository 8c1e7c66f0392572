"""A small table of NumPy columns: what a channel or the rows of a prediction are without an annotation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np


class Column:
    """One column of a table."""

    def __init__(self, name: str, values: Any):
        self.name = name
        self._values = np.asarray(values)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values.tolist())

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self._values if dtype is None else self._values.astype(dtype)

    def __repr__(self) -> str:
        return f"Column({self.name!r}, {self._values!r})"

    def to_numpy(self) -> np.ndarray:
        """The values, shape (rows,)."""
        return self._values

    def to_pandas(self) -> Any:
        """The values as a pandas Series."""
        import pandas

        return pandas.Series(self._values, name=self.name)

    def to_polars(self) -> Any:
        """The values as a polars Series."""
        import polars

        return polars.Series(self.name, self._values.tolist())


class Table:
    """Columns by name, one of which may be the target.

    >>> table = Table({"size": [1, 2], "rooms": [3, 4], "price": [10.0, 20.0]}, target="price")
    >>> table.features.to_numpy().tolist(), table.target.to_numpy().tolist()
    ([[1, 3], [2, 4]], [10.0, 20.0])
    """

    def __init__(self, columns: Mapping[str, Any], target: str = ""):
        self._columns = {str(name): np.asarray(values) for name, values in columns.items()}
        if target and target not in self._columns:
            raise ValueError(f"There is no column {target!r} to be the target. {self._names()}")
        lengths = {len(values) for values in self._columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"The columns have different lengths: {sorted(lengths)}.")
        self._target = target

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __repr__(self) -> str:
        target = f", target={self._target!r}" if self._target else ""
        return f"Table({len(self)} rows, columns={self.columns}{target})"

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            raise KeyError(f"There is no column {name!r}. {self._names()}")
        return Column(name, self._columns[name])

    @property
    def columns(self) -> list[str]:
        """The names of all columns, the target among them."""
        return list(self._columns)

    @property
    def features(self) -> Table:
        """The table without its target."""
        return Table({name: values for name, values in self._columns.items() if name != self._target})

    @property
    def target(self) -> Column:
        """The target. Raises ValueError if the table has none."""
        if not self._target:
            raise ValueError(
                f'This table has no target. Name it where the data is named: S3DataSource("s3://...", target="..."). '
                f"{self._names()}"
            )
        return self[self._target]

    def select(self, names: Sequence[str]) -> Table:
        """These columns in this order. Raises ValueError naming those that are not there."""
        missing = [name for name in names if name not in self._columns]
        if missing:
            raise ValueError(f"Missing: {', '.join(missing)}. {self._names()}")
        return Table({name: self._columns[name] for name in names}, self._target if self._target in names else "")

    def to_numpy(self) -> np.ndarray:
        """All cells, shape (rows, columns): numbers if every column holds numbers, else objects."""
        arrays = list(self._columns.values())
        if not arrays:
            return np.empty((0, 0))
        if all(values.dtype.kind in "biuf" for values in arrays):
            return np.column_stack(arrays)
        return np.column_stack([instants(values).astype(object) for values in arrays])

    def to_pandas(self) -> Any:
        """The table as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(self._columns)

    def to_polars(self) -> Any:
        """The table as a polars DataFrame."""
        import polars

        return polars.DataFrame({name: polars.Series(values.tolist()) for name, values in self._columns.items()})

    def to_dict(self) -> dict[str, list]:
        """{column: values} of Python's own types."""
        return {name: values.tolist() for name, values in self._columns.items()}

    def to(self, kind: str) -> Any:
        """The table as `kind`: table, pandas, polars or numpy."""
        return {"pandas": self.to_pandas, "polars": self.to_polars, "numpy": self.to_numpy}.get(kind, lambda: self)()

    def _names(self) -> str:
        return f"The columns are: {', '.join(self._columns)}."


def table_of(data: Any, columns: Sequence[str] = (), target: str = "") -> Table:
    """A table of a DataFrame, a NumPy array, a dict of columns, or a list of rows; `columns` names those of an array.

    Raises ValueError for anything else, or rows of another width than `columns`.
    """
    if isinstance(data, Table):
        return data if not target else Table(data._columns, target)
    package = type(data).__module__.partition(".")[0]
    if package == "pandas":
        frame = data.to_frame().T if type(data).__name__ == "Series" else data
        return Table({str(name): _array(frame[name].to_numpy()) for name in frame.columns}, target)
    if package == "polars":
        return Table({name: _array(data[name].to_numpy()) for name in data.columns}, target)
    if isinstance(data, Mapping):
        return Table(_columns_of(data), target)
    if isinstance(data, np.ndarray):
        return _of_matrix(data, columns, target)
    if isinstance(data, (list, tuple)) and data and isinstance(data[0], Mapping):
        names = list(dict.fromkeys(name for row in data for name in row))
        return Table({name: _array([row.get(name) for row in data]) for name in names}, target)
    if isinstance(data, (list, tuple)) and data:
        return _of_matrix(_rows(data), columns, target)
    if isinstance(data, (list, tuple)):
        raise ValueError("There are no rows. Give at least one.")
    raise ValueError(
        f"{type(data).__name__} is no table. Give a pandas or polars DataFrame, a NumPy array, a dict of columns, or a "
        "list of rows."
    )


def _columns_of(data: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The columns of a dict: lists, arrays and series as they are; a single value is that of every row."""
    several = [len(v) for v in data.values() if _is_column(v)]
    rows = several[0] if several else 1
    return {name: _array(v if _is_column(v) else [v] * rows) for name, v in data.items()}


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and getattr(value, "ndim", 1) != 0 and not isinstance(value, (str, bytes, Mapping))


def _rows(data: Sequence[Any]) -> np.ndarray:
    return matrix_of(data if isinstance(data[0], (list, tuple, np.ndarray)) else [data])


def matrix_of(rows: Sequence[Sequence[Any]]) -> np.ndarray:
    """Rows as objects, shape (rows, columns); a cell may be a list. Raises ValueError for rows of several lengths."""
    if len({len(row) for row in rows}) > 1:
        raise ValueError("The rows have different lengths.")
    matrix = np.empty((len(rows), len(rows[0])), dtype=object)
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            matrix[number, at] = cell
    return matrix


def instants(values: np.ndarray) -> np.ndarray:
    """Dates and times as Python's, which a text can be made of; other arrays as they are."""
    if values.dtype.kind not in "mM":
        return values
    return values.astype(f"{'datetime' if values.dtype.kind == 'M' else 'timedelta'}64[us]").astype(object)


def _of_matrix(data: np.ndarray, columns: Sequence[str], target: str) -> Table:
    data = data.reshape(1, -1) if data.ndim == 1 else data
    if data.ndim != 2:
        raise ValueError(f"An array of {data.ndim} dimensions is no table. Give one of shape (rows, columns).")
    names = list(columns) or [f"#{number}" for number in range(1, data.shape[1] + 1)]
    if len(names) != data.shape[1]:
        raise ValueError(f"A row has {data.shape[1]} values; {len(names)} are needed: {', '.join(names)}.")
    return Table({name: _array(data[:, at]) for at, name in enumerate(names)}, target)


def _has_lists(values: Any) -> bool:
    return isinstance(values, (list, tuple)) and any(isinstance(v, (list, tuple, np.ndarray)) for v in values)


def _objects(values: Sequence[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        array[at] = value
    return array


def _number(value: Any) -> Any:
    """NaN for what is missing, a decimal number as a float; everything else as it is."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return np.nan
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return value.item()
    return float(value) if isinstance(value, Decimal) else value


def _array(values: Any) -> np.ndarray:
    """A column; numbers among objects become an array of numbers, a missing one NaN."""
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    array = np.asarray(values) if not _has_lists(values) else _objects(values)
    if array.dtype.kind in "UST":
        return array.astype(object)
    if array.dtype.kind != "O":
        return array
    filled = [_number(value) for value in array.tolist()]
    if filled and all(isinstance(value, bool) for value in filled):
        return np.asarray(filled, dtype=bool)
    if filled and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in filled):
        return np.asarray(filled)
    return _objects([None if isinstance(v, float) and v != v else v for v in filled])
