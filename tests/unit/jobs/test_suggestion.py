"""Which algorithm is suggested for which table."""

from dataclasses import replace

import pytest

from jobs.suggestion import suggest_algorithm
from tables import inspect

NUMBERS = "y,a,b\n" + "".join(f"{i % 2},{i % 7},{i % 11}\n" for i in range(100))
CITIES = "y,a,city\n" + "".join(f"{i % 2},{i % 7},city {i % 30}\n" for i in range(300))
WORDS = [
    "good",
    "bad",
    "late",
    "soon",
    "never",
    "again",
    "taste",
    "price",
    "box",
    "tea",
    "cup",
    "sweet",
    "sour",
    "cold",
    "warm",
]
SENTENCE = [" ".join(WORDS[(i * n + n) % 15] for n in range(2, 10)) for i in range(300)]
REVIEWS = "y,product,review\n" + "".join(f"{i % 2},B0{i % 40:03},{text} {i}\n" for i, text in enumerate(SENTENCE))
TWEETS = "y,a,b,c,text\n" + "".join(f"{i % 2},{i % 7},{i % 11},{i % 5},{text} {i}\n" for i, text in enumerate(SENTENCE))
MB = 1024 * 1024


@pytest.mark.parametrize(
    ("text", "size", "on_aws", "name"),
    [
        (NUMBERS, 0, False, "catboost"),
        (NUMBERS, 100 * MB, False, "xgboost"),
        (NUMBERS, 300 * MB, False, "lightgbm"),
        (CITIES, 300 * MB, False, "catboost"),
        (NUMBERS, 0, True, "xgboost"),
        (CITIES, 300 * MB, True, "xgboost"),
        (REVIEWS, 0, False, "linear-learner"),
        (REVIEWS, 0, True, "linear-learner"),
        (TWEETS, 0, False, "catboost"),
    ],
    ids=[
        "small",
        "of 100 MB",
        "large",
        "large, many texts",
        "small, on AWS",
        "large, many texts, on AWS",
        "sentences",
        "sentences, on AWS",
        "sentences beside numbers",
    ],
)
def test_the_suggestion_follows_size_and_text_and_names_what_can_be_started(text, size, on_aws, name, put, folder):
    table = inspect(folder, put(text))
    suggested = suggest_algorithm(replace(table, size=size or table.size), on_aws)
    assert suggested and suggested[0].name == name
