"""The console's pages of notebook instances, over the wire to a real control plane."""

import re
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from common.notebook_tags import IDLE_TAG
from engine.models import AccessKey, NotebookInstance, NotebookInstanceLifecycleConfig, Tag
from engine.notebooks import rows
from engine.notebooks.lifecycle import script_of
from models_app.models import Model
from models_app.notebooks import page as notebook_page
from models_app.training.log import Line
from models_app.web import shared
from tests.wire.test_key_pages import console  # noqa: F401

FORM = {"name": "kim-work", "instance_type": "ml.t3.medium", "idle_minutes": "60", "volume_gb": "5", "script": ""}
EPOCH = datetime.fromtimestamp(0, UTC)
Status = NotebookInstance.Status


@pytest.fixture(autouse=True)
def forget(settings):
    shared._entries.clear()
    settings.JOBS_FOLDER.parent.mkdir(exist_ok=True)


@pytest.fixture
def kim(console):  # noqa: F811
    return console("kim", "editor")


def created(browser, **changes) -> NotebookInstance:
    answer = browser.post("/notebooks/create/", FORM | changes)
    assert answer.status_code == 302, answer.text
    shared._entries.clear()
    return NotebookInstance.objects.get(name=changes.get("name", "kim-work"))


def test_creating_one_leads_to_its_page_and_it_belongs_to_its_person(kim):
    assert "No notebooks" in kim.get("/notebooks/").text
    answer = kim.post("/notebooks/create/?with=example:1", FORM)
    assert answer.url == "/notebooks/kim-work/?with=example%3A1"
    row = NotebookInstance.objects.get()
    assert (row.owner, row.status) == (kim.user, Status.PENDING)
    assert Tag.objects.get(arn=row.arn, key=IDLE_TAG).value == "60"  # on by default
    page = kim.get(answer.url).text
    assert "Starting" in page and "every 2s" in page and "boto3 from zero opens when" in page


def test_what_it_starts_with_is_chosen_in_the_form(kim):
    def checked(address: str) -> list[str]:
        return re.findall(r'name="with" value="([^"]*)" checked', kim.get(address).text)

    Model.objects.create(name="churn", owner=kim.user, algorithm="xgboost", data_uri="s3://data/churn.csv")
    assert checked("/notebooks/create/") == [""]
    assert checked("/notebooks/create/?with=example:2") == ["example:2"]
    assert checked("/notebooks/create/?with=model:churn") == ["model:churn"]
    assert checked("/notebooks/create/?with=model:gone") == [""]
    answer = kim.post("/notebooks/create/?with=model:churn", FORM | {"with": "example:3"})
    assert answer.url == "/notebooks/kim-work/?with=example%3A3"
    assert kim.post("/notebooks/create/?with=model:churn", FORM | {"name": "b", "with": ""}).url == "/notebooks/b/"


def test_the_steps_of_the_last_start_say_how_long_they_took():
    notebook = SimpleNamespace(status="InService", created=EPOCH, volume_gb=5, lifecycle="")
    texts = ["JupyterLab starts on x.", "JupyterLab answers.", "Stopped.", "The lifecycle script OnStart runs."]
    texts += ["JupyterLab starts on x.", "a line", "JupyterLab answers."]
    lines = [Line(number, EPOCH + timedelta(seconds=number**2), text, "") for number, text in enumerate(texts)]
    assert [step.seconds for step in notebook_page.steps_of(notebook, lines)] == [None, None, 16 - 9, 36 - 16]
    assert [step.seconds for step in notebook_page.steps_of(notebook, lines[:2])] == [None, None, None, 1]
    assert {step.seconds for step in notebook_page.steps_of(notebook, lines[3:4])} == {None}


def test_what_is_inside_is_called_ready_only_while_it_runs(kim):
    row = created(kim)
    for status in Status:
        type(row).objects.update(status=status)
        shared._entries.clear()
        card = re.search(r'<h2 id="h-in">(.+?)</h2>.+?</ul>', kim.get("/notebooks/kim-work/").text, re.DOTALL)
        running = status == Status.IN_SERVICE
        assert card[1] == ("Ready inside" if running else "Inside when it runs"), status
        assert ("#s-ok" in card[0], "#s-idle" in card[0]) == (running, not running), status


