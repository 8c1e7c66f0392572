"""The pages of notebook instances under what nobody should send: odd names and scripts, and buttons that are stale."""

import re

import pytest

from engine.models import NotebookInstance, NotebookInstanceLifecycleConfig
from engine.notebooks.lifecycle import script_of
from models_app.web import shared
from tests.wire.test_key_pages import console  # noqa: F401
from tests.wire.test_notebook_pages import FORM, created, forget, kim  # noqa: F401

Status = NotebookInstance.Status
HTML = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "name", [HTML, "노트북", "a" * 64, "a" * 300, "-a", "a_b", "../x", "'\"", "a\0b", ""],
    ids=["html", "korean", "64", "300", "hyphen", "underscore", "path", "quotes", "null", "empty"],
)  # fmt: skip
def test_a_name_that_is_none_is_refused_at_its_field(kim, name):  # noqa: F811
    answer = kim.post("/notebooks/create/", FORM | {"name": name})
    assert answer.status_code == 422 and not NotebookInstance.objects.exists()
    assert 'id="name"' in answer.text and 'aria-invalid="true"' in answer.text
    assert HTML not in answer.text


@pytest.mark.parametrize("name", ["%3Cscript%3E", "%EB%85%B8", "a" * 300, "a%00b", "nobody"])
@pytest.mark.parametrize("action", ["", "settings/", "delete/", "open/"])
def test_an_address_of_no_notebook_is_a_page_that_says_so(kim, name, action):  # noqa: F811
    answer = kim.get(f"/notebooks/{name}/{action}")
    assert answer.status_code == 404 and "<script>" not in answer.text.replace("<script src", "")


@pytest.mark.parametrize(
    "script",
    [f"echo '{HTML}' # 한글\n\ttab", "echo \u2028 \U0001f600", "#!/bin/bash\r\necho a\r\n", "한" * 4000],
    ids=["html", "symbols", "crlf", "korean"],
)
def test_a_script_is_kept_as_it_is_and_shown_as_text(kim, script):  # noqa: F811
    row = created(kim, script=script)
    stored = script_of(NotebookInstanceLifecycleConfig.objects.get(), "OnStart").decode()
    assert stored.strip() == script.replace("\r\n", "\n").strip()
    NotebookInstance.objects.filter(pk=row.pk).update(status=Status.STOPPED)
    shared._entries.clear()
    page = kim.get("/notebooks/kim-work/settings/").text
    assert HTML not in page and (HTML not in script or "&lt;script&gt;alert(1)&lt;/script&gt;" in page)


@pytest.mark.parametrize("script", ["a" * 12_001, "한" * 4_100, "a\0b"], ids=["long", "korean", "null"])
def test_a_script_that_aws_would_not_take_is_refused_at_its_field(kim, script):  # noqa: F811
    answer = kim.post("/notebooks/create/", FORM | {"script": script})
    assert answer.status_code == 422 and not NotebookInstance.objects.exists()
    assert not NotebookInstanceLifecycleConfig.objects.exists()
    assert answer.text.partition('id="script"')[2].partition("</details>")[0].count("ferr") == 1


@pytest.mark.parametrize(
    ("status", "action", "words"),
    [
        (Status.IN_SERVICE, "start", "In service"),
        (Status.PENDING, "start", "Starting"),
        (Status.STOPPED, "stop", "Stopped"),
        (Status.DELETING, "stop", "Deleting"),
        (Status.DELETING, "start", "Deleting"),
        (Status.IN_SERVICE, "delete", "In service"),
        (Status.DELETING, "delete", "Deleting"),
        (Status.STOPPED, "keep", "Stopped"),
    ],
    ids=str,
)
def test_a_stale_button_says_what_is_and_changes_nothing(kim, status, action, words):  # noqa: F811
    row = created(kim)
    NotebookInstance.objects.filter(pk=row.pk).update(status=status)
    shared._entries.clear()
    answer = kim.post(f"/notebooks/kim-work/{action}/", follow=True)
    assert answer.status_code == 200
    assert NotebookInstance.objects.get().status == status
    matches = re.findall(r'flash--(\w+)">.*?flash__body">(.*?)</div>', answer.text, re.DOTALL)
    assert matches[1][0] == "error" and words in matches[1][1], matches  # after that of its creation


def test_a_button_of_a_notebook_that_is_gone_says_where_to_go_on(kim):  # noqa: F811
    for action in ("start", "stop", "keep", "delete"):
        answer = kim.post(f"/notebooks/gone/{action}/")
        assert answer.status_code == 404 and "/notebooks/" in answer.text
