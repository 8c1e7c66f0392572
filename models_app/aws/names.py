"""Names as SageMaker takes them: the rule, a free alternative, and names with a random end that nobody else has."""

import re
import secrets

from common.messages import _

PATTERN = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}")
LONGEST = 63
TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"  # the log group
RESERVED = ("create", "compare")  # addresses of pages


def rule(what: str, example: str = "churn-2026", longest: int = LONGEST) -> str:
    """The sentence that says which names are valid, for a thing called `what`."""
    return _(
        "%(what)s has 1 to %(longest)s characters: letters, digits and hyphens, with a letter or digit at both ends. "
        "For example %(example)s.",
        what=what,
        longest=longest,
        example=example,
    )


def is_valid(name: str, longest: int = LONGEST) -> bool:
    """True if SageMaker takes `name`, of at most `longest` characters."""
    return len(name) <= longest and PATTERN.fullmatch(name) is not None


def suggest(name: str, is_taken, longest: int = LONGEST) -> str:
    """`name` with the first ending -b, -c, ... -z, -2, -3, ... for which `is_taken(candidate)` is false."""
    endings = [*"bcdefghijklmnopqrstuvwxyz", *(str(number) for number in range(2, 1000))]
    candidates = (f"{_cut(name, len(ending) + 1, longest)}-{ending}" for ending in endings)
    return next((candidate for candidate in candidates if not is_taken(candidate)), with_suffix(name, longest))


def with_suffix(name: str, longest: int = LONGEST) -> str:
    """`name`, cut where needed, with eight random characters: taken by nobody, and findable after a lost answer."""
    return f"{_cut(name, 9, longest)}-{secrets.token_hex(4)}"


def _cut(name: str, room: int, longest: int) -> str:
    return name[: longest - room].rstrip("-")
