"""Why a notification did not arrive, for those who send and those who try again."""


class Undelivered(Exception):
    """It did not arrive; `why` says so in words. `is_final` tells that another try would end the same."""

    def __init__(self, why: str, is_final: bool = False):
        super().__init__(why)
        self.why, self.is_final = why, is_final
