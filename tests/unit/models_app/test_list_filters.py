"""The grammar of filters: what is read is what was written, and nothing that a stranger writes does harm."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils.timezone import now
from hypothesis import given, settings
from hypothesis import strategies as st

from common.tags import escape_key
from models_app.models import JobValue
from models_app.models.property_values import Value, values_of
from models_app.training.listing import JOBS
from models_app.web.lists import values
from models_app.web.lists.filters import MAX_FILTERS, MAX_WORDS, OPERATORS, Filter, parse, split
from models_app.web.lists.query import MAX_COLUMNS, ListQuery
from models_app.web.lists.values import InvalidValue

NAMES = st.text("abc:-_. 0=", min_size=1, max_size=20).map(str.strip).filter(bool)
VALUES = st.text("abc0123456789.:-_ ", min_size=1, max_size=20).map(str.strip).filter(bool)


@settings(max_examples=60, deadline=None)
@given(NAMES, st.sampled_from(OPERATORS), VALUES)
def test_a_filter_is_read_as_it_was_written(name, operator, value):
    written = Filter(name, operator, value)
    assert parse(f" {escape_key(name)} {operator} {value} ") == written
    assert parse(str(written)) == written


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_line_has_a_bounded_number_of_words_and_filters(line):
    words, filters, _beyond = split(line)
    assert len(words) <= MAX_WORDS and len(filters) <= MAX_FILTERS
    assert all(each.name and each.value and each.operator in OPERATORS for each in filters)


def test_a_line_has_words_and_filters_with_or_without_spaces():
    assert split("iris auc > 0.85 knn status!=Failed") == (
        ["iris", "knn"],
        [Filter("auc", ">", "0.85"), Filter("status", "!=", "Failed")],
        "",
    )
    assert split("a\0b auc>0\0.5") == (["ab"], [Filter("auc", ">", "0.5")], "")
    assert split("a b c d e f g h i") == (list("abcdefgh"), [], "i")
    assert split("a" * 310) == (["a" * 300], [], "a" * 10)
    assert [parse(text) for text in ("", "auc", ">=1", "auc>=", "=", "!x")] == [None] * 6


def test_lengths_of_time_and_moments_are_read():
    assert (values.seconds("90"), values.seconds("1h30m"), values.seconds("2.5 min")) == (90, 5400, 150)
    assert values.moment("2026-05-14").isoformat().startswith("2026-05-14T00:00:00")
    assert abs(now() - timedelta(days=30) - values.moment("30d")) < timedelta(seconds=5)
    outside = ("0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00")  # of the calendar, in UTC
    for text in ("soon", "2026-13-40", "1e400", "nan", "9" * 400, *outside):
        with pytest.raises(InvalidValue):
            values.moment(text)


def test_a_value_is_shown_as_it_was_given():
    assert [str(JobValue(number=n)) for n in (1_234_567, 0.1, 1e-7, -3, 1e300)] == [
        "1234567",
        "0.1",
        "1e-07",
        "-3",
        "1e+300",
    ]
    assert str(JobValue(number=None, text="auto")) == "auto"


def test_a_job_has_bounded_values_and_no_number_that_a_database_refuses():
    many = {f"p{n}": "x" * 500 for n in range(300)}
    stored = values_of(many | {"": "1"}, {"auc": float("nan"), "loss": 0.5, "f1": "inf"}, {"best": None, "cost": 2})
    assert len(stored) == 102 and max(len(value.text) for value in stored) == 200
    assert stored[-2:] == [Value("metric", "loss", 0.5), Value("figure", "cost", 2.0)]
    assert values_of({"eta": "0.10", "sagemaker_program": "a.py", "objective": "reg"}, {}, {}) == [
        Value("hyperparameter", "eta", 0.1),
        Value("hyperparameter", "objective", None, "reg"),
    ]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(max_size=60), max_size=30),
    st.text(max_size=60),
    st.text(max_size=60),
    st.text(max_size=200),
    st.lists(st.sampled_from(("status", "created", "ran", "owner", "name")), max_size=3),
)
def test_any_address_is_a_list(filters, q, sort, columns, names):
    query = QueryDict(mutable=True)
    query.setlist("f", filters + [f"{name}{operator}{q}" for name in names for operator in OPERATORS[:3]])
    query.update({"q": q.replace("\0", ""), "sort": sort.replace("\0", ""), "cols": columns.replace("\0", "")})
    query.setlist("f", [text.replace("\0", "") for text in query.getlist("f")])
    views = JOBS.views(AnonymousUser.id)
    list_query = ListQuery.of(JOBS, query, views)
    assert len(list_query.filters) <= MAX_FILTERS and len(list_query.columns) <= MAX_COLUMNS
    rows, tokens = list_query.rows(views)
    list(rows[:1])
    is_more = len(query.getlist("f")) > MAX_FILTERS or bool(list_query.beyond)
    assert len(tokens) == len(list_query.filters) + is_more
