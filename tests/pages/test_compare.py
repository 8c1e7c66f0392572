"""Compare: the verdict and its interval, what differs, what cannot be compared, and the file."""

import csv
import io
import re

import numpy as np
import polars as pl
import pytest
from django.utils.timezone import now, timedelta
from sklearn import metrics

from evaluation import intervals
from evaluation.comparison import compare_tables
from evaluation.document import evaluation_document
from models_app.aws import s3_store
from models_app.models import Endpoint, Evaluation, MetricPoint, Model, TrainingJob
from models_app.text.spreadsheets import safe
from tests.pages.evaluations import schema_of, table_of, unlabelled_document_of

MODELS, JOBS = "/models/-/compare/", "/jobs/-/compare/"
TABLES: dict[str, pl.DataFrame] = {}


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).replace("&#x27;", "'").split())


def better(table: pl.DataFrame, by: float, kind: str) -> pl.DataFrame:
    """`table` as a better model predicts it: nearer to its labels."""
    if kind == "regression":
        return table.with_columns(prediction=table["prediction"] + by * (table["label"] - table["prediction"]))
    names = [name.removeprefix("probability.") for name in table.columns if name.startswith("probability.")]
    actual = np.array([[label == name for name in names] for label in table["label"]], float)
    shares = (1 - by) * table.select([f"probability.{name}" for name in names]).to_numpy() + by * actual
    columns = {f"probability.{name}": shares[:, at] for at, name in enumerate(names)}
    columns |= {"prediction": np.array(names)[shares.argmax(axis=1)]}
    columns |= {"score": shares[:, 1] if len(names) == 2 else shares.max(axis=1)}
    return table.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


@pytest.fixture
def reader(monkeypatch):
    """Tables of predictions without a store: uri -> table."""

    def call(function, store, name, same_store, uris, classes, base, reads):
        assert (function, reads) == ("evaluation.comparison:compare", uris)
        return compare_tables([TABLES[uri] for uri in uris], classes, base)

    monkeypatch.setattr(s3_store.readers, "call", call)
    monkeypatch.setattr(intervals, "draws", lambda rows: 2)  # the documents' own intervals are not shown here
    TABLES.clear()
    return TABLES


@pytest.fixture
def model_of(alice, reader):
    """Makes a model with a finished job, and an evaluation where it gets a table."""

    def make(name: str, table: pl.DataFrame | None = None, kind: str = "binary", **changes) -> Model:
        schema = schema_of(kind) | {"rows": 3000, "train_rows": 2000}
        model = Model.objects.create(
            name=name, owner=alice, algorithm="xgboost", data_uri=changes.get("data", "s3://data/a.csv"),
            data_etag="e1", schema=schema, recipe=changes.get("recipe", {}),
        )  # fmt: skip
        start = now()
        model.job = TrainingJob.objects.create(
            name=f"{name}-0001", model=model, owner=alice, status="Completed", algorithm="xgboost",
            instance_type="ml.m5.large", started=start, ended=start + timedelta(seconds=changes.get("seconds", 20)),
            hyperparameters={"num_round": "10"} | changes.get("hyperparameters", {}),
            progress={
                "round": 3, "metric": "validation:auc", "goal": "max", "value": 0.7, "best_round": 3,
                "best": changes.get("auc", 0.7), "curve": [0.6, 0.7],
            },
        )  # fmt: skip
        model.save()
        MetricPoint.objects.bulk_create(
            MetricPoint(job=model.job, name="validation:auc", round=at, value=0.5 + at / 10) for at in range(3)
        )
        if table is not None:
            uri = f"s3://b/{name}/predictions.csv"
            reader[uri] = table
            figures = table.select(name for name in table.columns if not name.startswith("data."))
            document = evaluation_document(figures, schema, len(table))
            Evaluation.objects.create(job=model.job, status="Done", document=document, predictions_uri=uri)
        return model

    return make


def address(*names: str, base: str = "", path: str = MODELS, **more: str) -> str:
    query = [f"name={name}" for name in names] + ([f"base={base}"] if base else [])
    return f"{path}?{'&'.join(query + [f'{key}={value}' for key, value in more.items()])}"


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_two_models_get_a_verdict_with_its_uncertainty(signed_in, vera, model_of, kind):
    table = table_of(kind)
    model_of("first", table, kind)
    model_of("second", better(table, 0.3, kind), kind)
    browser = signed_in(vera)
    page = words(browser.get(address("first", "second")).text)
    assert "All were measured on the same 600 test rows." in page
    metric = {"binary": "AUC", "multiclass": "Accuracy", "regression": "MAE"}[kind]
    one = compare_tables([table, better(table, 0.3, kind)], schema_of(kind)["classes"], 0)["figures"]
    match = re.search(rf"B is better by ([\d.]+) {metric}, more than chance (.*?) View B", page)
    assert match, page[:1500]
    expected = abs(one[metric.lower()][1]["value"])
    assert float(match[1]) == pytest.approx(expected, abs=5e-3 * max(1, expected))
    assert "95% interval" in match[2] and "on " in match[2]
    back = words(browser.get(address("first", "second", base="second")).text)
    assert f"A is worse by {match[1]} {metric}, more than chance" in back


