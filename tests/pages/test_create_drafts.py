"""What goes along with the Create model form: drafts, links, clones, estimates, code, sample tables, deployment."""

import json
import re
import uuid
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.utils.timezone import now

from models_app.create import drafts
from models_app.models import Draft, Model
from models_app.text.failures import explain
from tests.pages.test_create import HTMX, PAGE, answers

pytestmark = pytest.mark.stack
ASIDE = "/models/create/aside/"


def aside(browser, form: dict) -> str:
    response = browser.post(ASIDE, form, headers=HTMX)
    assert response.status_code == 200
    return unescape(response.text)


def link(text: str) -> str:
    address = re.search(r'data-copy="([^"]+)"', text)[1]
    return address[address.index("/models/") :]


def controls(page: str) -> dict[str, str]:
    """What a page's inputs and selects hold."""
    results = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag and "radio" not in tag or "checked" in tag):
            results[name[1]] = unescape(value[1]) if value else "on"
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options)
        results[name] = unescape(chosen[1]) if chosen else ""
    return results


# Compute, cost and deployment


def test_the_options_are_carried_into_the_model(signed_in, alice, table):
    parameters = {
        "cost_limit": "0.5",
        "deploy_when_done": "on",
        "deploy_metric": "validation:auc",
        "deploy_threshold": "0.9",
        "idle_hours": "4",
        "instance_type": "ml.r5.large",
    }
    assert signed_in(alice).post(PAGE, answers(table) | parameters).status_code == 302
    model = Model.objects.get()
    assert (model.cost_limit, model.deploy_metric, model.deploy_threshold) == (0.5, "validation:auc", 0.9)
    assert (model.idle_hours, model.instance_type) == (4, "ml.r5.large")


def test_a_metric_without_a_figure_holds_nothing_back(signed_in, alice, table):
    signed_in(alice).post(PAGE, answers(table) | {"deploy_metric": "validation:auc", "deploy_threshold": ""})
    assert Model.objects.get().deploy_metric == ""


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("cost_limit", "much", "Enter a number"),
        ("cost_limit", "0", "0.01"),
        ("deploy_threshold", "x", "Enter a number"),
    ],
)
def test_an_option_that_cannot_be_read_is_said_at_its_field(signed_in, alice, table, field, value, words):
    response = signed_in(alice).post(PAGE, answers(table) | {field: value})
    assert response.status_code == 422
    assert words in re.search(rf'id="{field}-e".*?</p>', response.text, re.DOTALL)[0]
    assert f'href="#{field}"' in response.text and f'value="{value}"' in response.text
    assert not Model.objects.exists()


def test_another_algorithm_brings_its_own_metrics(signed_in, alice, table):
    browser, form = signed_in(alice), answers(table)
    assert 'id="gate"' not in aside(browser, form | {"deploy_metric": "validation:auc"})
    assert '<option value="validation:auc"' in aside(browser, form | {"deploy_metric": "test:msd"})


def test_the_smaller_of_both_limits_is_the_one_that_is_shown(signed_in, alice, table):
    browser = signed_in(alice)
    assert "Training stops after 1 h at the latest" in aside(browser, answers(table))
    page = aside(browser, answers(table) | {"cost_limit": "0.05"})
    assert "the cost limit buys no more" in page and "Training stops after 24 min 5 s" in page


def test_the_engine_is_free_and_says_what_aws_would_charge(signed_in, alice, table):
    page = aside(signed_in(alice), answers(table))
    assert page.count("Free") == 2
    assert "AWS would charge" in page and "$2.76 a day" in page


def test_on_aws_the_endpoint_has_its_price_and_none_where_nothing_is_deployed(signed_in, alice, table, settings):
    browser = signed_in(alice)
    settings.BACKEND = "aws"
    assert "$2.76 a day" in aside(browser, answers(table) | {"deploy_when_done": "on"})
    assert "a day" not in aside(browser, answers(table))


# Drafts


def test_a_form_is_kept_as_it_is_typed_and_given_back(signed_in, alice, table):
    browser, form = signed_in(alice), answers(table) | {"hp-eta": "0.05", "max_runtime": "600"}
    assert "Draft kept at" in aside(browser, form)
    page = browser.get(PAGE).text
    assert "Go on with churn from" in page
    again = controls(browser.get(f"{PAGE}?draft={form['intent']}").text)
    for name in ("intent", "name", "data_uri", "hp-eta", "max_runtime"):
        assert again[name] == form[name]
    assert browser.post(PAGE, form).status_code == 302
    assert not Draft.objects.exists()  # gone once its model is made
    aside(browser, form)
    assert not Draft.objects.exists()  # also for a word that comes late


