"""What a person is told when something cannot be done.

Problem            one thing wrong; `field` names the form field it belongs to, '' when none
├── Missing        what was named is not there
└── Unavailable    whoever was asked could not answer now; the same question may be answered later
"""

from common.messages import english


class Problem(Exception):
    """Names the thing, the rule and the fix, in words a person can act on; `english` is for programs to look at."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.message = message
        self.english = english(message)
        self.field = field


class Missing(Problem):
    """What was named is not there: a bucket, an object, an endpoint."""


class Unavailable(Problem):
    """No answer now. The same call may succeed later."""
