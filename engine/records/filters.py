"""The JSONPath filters of DataProcessing, with the operators that SageMaker documents and its results for them."""

from typing import Any

from jsonpath import JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from jsonpath.segments import JSONPathChildSegment
from jsonpath.selectors import IndexSelector, NameSelector, SliceSelector, WildcardSelector

EVERYTHING = "$"
_OFFERED = (NameSelector, IndexSelector, SliceSelector, WildcardSelector)
_ENVIRONMENT = JSONPathEnvironment(strict=True)
OPERATORS = "$, .name, ['name', ...], [number, ...], [start:end] and *"


class NoMatch(ValueError):
    """A record lacks what the filter names."""


class Filter:
    """One JSONPath expression. Raises ValueError, with what to write instead, for one that SageMaker lacks."""

    def __init__(self, expression: str):
        self.expression = expression
        try:
            path = _ENVIRONMENT.compile(expression)
        except (JSONPathError, ValueError, IndexError) as e:
            reason = e.args[0] if e.args else type(e).__name__  # str(e) raises ValueError for an empty expression
            raise ValueError(f"{expression!r} is no JSONPath ({reason}). The operators are {OPERATORS}.") from None
        if not isinstance(path, JSONPath):  # several, combined by operators of the library's own
            raise ValueError(f"{expression!r} has an operator that a batch transform lacks. It has {OPERATORS}.")
        self._path = path
        selectors = [segment.selectors for segment in path.segments if isinstance(segment, JSONPathChildSegment)]
        every = [selector for many in selectors for selector in many]
        if len(selectors) < len(path.segments) or not all(isinstance(selector, _OFFERED) for selector in every):
            raise ValueError(f"{expression!r} has an operator that a batch transform lacks. It has {OPERATORS}.")
        last = selectors[-1] if selectors else ()
        self._is_projection = len(last) > 1 and all(isinstance(selector, NameSelector) for selector in last)
        self._is_single = path.singular_query()
        self._parent = _single_before_last(selectors)

    @property
    def is_everything(self) -> bool:
        """Whether the filter leaves a record as it is."""
        return not self._path.segments

    def apply(self, record: Any) -> Any:
        """What the filter leaves of a record. Raises NoMatch.

        One value for a path to one position, an object for names of one object, else a list.
        """
        matches = self._path.finditer(record)
        if self._is_projection and self._parent:
            chosen = {match.parts[-1]: match.obj for match in matches}
            if not chosen:
                raise NoMatch(f"{self.expression} matches nothing in the record.")
            return chosen
        values = [match.obj for match in matches]
        if not self._is_single:
            return values
        if not values:
            raise NoMatch(f"{self.expression} matches nothing in the record.")
        return values[0]


def _single_before_last(selectors: list) -> bool:
    """Whether all selectors but the last lead to one place."""
    return all(len(many) == 1 and isinstance(many[0], (NameSelector, IndexSelector)) for many in selectors[:-1])
