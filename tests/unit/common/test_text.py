"""Texts that PostgreSQL refuses are stored there all the same; the same tests run on both databases."""

import json

import psycopg
import pytest
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.json import Jsonb

from common.db.text import storable, storable_json
from common.db.text_dumpers import register
from engine.models import LogEvent, TrainingJob

TEXTS = {
    "plain": ("age", "age"),
    "NUL": ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
    "half a pair": ("a\ud800b\udfff", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"),
    "whole pair": ("😀", "😀"),
    "backslashes": ("\\u0000 \\\\u0000 \\ud800", "\\u0000 \\\\u0000 \\ud800"),
    "backslash and NUL": ("\\\0", "\\\N{REPLACEMENT CHARACTER}"),
}


@pytest.mark.parametrize("text, stored", TEXTS.values(), ids=TEXTS)
def test_only_what_cannot_be_stored_is_replaced(text, stored):
    assert storable(text) == stored
    assert json.loads(storable_json(json.dumps({text: [text]}).encode())) == {stored: [stored]}


def test_psycopg_dumps_texts_and_json_so():
    adapters = psycopg.adapt.AdaptersMap(psycopg.adapters)

    class Context:
        connection = None

    Context.adapters = adapters
    register(Context())
    dumped = Transformer(Context()).dump_sequence(["a\0", Jsonb({"b": "\0"})], [PyFormat.AUTO] * 2)
    assert [bytes(value).decode() for value in dumped] == ["a\N{REPLACEMENT CHARACTER}", '{"b": "\\ufffd"}']


@pytest.mark.django_db
def test_a_row_takes_a_cell_with_a_nul():
    request = {"HyperParameters": {"a\0": "\0\ud800"}}
    job = TrainingJob.objects.create(region="us-east-1", name="a", request=request, failure_reason="cell 'x\0y'")
    job.refresh_from_db()
    assert job.failure_reason.startswith("cell 'x") and [*job.request] == ["HyperParameters"]
    LogEvent.objects.bulk_create([LogEvent(region="r", group="g", stream="s", timestamp=1, ingested=1, message="x\0")])
    assert LogEvent.objects.get().message.startswith("x")