def test_classes_are_compared_by_recall_and_artifacts_by_size(signed_in, vera, model_of):
    table = table_of("multiclass")
    for name, by, size in (("first", 0.0, 1_234_567), ("second", 0.3, 34_567)):
        model = model_of(name, better(table, by, "multiclass"), "multiclass")
        TrainingJob.objects.filter(pk=model.job.pk).update(artifact_bytes=size)
    page = signed_in(vera).get(address("first", "second")).text
    text = words(page)
    assert 'id="axes-classes"' in page and "Recall by class" in text and "1.2 MB" in text and "34.6 kB" in text
    second = better(table, 0.3, "multiclass")
    expected = metrics.recall_score(
        second["label"].to_list(),
        second["prediction"].to_list(),
        labels=schema_of("multiclass")["classes"],
        average=None,
    )
    drawn = re.search(r"<svg[^>]*>(?:(?!</svg>).)*Recall by class.*?</svg>", page, re.S)[0]
    dots = re.search(r'class="pl-dot s1" d="([^"]*)"', drawn)[1]
    heights = sorted(300 * (1 - share) for share in expected)
    assert sorted(float(y) for y in re.findall(r",([-0-9.]+)h", dots)) == pytest.approx(heights, abs=0.06)


def test_the_interval_of_the_page_is_that_of_the_tables(signed_in, vera, model_of):
    table = table_of("binary")
    other = better(table, 0.1, "binary")
    model_of("first", table)
    model_of("second", other)
    areas = [metrics.roc_auc_score(t["label"] == "leaves", t["score"]) for t in (table, other)]
    auc = compare_tables([table, other], ["stays", "leaves"], 0)["figures"]["auc"][1]
    assert auc["value"] == pytest.approx(areas[1] - areas[0], abs=1e-9)
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert f"B is better by {areas[1] - areas[0]:.4f} AUC" in page
    assert f"95% interval {auc['low']:.4f} to {auc['high']:.4f}" in page


def test_a_difference_within_chance_is_not_called_better(signed_in, vera, model_of):
    table = table_of("binary")
    noise = np.random.default_rng(1).normal(size=len(table)) * 0.02
    other = table.with_columns(score=pl.Series(np.clip(table["score"].to_numpy() + noise, 0, 1)))
    model_of("first", table)
    model_of("second", other)
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert "No difference beyond chance between B and A in AUC" in page and "more than chance" not in page
    (size, low, high) = map(
        float, re.search(r"a difference of (\S+), with the 95% interval (\S+) to (\S+)\.", page).groups()
    )
    assert low < size < high, "the interval is of the difference as it is written"


def test_other_test_rows_are_a_warning(signed_in, vera, model_of):
    table = table_of("binary")
    model_of("first", table)
    model_of("second", better(table, 0.4, "binary").with_columns(row=table["row"] + 1))
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert "Not all were measured on the same test rows" in page and "All were measured on" not in page
    assert "95% interval" in page


def test_only_what_differs_is_shown_unless_everything_is_asked_for(signed_in, vera, model_of):
    table = table_of("binary")
    model_of("first", table, hyperparameters={"eta": "0.30"}, recipe={"test_share": 0.2})
    model_of("second", table, hyperparameters={"eta": "0.1"}, recipe={"test_share": 0.2, "class_weights": "balanced"})
    browser = signed_in(vera)
    page = words(browser.get(address("first", "second")).text)
    assert "eta 0.3 0.1" in page and "Class weights - balanced" in page
    assert "num_round" not in page and "Training data" not in page and "They learned from different" not in page
    everything = words(browser.get(address("first", "second", show="all")).text)
    assert "num_round 10 10" in everything and "Training data s3://data/a.csv s3://data/a.csv" in everything


def test_different_data_are_said_to_have_a_part_in_it(signed_in, vera, model_of):
    table = table_of("binary")
    model_of("first", table)
    model_of("second", better(table, 0.3, "binary"), data="s3://data/b.csv")
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert "part of the difference may be the data" in page and "s3://data/b.csv" in page


