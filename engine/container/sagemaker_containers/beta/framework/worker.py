"""The response that an output_fn may return."""

from typing import Any


class Response:
    """A body with its content type, which `mimetype` or `accept` names."""

    def __init__(self, response: Any = None, accept: str | None = None, mimetype: str | None = None, **_: Any):
        self.response, self.mimetype = response, mimetype or accept
