"""The error of a notification that did not arrive."""


class Undelivered(Exception):
    """The notification did not arrive; `why` is the reason. `is_final` is True if another try would fail too."""

    def __init__(self, why: str, is_final: bool = False):
        super().__init__(why)
        self.why, self.is_final = why, is_final
