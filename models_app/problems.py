"""What a person is told when something cannot be done.

Problem            one thing wrong; `field` names the form field it belongs to, '' when none
├── Invalid        everything wrong with a form at once
├── Missing        what was named is not there
└── Declined       an endpoint answered a prediction with an error; keeps its status and own words
"""


class Problem(Exception):
    """Names the thing, the rule and the fix, in words a person can act on."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(Problem):
    """A form that was refused as a whole; `problems` is never empty."""

    def __init__(self, problems: list[Problem]):
        super().__init__(" ".join(problem.message for problem in problems), problems[0].field)
        self.problems = problems


class Missing(Problem):
    """What was named is not there: a bucket, an object, an endpoint."""


class Declined(Problem):
    """A prediction that was refused: `status` over HTTP, and `raw`, the container's own text."""

    def __init__(self, message: str, status: int, raw: str = ""):
        super().__init__(message)
        self.status = status
        self.raw = raw
