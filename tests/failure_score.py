"""Scores the explanations of a table of messages: python -m tests.failure_score ninth.

tests/unit/models_app/failure_messages/README.md has the rule. Prints the counts, and each message that is not right.
"""

import os
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from models_app.text.failures import Failure

TABLES = Path(__file__).parent / "unit/models_app/failure_messages"


def verdict(message: dict[str, str], failure: "Failure") -> str:
    """What the explanation `failure` is worth for `message`, in the words of the rule."""
    cause, category = failure.cause, failure.category
    if cause in (message["cause"], message.get("or")) and (cause or category == message["category"]):
        return "right"
    if cause:
        return "other" if failure.likely else "confidently wrong"
    if not category:
        return "unknown"
    return "category only" if category == message["category"] else "other"


def main(name: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    os.environ.setdefault("SAGEWRIGHT_SECRET_KEY", "x")
    django.setup()
    from models_app.text.failures import explain

    messages = tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))["message"]
    counts: Counter[str] = Counter()
    for message in messages:
        failure = explain(message["text"])
        worth = verdict(message, failure)
        counts[worth] += 1
        if worth != "right":
            label = f"{message['cause'] or '-'}/{message['category'] or '-'}"
            print(f"{worth:18} {label:38} {failure.cause or '-'}/{failure.category or '-'}  {message['text'][:150]!r}")
    print(f"{len(messages)} messages: " + ", ".join(f"{n} {worth}" for worth, n in counts.most_common()))


if __name__ == "__main__":
    main(sys.argv[1])