def test_an_untouched_form_is_not_kept(signed_in, alice):
    aside(signed_in(alice), answers("", name=""))
    assert not Draft.objects.exists()


def test_a_draft_is_its_owners_alone_and_can_be_discarded(signed_in, alice, bob, table):
    browser, form = signed_in(alice), answers(table)
    aside(browser, form)
    other = signed_in(bob)
    assert "Go on with" not in other.get(PAGE).text
    assert controls(other.get(f"{PAGE}?draft={form['intent']}").text)["name"] == ""
    other.post(f"/models/create/drafts/{form['intent']}/discard/")
    assert Draft.objects.exists()
    assert "Draft kept" not in aside(other, form)  # nor can it be written over
    browser.post(f"/models/create/drafts/{form['intent']}/discard/")
    assert not Draft.objects.exists()


def test_only_the_latest_drafts_stay_and_old_ones_go(signed_in, alice, table):
    browser = signed_in(alice)
    for _ in range(drafts.MAX_DRAFTS + 2):
        aside(browser, answers(table) | {"intent": str(uuid.uuid4())})
    assert Draft.objects.count() == drafts.MAX_DRAFTS
    Draft.objects.update(updated=now() - timedelta(days=31))
    drafts.sweep()
    assert not Draft.objects.exists()


# Links


def test_a_link_carries_everything_that_is_not_at_its_default(signed_in, alice, table):
    browser = signed_in(alice)
    recipe = json.dumps({"excluded": ["texture"], "seed": 7})
    form = answers(table, name="shared") | {
        "recipe": recipe,
        "hp-eta": "0.07",
        "max_runtime": "600",
        "idle_hours": "4",
        "deploy_threshold": "0.9",
        "deploy_metric": "validation:auc",
    }
    address = link(aside(browser, form))
    query = parse_qs(urlsplit(address).query)
    assert query["hp-eta"] == ["0.07"] and "instance_type" not in query and "intent" not in query
    again = controls(browser.get(address).text)
    for name in ("name", "data_uri", "hp-eta", "max_runtime", "idle_hours", "deploy_threshold"):
        assert again[name] == form[name]
    assert json.loads(again["recipe"])["excluded"] == ["texture"]
    assert json.loads(again["recipe"])["seed"] == 7
    assert "deploy_when_done" not in again  # switched off in the form that was shared
    shared = link(aside(browser, again))  # the page names the target that it suggests, so now it is in the link
    assert parse_qs(urlsplit(shared).query)["recipe"] != query["recipe"]
    assert link(aside(browser, controls(browser.get(shared).text))) == shared


def test_a_form_left_alone_has_a_link_without_a_query(signed_in, alice):
    browser = signed_in(alice)
    page = browser.get(PAGE).text
    assert link(unescape(page)) == PAGE
    assert link(aside(browser, controls(page))) == PAGE


# Clone and retry


def test_a_clone_shows_only_what_it_changes(signed_in, alice, table):
    browser = signed_in(alice)
    browser.post(PAGE, answers(table, name="first") | {"hp-eta": "0.1"})
    page = browser.get(f"{PAGE}?from=first").text
    assert "Changed from first" in page and "Nothing yet, only the name." in page
    form = controls(page)
    assert form["origin"] == "first" and form["name"] == ""
    html = aside(browser, form | {"hp-eta": "0.2", "instance_type": "ml.c5.xlarge"})
    differences = re.findall(r"<dt>(.*?)</dt><dd><del>(.*?)</del> <ins>(.*?)</ins>", html)
    assert differences == [("eta", "0.1", "0.2"), ("Compute", "ml.m5.large", "ml.c5.xlarge")]
    browser.post(PAGE, form | {"name": "second"})
    assert Model.objects.get(name="second").cloned_from == Model.objects.get(name="first")