def test_models_without_an_evaluation_compare_by_what_training_reported(signed_in, vera, model_of):
    model_of("first", auc=0.70)
    model_of("second", auc=0.75)
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert "B is better by 0.0500 Validation AUC" in page and "more than chance" in page
    assert "no test rows say whether the difference is more than chance" in page and "Learning curves" in page


def test_a_job_made_elsewhere_is_compared_with_ours(signed_in, vera, model_of):
    ours = model_of("first", table_of("binary"))
    TrainingJob.objects.create(
        name="theirs", external=True, status="Completed", algorithm="xgboost", hyperparameters={"eta": "0.9"},
        final_metrics={"validation:auc": 0.61},
        described={"InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://theirs/train"}}}
        ]},
    )  # fmt: skip
    page = words(signed_in(vera).get(address(ours.job.name, "theirs", path=JOBS)).text)
    assert "Compare 2 jobs" in page and "B is worse by 0.0900 Validation AUC" in page
    assert "s3://theirs/train" in page and "eta 0.3 0.9" in page


def test_more_than_four_are_rows_best_first_with_intervals_for_all_at_once(signed_in, vera, model_of):
    table = table_of("binary")
    for at, by in enumerate((0.0, 0.3, 0.1, 0.4, 0.2, 0.35)):
        model_of(f"model-{at}", better(table, by, "binary"), hyperparameters={"eta": f"0.{at + 1}"})
    names = [f"model-{at}" for at in range(6)]
    browser = signed_in(vera)
    page = browser.get(address(*names)).text
    rows = re.findall(r'id="keep-\d+" aria-label="Select (model-\d)"', page)
    assert rows == ["model-3", "model-5", "model-1", "model-4", "model-2", "model-0"]
    assert "for all 5 comparisons at once" in words(page) and "model-3 is better by" in words(page)
    assert "eta" in page and 'class="is-base"' in page
    worst = words(browser.get(address(*names, base="model-3")).text)
    assert "model-3 is the best, by" in worst or "No difference beyond chance between model-5" in worst


def test_the_metric_of_the_address_decides(signed_in, vera, model_of):
    table = table_of("binary")
    model_of("first", table)
    model_of("second", better(table, 0.3, "binary"))
    browser = signed_in(vera)
    assert "Log loss, more than chance" in words(browser.get(address("first", "second", metric="logloss")).text)
    assert "AUC" in words(browser.get(address("first", "second", metric="no-such")).text)


def test_few_gone_none_and_too_many_names_are_answered(signed_in, vera, model_of):
    model_of("first", table_of("binary"))
    browser = signed_in(vera)
    assert "Nothing to compare yet" in browser.get(MODELS).text
    assert "Nothing to compare yet" in browser.get(address("first", "first")).text
    page = words(browser.get(address("first", "<b>gone", metric="'")).text)
    assert "No longer there" in page and "No figure compares them" in page
    assert "<b>gone" not in browser.get(address("first", "<b>gone")).text
    assert browser.get(address("x", "y")).status_code == 200
    many = browser.get(address(*(f"n{at}" for at in range(53)))).text
    assert "The first 50 are compared; 3 more were left out." in many


def test_different_kinds_of_prediction_have_no_figures_of_test_rows_in_common(signed_in, vera, model_of):
    model_of("first", table_of("binary"))
    model_of("second", table_of("regression"), "regression")
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert "Validation AUC" in page and "All were measured" not in page


def test_the_csv_has_full_numbers_and_no_formula(signed_in, vera, model_of):
    table = table_of("binary")
    model_of("first", table, hyperparameters={"eta": "-0.1", "seed": "=cmd|' /C calc'!A0"})
    model_of("second", better(table, 0.3, "binary"))
    response = signed_in(vera).get(address("first", "second").replace("compare/", "compare.csv"))
    assert response["Content-Type"].startswith("text/csv") and "attachment" in response["Content-Disposition"]
    first, second = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    auc = [metrics.roc_auc_score(t["label"] == "leaves", t["score"]) for t in (table, better(table, 0.3, "binary"))]
    assert float(first["AUC"]) == pytest.approx(auc[0], abs=1e-9)
    assert float(second["AUC, change"]) == pytest.approx(auc[1] - auc[0], abs=1e-9)
    assert first["Baseline"] == "Yes" and first["eta"] == "-0.1" and first["seed"] == "'=cmd|' /C calc'!A0"


