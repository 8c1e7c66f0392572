"""Texts kept in rows: stored as message id and parameters, read in the language of whoever looks."""

from decimal import Decimal
from fractions import Fraction

import numpy
import pytest
from django.db import connection
from django.utils import translation
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import messages
from common.messages import Message, _, ngettext
from models_app.models import Endpoint, Event, TrainingJob
from models_app.training.page import timeline_of
from preflight import Finding, Fix, Report

pytestmark = pytest.mark.django_db


def in_korean(text) -> str:
    """`text` as an event that was written in English and is read in Korean."""
    with translation.override("en"):
        event = Event.objects.create(text=text)
    with translation.override("ko"):
        return Event.objects.get(pk=event.pk).text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (lambda: "Training job started", "학습 작업 시작됨"),  # marked by gettext_noop
        (lambda: _("Deployed as %(name)s", name="churn-2"), "churn-2(으)로 배포됨"),
        (
            lambda: ngettext(
                "%(n)s row that equals an earlier one left out.", "%(n)s rows that equal an earlier one left out.", 1700
            ),
            "앞의 행과 같은 행 1,700개를 제외했습니다.",
        ),
        (
            lambda: _("Not deployed: %(message)s", message=_("There is no bucket called %(bucket)s.", bucket="b")),
            "배포되지 않음: 버킷 b이(가) 없습니다.",
        ),
        (lambda: "ClientError: something only SageMaker knows", "ClientError: something only SageMaker knows"),
        (lambda: "100% of it", "100% of it"),
        (lambda: '{"this": "is no message"}', '{"this": "is no message"}'),
        (lambda: "{never closed", "{never closed"),
        (lambda: "", ""),
    ],
)
def test_what_was_written_in_english_is_read_in_korean(written, read):
    assert in_korean(written()) == read


def test_what_was_written_in_korean_is_read_in_english():
    with translation.override("ko"):
        job = TrainingJob.objects.create(name="j", note=_("Deployed as %(name)s", name="x"))
    assert TrainingJob.objects.get(pk=job.pk).note == "Deployed as x"


def test_a_message_that_is_saved_again_keeps_its_parameters():
    event = Event.objects.create(text=_("Deployed as %(name)s", name="x"))
    with translation.override("ko"):
        Event.objects.get(pk=event.pk).save()
    assert Event.objects.get(pk=event.pk).text == "Deployed as x"


def test_equal_messages_are_found_by_a_query_in_any_language():
    Event.objects.create(text=_("Deployed as %(name)s", name="x"))
    with translation.override("ko"):
        assert Event.objects.filter(text=_("Deployed as %(name)s", name="x")).exists()
        assert not Event.objects.filter(text=_("Deployed as %(name)s", name="y")).exists()


def test_a_value_that_looks_like_a_template_stays_a_value():
    name = "50% off %(name)s %s"
    assert in_korean(_("Deployed as %(name)s", name=name)) == f"{name}(으)로 배포됨"


def test_messages_inside_json_are_translated_and_nothing_else_is():
    with translation.override("en"):
        job = TrainingJob.objects.create(
            name="j", preflight={"findings": [{"title": _("Training failed"), "value": "Training failed", "n": 3}]}
        )
    with translation.override("ko"):
        (finding,) = TrainingJob.objects.get(pk=job.pk).preflight["findings"]
    assert finding == {"title": "학습 실패", "value": "Training failed", "n": 3}


def test_text_of_an_earlier_version_is_still_read():
    """Rows of before hold plain English: a sentence without values is a message id, the rest is shown as it is."""
    endpoint = Endpoint.objects.create(name="e")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE models_app_endpoint SET note = %s WHERE id = %s", ["Training failed", endpoint.pk])
    with translation.override("ko"):
        assert Endpoint.objects.get(pk=endpoint.pk).note == "학습 실패"


def test_the_timeline_is_in_the_readers_language():
    job = TrainingJob.objects.create(name="j")
    job.move_to("Launching")
    job.say(_("Deploying as %(name)s", name="e"))
    with translation.override("ko"):
        texts = [moment.title for moment in timeline_of(job)]
    assert texts == ["e(으)로 배포 중", "SageMaker에 학습 요청"]


@pytest.mark.parametrize(
    "text",
    [
        '{"msgid": "%(a)s", "params": {"b": 1}}',
        '{"msgid": "%(a)d", "params": {"a": "x"}}',
        '{"msgid": "%(a)s", "params": "x"}',
        '{"msgid": "100%", "params": {"a": 1}}',
        '{"msgid": "a", "plural": 5, "n": "x"}',
        '{"a":' * 100_000,
    ],
)
def test_text_that_only_looks_like_a_message_is_shown_as_it_is(text):
    assert in_korean(text) == text


@pytest.mark.parametrize(
    "value", [numpy.int64(5), numpy.float64(5), numpy.float32(5), Decimal(5), Fraction(5), 5, 5.0, True]
)
def test_a_number_of_any_library_stays_a_number(value):
    text = Message.render("%(n)d of %(m).1f, %(o)s", {"n": value, "m": value, "o": numpy.str_("x")})
    assert in_korean(text) == text
    job = TrainingJob.objects.create(name="j", preflight={"a": text, "n": numpy.int64(3)})
    assert TrainingJob.objects.get(pk=job.pk).preflight == {"a": text, "n": 3}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", now(), None, Decimal("nan")])
def test_what_json_does_not_know_is_written_as_its_text(value):
    text = Message.render("It is %(n)s", {"n": value})
    job = TrainingJob.objects.create(name="j", preflight={"a": text})
    assert TrainingJob.objects.get(pk=job.pk).preflight == {"a": text}


def test_a_column_called_msgid_is_no_message():
    changes = {"recipe.types": {"msgid": "number", "n": "category"}, "recipe.bad_cells": {"msgid": "Training failed"}}
    finding = Finding("cells", "warn", _("Training failed"), "", fixes=(Fix(_("Training failed"), changes),))
    job = TrainingJob.objects.create(name="j", preflight=Report([finding]).as_json())
    with translation.override("ko"):
        (read,) = Report.from_json(TrainingJob.objects.get(pk=job.pk).preflight).findings
    assert read.title == "학습 실패" and read.fixes[0].changes == changes


PLAIN = st.text(max_size=20) | st.integers(-(2**40), 2**40)
MESSAGE = st.builds(lambda value: _("Deployed as %(name)s", name=value), PLAIN)
NESTED = st.builds(lambda value: _("Not deployed: %(message)s", message=value), MESSAGE)
VALUE = st.one_of(PLAIN, MESSAGE, NESTED)
KEYS = st.sampled_from(["a", "b", "msgid", "params", "plural", "n"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.recursive(VALUE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)))
def test_json_brings_every_message_back(data):
    again = messages.from_json(messages.to_json(data))
    assert again == data
    assert messages.to_json(again) == messages.to_json(data)