def test_a_retry_has_the_fix_in_it_and_shows_nothing_else(signed_in, alice, table):
    browser = signed_in(alice)
    browser.post(PAGE, answers(table, name="first") | {"instance_type": "ml.c5.xlarge"})
    for raw, expected in {
        "AlgorithmError: Out of memory": [("Compute", "ml.c5.xlarge", "ml.c5.2xlarge")],
        "Training stopped: MaxRuntimeExceeded": [("Stop after", "1 h", "1 d")],
    }.items():
        query = urlencode({"fix": explain(raw).fixes[0].value})
        page = unescape(browser.get(f"{PAGE}?from=first&{query}").text)
        assert re.findall(r"<dt>(.*?)</dt><dd><del>(.*?)</del> <ins>(.*?)</ins>", page) == expected


# Code


def test_the_form_is_shown_as_programs_with_and_without_javascript(signed_in, alice, table):
    browser, form = signed_in(alice), answers(table) | {"deploy_when_done": "on"}
    whole = browser.post("/models/create/code/", form)
    part = browser.post("/models/create/code/", form, headers=HTMX)
    for response in (whole, part):
        text = unescape(re.sub(r"</?[siu]>", "", response.text))
        for word in ("create_training_job", "aws sagemaker create-training-job", "Estimator(", "Model.xgboost("):
            assert word in text
        assert 'resource "aws_sagemaker_endpoint" "churn"' in text
        assert "The console prepares the table first" in text and "puts the column diagnosis first" in text
        assert '"num_round": "100"' in text and '"objective": "binary:logistic"' in text
    assert "<html" in whole.text and "<dialog" in part.text and "<html" not in part.text
    address = re.search(r'href="(/models/create/code/\?[^"]+)"', part.text)[1]
    assert "create_training_job" in browser.get(unescape(address)).text


# Samples


def test_the_code_is_headed_by_the_name(signed_in, alice):
    page = signed_in(alice).get("/models/create/code/?name=flowers&algorithm=randomcutforest").text
    assert "<h1>flowers as code</h1>" in page
    assert "<h1>my-model as code</h1>" in signed_in(alice).get("/models/create/code/").text


def test_a_sample_is_one_press_away(signed_in, alice, lake):
    browser = signed_in(alice)
    assert "/samples/iris/" in browser.get(PAGE).text and "/samples/iris/" in browser.get("/models/").text
    response = browser.post("/samples/iris/", {"name": "flowers", "algorithm": "xgboost"}, follow=True)
    form = controls(response.text)
    assert form["name"] == "flowers" and form["data_uri"].endswith("/samples/iris.csv") and form["target"] == "species"
    assert "150 rows" in response.text
    for proposed in ("iris", "iris-b"):
        response = browser.post("/samples/iris/", follow=True)
        assert controls(response.text)["name"] == proposed
        Model.objects.create(name=proposed, owner=alice, algorithm="xgboost", data_uri="s3://b/k.csv")
    assert browser.post("/samples/nope/").status_code == 404


def test_every_sample_that_is_offered_is_there_and_predicts_what_it_says(lake):
    from console import samples

    for table in samples.load():
        offer, rows = samples.BY_NAME[table.name], table.csv.decode().splitlines()
        assert rows[0].rpartition(",")[2] == offer.target == table.target
        assert len(rows) == table.rows + 1
        labels = {row.rpartition(",")[2] for row in rows[1:]}
        assert {"binary": len(labels) == 2, "multiclass": 2 < len(labels) <= 20, "regression": len(labels) > 20}[
            offer.task
        ]


def test_the_number_of_instances_goes_from_a_link_to_the_row_and_to_a_clone(signed_in, alice, table):
    browser = signed_in(alice)
    page = browser.get(f"/models/create/?data={table}&instance_count=3").text
    assert 'name="instance_count" inputmode="numeric" autocomplete="off" data-mirror value="3"' in page
    assert "instance_count=3" in page  # the link to share
    form = {"intent": str(uuid.uuid4()), "name": "wide", "algorithm": "xgboost", "data_uri": table, "hp-num_round": "5"}
    refused = browser.post("/models/create/", form | {"algorithm": "catboost", "instance_count": "3"})
    assert refused.status_code == 422 and "CatBoost trains on one instance here" in refused.text
    assert browser.post("/models/create/", form | {"instance_count": "3"}).status_code == 302
    assert Model.objects.get(name="wide").instance_count == 3
    clone = browser.get("/models/create/?from=wide").text
    assert 'data-mirror value="3"' in clone and "3</span> × " in clone