def test_settings_and_result_are_drawn_for_numbers_that_differ_best_on_top(signed_in, vera, model_of):
    table = table_of("binary")
    for at, by in enumerate((0.0, 0.1, 0.2, 0.3, 0.4)):
        hyperparameters = {"eta": f"0.{at + 1}", "objective": f"o{at}"} | ({"max_depth": "9"} if at == 4 else {})
        model_of(f"model-{at}", better(table, by, "binary"), hyperparameters=hyperparameters)
    names = [f"model-{at}" for at in range(5)]
    page = signed_in(vera).get(address(*names, metric="logloss")).text
    figure = page[page.index('class="pc"') : page.index("</figure>", page.index('class="pc"'))]
    heads = re.findall(r"<li><b[^>]*>(.*?)</b><span>(.*?)</span>", figure)
    assert [name for name, _top in heads] == ["eta", "max_depth", "Log loss"]  # words have no axis
    assert heads[0] == ("eta", "0.5") and heads[1] == ("max_depth", "9")
    lines = re.findall(r'class="pc-l (\w+)" d="(.*?)"', figure)
    assert len(lines) == 5 and ("s1", "M0,0 500,0 1000,0") in lines  # the best: highest eta and depth, lowest log loss
    assert ("s6", "M0,220 500,220 1000,220") in lines  # the baseline


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_begins_as_a_formula(text):
    assert safe(text) == "'" + text
    assert safe("-1.5e3") == "-1.5e3" and safe("plain") == "plain"


def test_fifty_jobs_with_a_thousand_points_each_take_a_few_queries_and_thin_curves(
    signed_in, vera, alice, django_assert_max_num_queries
):
    jobs = TrainingJob.objects.bulk_create(
        TrainingJob(
            name=f"job-{at}", status="Completed", algorithm="xgboost", owner=alice,
            progress={"round": 1000, "metric": "validation:auc", "goal": "max", "value": 0.7, "best": 0.6 + at / 1000,
                      "best_round": 9, "curve": []},
        )
        for at in range(50)
    )  # fmt: skip
    MetricPoint.objects.bulk_create(
        (MetricPoint(job=job, name="validation:auc", round=at, value=at / 1e3) for job in jobs for at in range(1000)),
        batch_size=10_000,
    )
    browser = signed_in(vera)
    with django_assert_max_num_queries(14):
        page = browser.get(address(*(f"job-{at}" for at in range(50)), path=JOBS)).text
    assert page.count('class="pl-line') == 50 and len(page) < 600_000


def test_lists_offer_compare_to_everybody_without_a_script(signed_in, vera, model_of):
    model_of("first")
    browser = signed_in(vera)
    assert 'formaction="/models/-/compare/"' in browser.get("/models/").text
    assert 'action="/jobs/-/compare/"' in browser.get("/jobs/").text
    assert 'name="name" value="first"' in browser.get("/models/").text


def test_a_clone_links_to_the_comparison_with_its_origin(signed_in, vera, model_of):
    origin, clone = model_of("first"), model_of("second")
    browser = signed_in(vera)
    assert "Compare with" not in browser.get("/models/second/").text
    clone.cloned_from = origin
    clone.save()
    assert 'href="/models/-/compare/?name=first&amp;name=second"' in browser.get("/models/second/").text


def test_models_without_a_label_compare_by_their_figures_without_intervals(signed_in, vera, model_of):
    for name in ("first", "second"):
        job = model_of(name).job
        document = unlabelled_document_of("clusters")
        if name == "second":
            metrics_of = [figure | {"value": figure["value"] + 0.1} for figure in document["metrics"]]
            document = document | {"metrics": metrics_of}
        Evaluation.objects.create(job=job, status="Done", document=document, predictions_uri="s3://b/p.csv")
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert "B is better by 0.100 Silhouette" in page and "Nothing says which answer is right" in page
    assert "same 600 test rows" not in page
    Evaluation.objects.update(document=unlabelled_document_of("anomalies"))
    page = words(signed_in(vera).get(address("first", "second")).text)
    assert "Flagged rows" in page and "better by" not in page.partition("As training reported")[0].replace("AUC", "")


def test_the_latency_of_endpoints_is_compared_where_it_is_known(signed_in, vera, alice, model_of):
    table = table_of("binary")
    for name, latency in (("first", 40.0), ("second", 12.5)):
        model = model_of(name, table)
        model.endpoint = Endpoint.objects.create(name=name, model=model, owner=alice, latency_p95=latency)
        model.save()
    page = signed_in(vera).get("/models/-/compare/?name=first&name=second").text
    row = page.partition("Latency of its endpoint (p95)")[2].partition("</tr>")[0]
    assert "40 ms" in row and "12 ms" in row and "-28 ms" in row
    Endpoint.objects.update(latency_p95=None)
    assert "Latency of its endpoint" not in signed_in(vera).get("/models/-/compare/?name=first&name=second").text
