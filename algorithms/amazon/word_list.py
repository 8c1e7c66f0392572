"""A hyperparameter that is a JSON list of words, as Amazon's algorithms take `eval_metrics`: `["msd", "ssd"]`."""

from __future__ import annotations

import ast
import json
from typing import Any

from algorithms.parameters import Hyperparameter, InvalidValue


class WordList(Hyperparameter):
    """One or more of the options, as a JSON list, a Python list or a single bare word."""

    kind = "list"

    def describe_range(self) -> str:
        """Describe the accepted values in words."""
        return f"a list of one or more of {', '.join(self.options)}, for example {json.dumps([self.options[0]])}"

    def _read(self, text: Any) -> list[str]:
        if not isinstance(text, str):
            return [str(word) for word in text]
        if text.strip() in self.options:
            return [text.strip()]
        try:
            words = json.loads(text)
        except ValueError:
            words = ast.literal_eval(text)
        if isinstance(words, str):
            words = json.loads(words)  # the list was quoted twice
        if not isinstance(words, list):
            raise TypeError(words)
        return words

    def _check(self, value: Any) -> None:
        if not value or any(word not in self.options for word in value):
            raise InvalidValue(f"Hyperparameter {self.name}: {value} is not a list of some of {list(self.options)}")