def test_idle_stop_is_on_in_the_form_from_the_start(kim):
    assert '<option value="60" selected>1 hour</option>' in kim.get("/notebooks/create/").text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "no spaces", "letters, digits and hyphens"),
        ("name", "create", "is the address of a page"),
        ("volume_gb", "4", "from 5 to 16,384"),
        ("volume_gb", "many", "whole number"),
        ("instance_type", "ml.none", "ml.none"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_made(kim, field, value, message):
    answer = kim.post("/notebooks/create/", FORM | {field: value})
    assert answer.status_code == 422
    assert message in answer.text
    assert not NotebookInstance.objects.exists()


def test_a_taken_name_is_told_at_the_field(kim):
    created(kim)
    answer = kim.post("/notebooks/create/", FORM)
    assert answer.status_code == 422
    assert "There is a notebook of this name" in answer.text


def test_the_script_runs_at_each_start_and_is_deleted_with_its_notebook(kim):
    row = created(kim, script="echo hello\r\n")
    config = NotebookInstanceLifecycleConfig.objects.get()
    assert row.request["LifecycleConfigName"] == config.name
    assert script_of(config, "OnStart") == b"echo hello\n"
    rows.finish(row.pk, Status.FAILED, "no")
    assert "You can't undo" in kim.get("/notebooks/kim-work/delete/").text
    assert kim.post("/notebooks/kim-work/delete/").url == "/notebooks/"
    assert not NotebookInstanceLifecycleConfig.objects.exists()
    assert NotebookInstance.objects.get().status == Status.DELETING


def test_a_running_one_is_opened_by_its_owner_alone(kim, console):  # noqa: F811
    pk = created(kim).pk
    rows.enter_service(pk)
    answer = kim.get("/notebooks/kim-work/open/")
    assert answer.status_code == 302
    assert answer.url.startswith(f"http://kim-work.nb{pk}.localhost:8004/notebook/us-east-1/kim-work/?authToken=")
    assert kim.get("/notebooks/kim-work/open/?with=example:1").url.endswith("&file=examples%2F1+boto3+from+zero.ipynb")
    ada = console("ada", "administrator")
    assert ada.get("/notebooks/kim-work/open/").status_code == 403
    assert "Open JupyterLab" not in ada.get("/notebooks/kim-work/").text
    assert "Open JupyterLab" in kim.get("/notebooks/kim-work/").text


def test_an_editor_sees_and_does_not_touch_what_others_made(kim, console):  # noqa: F811
    rows.enter_service(created(kim).pk)
    lee, ada = console("lee", "editor"), console("ada", "administrator")
    assert "kim-work" in lee.get("/notebooks/").text
    for verb in ("stop", "start", "keep"):
        assert lee.post(f"/notebooks/kim-work/{verb}/").status_code == 403
    assert lee.get("/notebooks/kim-work/delete/").status_code == 403
    assert ada.post("/notebooks/kim-work/stop/").url == "/notebooks/kim-work/"
    assert NotebookInstance.objects.get().status == Status.STOPPING
    ada.post("/notebooks/kim-work/stop/")
    assert NotebookInstance.objects.get().at_once


def test_the_idle_stop_counts_down_and_can_be_put_off(kim):
    row = created(kim)
    rows.enter_service(row.pk)
    rows.save_activity(row.pk, {"stops-at": int(time.time()) + 200, "memory": 10**8, "disk": 2 * 10**9})
    page = kim.get("/notebooks/kim-work/").text
    assert "It stops in 3 min" in page and "Keep running" in page and "2.0 GB" in page
    assert "Stops in 3 min" in kim.get("/notebooks/").text
    kim.post("/notebooks/kim-work/keep/")
    assert rows.state(row.pk).keep_until > time.time() + 3500


@pytest.mark.parametrize("minutes", ["²", "many", "-1", "9" * 200])
def test_an_idle_stop_that_somebody_tagged_wrongly_breaks_no_page(kim, minutes):
    row = created(kim)
    Tag.objects.filter(arn=row.arn, key=IDLE_TAG).update(value=minutes)
    assert kim.get("/notebooks/").status_code == 200
    assert kim.get("/notebooks/kim-work/").status_code == 200


def test_settings_change_while_it_is_stopped_only(kim):
    row = created(kim)
    rows.enter_service(row.pk)
    assert kim.get("/notebooks/kim-work/settings/").url == "/notebooks/kim-work/"
    NotebookInstance.objects.update(status=Status.STOPPED)
    changed = {"instance_type": "ml.m5.xlarge", "idle_minutes": "0", "volume_gb": "9", "script": ""}
    assert kim.post("/notebooks/kim-work/settings/", changed | {"volume_gb": "4"}).status_code == 422
    assert kim.post("/notebooks/kim-work/settings/", changed).url == "/notebooks/kim-work/"
    row.refresh_from_db()
    assert (row.request["InstanceType"], row.request["VolumeSizeInGB"]) == ("ml.m5.xlarge", 9)
    assert rows.state(row.pk).idle_minutes == 0


def test_a_failure_is_told_with_its_reason(kim):
    rows.finish(created(kim).pk, Status.FAILED, "The volume holds 6.0 GB, and may hold 5 GB.")
    assert "The volume holds 6.0 GB" in kim.get("/notebooks/kim-work/").text
    assert "Needs attention <span>1</span>" in kim.get("/notebooks/?view=attention").text


def test_a_model_is_opened_in_a_notebook_of_ones_own(kim):
    Model.objects.create(name="churn", owner=kim.user, algorithm="xgboost", data_uri="s3://data/churn.csv")
    assert "/notebooks/create/?with=model:churn" in kim.get("/models/churn/").text
    rows.enter_service(created(kim).pk)
    page = kim.get("/notebooks/create/?with=model:churn").text
    assert "Open Model churn in a notebook that runs" in page
    assert "/notebooks/kim-work/open/?with=model%3Achurn" in page


def test_a_viewer_looks_only(console, kim):  # noqa: F811
    created(kim)
    vera = console("vera", "viewer")
    page = vera.get("/notebooks/kim-work/").text
    assert "kim-work" in page and "Stop</button>" not in page
    assert "Create notebook" not in vera.get("/notebooks/").text
    assert vera.get("/notebooks/create/").status_code == 403


def test_what_is_not_there_says_where_to_go_on(kim):
    answer = kim.get("/notebooks/none/")
    assert answer.status_code == 404
    assert "There is no notebook none" in answer.text


def test_without_an_engine_the_pages_say_so(kim, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "No answer from" in kim.get("/notebooks/").text
    assert kim.get("/notebooks/kim-work/").status_code == 503


def test_keys_of_notebooks_are_gone_with_a_removed_person(kim):
    row = created(kim)
    rows.issue_key(row.pk)
    assert AccessKey.objects.filter(owner=kim.user).count() == 1
    kim.user.delete()
    assert not AccessKey.objects.filter(note="Notebook kim-work").exists()
    assert not rows.state(row.pk).allowed
