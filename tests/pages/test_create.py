"""Create model: three answers, everything else filled in, every mistake said at its field and nothing left behind."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from models_app.models import Model, TrainingJob

pytestmark = pytest.mark.stack
PAGE = "/models/create/"
HTMX = {"HX-Request": "true"}


def answers(uri: str, **changed) -> dict:
    """What a browser sends when only the three questions were answered."""
    filled = {
        "intent": str(uuid4()),
        "name": "churn",
        "algorithm": "xgboost",
        "data_uri": uri,
        "validation_share": "0.2",
        "instance_type": "ml.m5.large",
        "max_runtime": "3600",
        "hp-num_round": "100",
        "hp-eta": "0.3",
    }
    return filled | changed


def errors(response) -> str:
    return re.search(r'id="form-errors".*?</div></div>', response.text, re.DOTALL)[0]


def test_the_form_starts_with_working_defaults(signed_in, alice, lake):
    page = signed_in(alice).get(PAGE).text
    assert 'name="hp-num_round" inputmode="decimal" value="500"' in page
    assert 'value="ml.m5.large"' in page
    assert "Advanced hyperparameters" in page


def test_three_answers_make_a_model(signed_in, alice, table):
    response = signed_in(alice).post(PAGE, answers(table), follow=True)
    assert response.redirect_chain == [("/models/churn/", 302)]
    assert "Successfully created model <b>churn</b>." in response.text
    model = Model.objects.get()
    assert (model.target, model.has_header, model.owner) == ("diagnosis", True, alice)
    assert model.hyperparameters == {"num_round": "100"}  # eta was left at its default
    assert model.job.status == "Created"


def test_the_same_form_sent_twice_makes_one_model(signed_in, alice, table):
    browser, form = signed_in(alice), answers(table)
    assert browser.post(PAGE, form).url == browser.post(PAGE, form).url == "/models/churn/"
    assert Model.objects.count() == TrainingJob.objects.count() == 1


def test_one_press_creates_a_model_of_each_suggested_algorithm_and_leads_to_their_comparison(signed_in, alice, table):
    browser, form = signed_in(alice), answers(table, do="compare", deploy_when_done="on")
    page = browser.post(PAGE, form | {"do": "inspect"}).text
    assert re.search(r'name="do" value="compare"[^>]*>Compare CatBoost, XGBoost and LightGBM<', page)
    names = ["churn-catboost", "churn-xgboost", "churn-lightgbm"]
    address = "/models/-/compare/?" + "&".join(f"name={name}" for name in names)
    assert browser.post(PAGE, form).url == browser.post(PAGE, form).url == address
    comparison = browser.get(address)
    assert comparison.status_code == 200 and all(name in comparison.text for name in names)
    models = Model.objects.order_by("pk")
    assert [model.name for model in models] == names and not any(model.deploy_when_done for model in models)
    assert models[1].hyperparameters == {"num_round": "100"} and models[0].hyperparameters["iterations"] == "1000"


def test_a_comparison_of_which_one_is_refused_creates_nothing(signed_in, alice, table):
    assert signed_in(alice).post(PAGE, answers(table, do="compare", name="")).status_code == 422
    assert signed_in(alice).post(PAGE, answers("s3://nope/x.csv", do="compare")).status_code == 422
    assert signed_in(alice).post(PAGE, answers(table, do="compare", target="nope")).status_code == 422
    assert not Model.objects.exists()


def test_every_mistake_is_said_at_once_and_nothing_is_lost_or_left(signed_in, alice, table):
    sent = answers(table, name="bad name!", target="nope", endpoint_name="-x", deploy_when_done="on")
    response = signed_in(alice).post(PAGE, sent | {"hp-eta": "1.5", "hp-foo": "7"})
    assert response.status_code == 422
    problems = errors(response)
    assert "Fix 5 issues" in problems
    for field in ("#name", "#target", "#endpoint_name", "#hp-eta", "#hp-foo"):
        assert f'href="{field}"' in problems
        assert f'id="{field[1:]}"' in response.text  # there is something to jump to
    for value in ("bad name!", "1.5", "7", "-x"):
        assert f'value="{value}"' in response.text
    assert "nope (no such column)" in response.text
    assert f'value="{sent["intent"]}"' in response.text
    assert not Model.objects.exists() and not TrainingJob.objects.exists()


BAD = {
    "no name": ({"name": ""}, "name", "Model name is required."),
    "an ill-formed name": ({"name": "-churn"}, "name", "1 to 63 characters"),
    "a taken name": ({"name": "taken"}, "name", "Model name taken already exists"),
    "a missing bucket": ({"data_uri": "s3://never-made/x.csv"}, "data_uri", "There is no bucket called never-made"),
    "no such column": ({"target": "nope"}, "target", "There is no column &#x27;nope&#x27;"),
    "a text label for a regression": (
        {"target": "diagnosis", "hp-objective": "reg:squarederror"},
        "target",
        "but reg:squarederror predicts a number",
    ),
    "eta=1.5": ({"hp-eta": "1.5"}, "hp-eta", "1.5 is not in [0, 1]"),
    "an unknown hyperparameter": ({"hp-foo": "1"}, "hp-foo", "Extraneous hyperparameter found: foo"),
    "an endpoint name for later that no row holds": (
        {"endpoint_name": "e" * 64},
        "endpoint_name",
        "Endpoint name: up to 63 characters, not 64.",
    ),
    "a metric that no row holds": (
        {"deploy_metric": "m" * 41, "deploy_threshold": "0.5"},
        "deploy_metric",
        "Deploy only if: up to 40 characters, not 41.",
    ),
    "an algorithm of another planet": ({"algorithm": "magic"}, "algorithm", "There is no algorithm"),
}


UNMARKED = ("algorithm", "deploy_metric")  # choices, of which a page offers only what is right


@pytest.mark.parametrize("change, field, words", BAD.values(), ids=BAD.keys())
def test_a_mistake_is_named_in_the_page(signed_in, alice, bob, table, change, field, words):
    Model.objects.create(name="taken", owner=bob, algorithm="xgboost", data_uri="s3://a/b")
    response = signed_in(alice).post(PAGE, answers(table) | change)
    assert response.status_code == 422
    assert words in errors(response)
    assert f'href="#{field}"' in errors(response)
    control = re.search(rf'<(?:input|select)[^>]* id="{field}"[^>]*>', response.text)
    assert field in UNMARKED or 'aria-invalid="true"' in control[0]
    assert field in UNMARKED or words in re.search(rf'id="{field}-e".*?</p>', response.text, re.DOTALL)[0]
    assert Model.objects.count() == 1 and not TrainingJob.objects.exists()


@pytest.mark.parametrize(
    "key, body, words",
    [
        ("in/empty.csv", b"", "empty"),
        ("in/broken.parquet", b"PAR1 this is no Parquet PAR1", "not a readable Parquet file"),
        ("in/header.csv", b"a,b,c\n", "nothing below it"),
        ("in/picture.csv", bytes(range(256)) * 40, "neither text nor Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(signed_in, alice, lake, key, body, words):
    response = signed_in(alice).post(PAGE, answers(lake.put(key, body)))
    assert response.status_code == 422
    assert words in errors(response)
    assert not Model.objects.exists()


def test_a_prefix_with_nothing_under_it_is_named(signed_in, alice, lake):
    response = signed_in(alice).post(PAGE, answers(f"s3://{lake.bucket}/{lake.folder}nothing/"))
    assert response.status_code == 422
    assert "nothing/" in errors(response)


def test_without_javascript_the_data_is_inspected_by_a_button(signed_in, alice, table):
    response = signed_in(alice).post(PAGE, answers(table, name="", do="inspect") | {"hp-eta": "1.5"})
    assert response.status_code == 200
    assert '<option value="diagnosis" selected>' in response.text
    assert 'value="1.5"' in response.text
    assert 'id="form-errors"' not in response.text  # only Create checks
    assert not Model.objects.exists()


def test_without_javascript_files_are_uploaded_by_a_button(signed_in, alice, lake):
    upload = SimpleUploadedFile("t.csv", b"age,churned\n1,yes\n2,no\n3,yes\n4,no\n")
    response = signed_in(alice).post(PAGE, answers("", do="upload", files=[upload]))
    assert re.search(r'value="s3://sagewright-us-east-1-\d+/uploads/[0-9a-f]{8}/t.csv"', response.text)
    assert '<option value="churned" selected>' in response.text
    assert 'value="churn"' in response.text  # the name that was typed


def test_uploading_nothing_says_so_in_place(signed_in, alice, lake):
    assert "Choose a file to upload." in signed_in(alice).post(PAGE, answers("", do="upload")).text


def test_the_name_is_checked_while_it_is_typed(signed_in, alice, finished):
    browser = signed_in(alice)
    assert "Name is available." in browser.get(PAGE, {"part": "name", "name": "free"}, headers=HTMX).text
    assert "churn-b" in browser.get(PAGE, {"part": "name", "name": "churn"}, headers=HTMX).text
    assert not browser.get(PAGE, {"part": "name", "name": ""}, headers=HTMX).text.strip()


def test_a_file_can_be_brought_along(signed_in, alice, table):
    page = signed_in(alice).get(PAGE, {"data": table, "target": "radius"}).text
    assert f'value="{table}"' in page
    assert '<option value="radius" selected>' in page


def test_an_earlier_model_can_be_brought_along(signed_in, alice, table):
    Model.objects.create(
        name="old", owner=alice, algorithm="xgboost", data_uri=table, target="radius", hyperparameters={"eta": "0.1"}
    )
    page = signed_in(alice).get(PAGE, {"from": "old"}).text
    assert f'value="{table}"' in page and 'value="0.1"' in page
    assert 'name="name" value=""' in page


def test_the_hyperparameters_of_another_algorithm_keep_what_was_typed(signed_in, alice):
    part = signed_in(alice).get(
        "/models/create/hyperparameters/", {"algorithm": "xgboost", "hp-eta": "0.1"}, headers=HTMX
    )
    assert part.text.lstrip().startswith('<section class="card" id="hp"')
    assert 'value="0.1"' in part.text


def test_a_viewer_may_not_create(signed_in, vera):
    assert signed_in(vera).get(PAGE).status_code == 403
    assert signed_in(vera).post(PAGE).status_code == 403
