"""The Evaluation page of models without a label: groups, anomalies, components."""

import copy
import re

import pytest
from django.http import QueryDict

from models_app.catalog import evaluating
from models_app.catalog.figures import context_of
from models_app.models import Endpoint, Evaluation, Model
from models_app.problems import Problem
from tests.pages.evaluations import UNLABELLED, unlabelled_document_of, unlabelled_schema

PAGE = "/models/churn/evaluation/"


@pytest.fixture
def evaluated(finished):
    """Alice's model with an evaluation of one kind."""

    def evaluate(kind: str) -> Evaluation:
        finished.schema, finished.algorithm = unlabelled_schema(), "kmeans"
        finished.save()
        return Evaluation.objects.create(
            job=finished.job, status="Done", document=unlabelled_document_of(kind),
            predictions_uri="s3://b/e/predictions.csv",
        )  # fmt: skip

    return evaluate


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split()).replace("&#x27;", "'")


@pytest.mark.parametrize("kind", UNLABELLED)
def test_each_kind_says_which_rows_it_measured_and_shows_baselines_and_data(signed_in, vera, evaluated, kind):
    evaluated(kind)
    page = signed_in(vera).get(PAGE).text
    text = words(page)
    assert "Measured on 600 of the 1,200 rows of the table it was trained on." in text and "never saw" not in text
    assert "2 rows cannot be read as the model takes them and are left out. The first: row 7: why" in text
    assert "Baseline" in text and "Download predictions" in text
    assert page.count('<svg class="plot') == page.count("<figcaption") >= 2
    assert page.count('<svg class="plot') == page.count("<details><summary>Data")
    assert 'style="' not in page


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("clusters", r"The groups are clearly apart .* Silhouette 0\.\d+ .* Group 0 200 \(33\.3%\)"),
        ("anomalies", r"of 600 rows pass the cut at .* Flagged"),
        ("components", r"components? keeps? \d+(\.\d+)?% of the variance"),
    ],
)
def test_the_models_own_page_shows_the_figures_of_each_kind(signed_in, vera, evaluated, kind, says):
    evaluated(kind)
    Endpoint.objects.all().delete()  # its test form needs a whole schema
    text = words(signed_in(vera).get("/models/churn/").text)
    assert re.search(says, text), text[-1500:]


def test_groups_are_said_in_the_columns_of_the_table(signed_in, vera, evaluated):
    evaluated("clusters")
    text = words(signed_in(vera).get(PAGE).text)
    assert "The groups are clearly apart" in text and "the same sizes dealt at random have" in text
    assert re.search(
        r"Group 0 200 0\.\d+ \S+ Low age \(mean 19\S*, -1\.2 sd\), mostly plan = basic \(\d+% against 4\d%\)", text
    )
    assert "Most unusual rows" in text and "Highest with" in text


def test_anomalies_are_listed_with_what_is_unusual_in_them(signed_in, vera, evaluated):
    evaluated("anomalies")
    text = words(signed_in(vera).get(PAGE).text)
    assert "5 of 600 rows pass the cut at 1.200" in text and "so 1.0% are expected" in text
    assert "Scores by joined" in text and "Flagged rows" in text


def test_components_are_said_in_the_prepared_columns_strongest_first(signed_in, vera, evaluated):
    evaluated("components")
    text = words(signed_in(vera).get(PAGE).text)
    assert "2 components keep 100.0% of the variance of 2 columns" in text
    assert re.search(r"Component 1 \S+% \S+% 2 plan=basic \+0.80, age -0.60|Component 1 .*age", text)


@pytest.mark.parametrize("kind", UNLABELLED)
def test_a_document_with_a_part_missing_is_refused_before_it_is_stored(kind):
    document = unlabelled_document_of(kind)
    evaluating._check_document(document)
    for name in sorted(set(document) - {"version", "target", "slices", "sampled", "on", "flagged"}):
        if name in ("quantile", "is_of_training", "group_count", "is_affine", "features", "component_count"):
            continue
        damaged = copy.deepcopy(document)
        damaged[name] = "x"
        with pytest.raises(Problem, match="cannot be read"):
            evaluating._check_document(damaged)


def test_names_of_a_hostile_table_are_escaped(signed_in, vera, evaluated):
    evaluation = evaluated("clusters")
    document = copy.deepcopy(evaluation.document)
    document["groups"][0]["traits"][0] |= {"column": "<script>alert(1)</script>"}
    Evaluation.objects.update(document=document)
    assert "<script>alert" not in signed_in(vera).get(PAGE).text


def test_more_groups_than_looks_are_drawn_grey_and_one_group_says_so():
    document = copy.deepcopy(unlabelled_document_of("clusters"))
    group = document["groups"][0]
    document["groups"] = [group | {"name": at} for at in range(20)]
    context = context_of(document, QueryDict())
    assert len({line.cls for line in context["groups"]}) == 16 and context["groups"][19].cls == "s6"
    one = document | {"groups": [group], "group_count": 1, "metrics": [], "map": None, "counts": []}
    assert context_of(one, QueryDict())["verdict"]["title"] == "All rows are in one group"


def test_a_model_without_a_label_can_be_evaluated_without_test_rows(finished):
    Model.objects.update(schema=unlabelled_schema(), algorithm="kmeans")
    finished.refresh_from_db()
    type(finished.job).objects.update(status="Completed", artifact="s3://b/model.tar.gz")
    job = type(finished.job).objects.get()
    assert evaluating.can_evaluate(job)
    Model.objects.update(algorithm="xgboost")
    assert not evaluating.can_evaluate(type(finished.job).objects.get())
