"""What the console's pages and verbs tell a person, beyond what `common.problems` knows.

Problem
├── Missing
├── Invalid        everything wrong with a form at once
└── Declined       an endpoint answered a prediction with an error; keeps its status and own words
"""

from common.problems import Missing, Problem

__all__ = ["Declined", "Invalid", "Missing", "Problem"]


class Invalid(Problem):
    """A form that was refused as a whole; `problems` is never empty."""

    def __init__(self, problems: list[Problem]):
        super().__init__(" ".join(problem.message for problem in problems), problems[0].field)
        self.problems = problems


class Declined(Problem):
    """A prediction that was refused: `status` over HTTP, and `raw`, the container's own text.

    `inside` is the status that the container itself gave; 0 where SageMaker, not the model, refused the request.
    """

    def __init__(self, message: str, status: int, raw: str = "", inside: int = 0):
        super().__init__(message)
        self.status = status
        self.raw = raw
        self.inside = inside
