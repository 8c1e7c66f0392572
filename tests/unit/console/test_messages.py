"""The catalogues of translations: current, complete, and with the same values in both languages."""

import re
from pathlib import Path

import pytest
from babel.messages import pofile
from django.core.management import call_command
from django.utils import translation

import common.messages
from common.messages import _, english
from common.problems import Problem
from console.management.commands.messages import catalogue
from tests.stack import ROOT

CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
VALUE = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
HANGUL = re.compile("[가-힣]")


def read(path: Path):
    with path.open("rb") as file:
        return [message for message in pofile.read_po(file, locale=path.parts[-3]) if message.id]


def forms(message) -> list[tuple[str, str]]:
    """(English, translation) of a message; the many of English for each form of one with a plural."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[1], text) for text in message.string]


@pytest.fixture(params=CATALOGUES, ids=lambda path: path.parts[-3])
def messages(request):
    return read(request.param)


def test_the_catalogues_are_what_the_sources_say():
    call_command("messages", "--check")


def test_nothing_is_left_untranslated(messages):
    assert not [message.id for message in messages for _source, text in forms(message) if not text]


def test_a_translation_has_the_values_of_its_source(messages):
    for message in messages:
        for source, text in forms(message):
            assert sorted(set(VALUE.findall(source))) == sorted(set(VALUE.findall(text))), message.id


def test_a_translation_begins_and_ends_with_space_where_its_source_does(messages):
    for message in messages:
        for source, text in forms(message):
            assert (source[0].isspace(), source[-1].isspace()) == (text[0].isspace(), text[-1].isspace()), message.id


def test_korean_is_written_in_hangul():
    names = [m.id for m in read(ROOT / "locale/ko/LC_MESSAGES/django.po") if not HANGUL.search(forms(m)[0][1])]
    # What stays as it is: ranges, names and separators around values; no sentence is among them.
    assert not [name for name in names if len(re.findall(r"[A-Za-z]{2,}", VALUE.sub("", str(name)))) > 3]


@pytest.fixture(scope="module")
def sources():
    """The catalogue of all texts in the code; reading it takes seconds."""
    return catalogue()


@pytest.mark.parametrize(
    "text",
    [
        "Model name is required.",  # a literal
        "%(title)s takes %(takes)s.",  # beside values that are f-strings elsewhere
        "In service",  # a word of a status
        "How many rounds of trees to grow, one after another.",  # help of a hyperparameter
        "The first row is column names",  # a known cause of failures
        "Handwritten digits",  # a sample table
    ],
)
def test_texts_of_every_origin_are_found(sources, text):
    assert sources.get(text)


def test_a_text_that_is_put_together_before_it_is_translated_is_refused(tmp_path):
    """An f-string inside `_()` can never be found in a catalogue."""
    import ast

    for folder in ("algorithms", "common", "console", "evaluation", "models_app", "preflight", "tables"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                    assert not isinstance(node.args[0], ast.JoinedStr), f"{path}:{node.lineno}"


def test_a_problem_keeps_its_english_for_programs(settings):
    assert common.messages  # the console has put Django's gettext in
    with translation.override("ko"):
        problem = Problem(_("There is no bucket called %(bucket)s.", bucket="b"))
        assert problem.message == "버킷 b이(가) 없습니다."
        assert problem.english == "There is no bucket called b."
        outer = _("%(what)s. Choose a file with a table in it.", what=_("The data is a table"))
        assert outer == "데이터가 테이블임. 테이블이 있는 파일을 선택하세요."
        assert english(outer) == "The data is a table. Choose a file with a table in it."
    assert Problem("plain").english == "plain"
