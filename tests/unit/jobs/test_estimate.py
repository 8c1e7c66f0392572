"""What training takes and costs: measured where an algorithm says so, and not known where it does not."""

from dataclasses import replace

import pytest

import algorithms
from jobs import JobSpec
from jobs.estimate import estimate, estimated_facts
from jobs.instances import BY_NAME, FAMILIES, INSTANCES, PRICE_DATE, larger
from preflight.check_context import CheckContext
from preflight.checks.compute import time as check_time
from tables import Column, Inspection, Recipe
from tests.corpus.cases import table as prepared_table


def table(**changed) -> Inspection:
    columns = [Column("y", "binary", "target", "number", unique=2), Column("a", "int", kind="number", unique=9)]
    plain = {
        "uri": "s3://b/t.csv", "etag": "e", "format": "csv", "delimiter": ",", "has_header": False, "columns": columns,
        "rows": [], "size": 100, "rows_seen": 100, "complete": True, "target_suggestion": "y", "task": "binary",
        "objects": 1,
    }  # fmt: skip
    return Inspection(**plain | changed)


def spec(**changed) -> JobSpec:
    return JobSpec(**{"name": "churn", "data_uri": "s3://b/t.csv", "recipe": Recipe(validation="none")} | changed)


@pytest.fixture
def measured(monkeypatch) -> None:
    """XGBoost takes 100 s on one ml.m5.large, and 10 GiB."""
    known = replace(algorithms.get("xgboost"), seconds=lambda values, facts: 100.0, memory=lambda values, facts: 10e9)
    monkeypatch.setitem(algorithms.ALGORITHMS, "xgboost", known)


def test_more_vcpus_are_quicker_but_not_twice_as_quick(measured):
    large = table(complete=False, rows_seen=5000, rows_total=1_000_000)
    one, two = (estimate(spec(instance_type=t), large).seconds for t in ("ml.m5.large", "ml.m5.xlarge"))
    assert one == (50, 200)
    assert one[0] / 2 < two[0] < one[0]


def test_a_small_table_trains_no_quicker_on_a_large_instance(measured):
    one, many = (estimate(spec(instance_type=t), table()) for t in ("ml.m5.large", "ml.m5.4xlarge"))
    assert one.seconds == many.seconds and many.dollars[0] > 7 * one.dollars[0]


@pytest.mark.parametrize("rows", [300, 20_000, 3_000_000])
@pytest.mark.parametrize("algorithm", sorted(algorithms.ALGORITHMS))
def test_no_instance_type_of_amazon_s_makes_an_estimate_absurd(algorithm, rows):
    one = table(complete=False, rows_seen=300, rows_total=rows)
    for preset in algorithms.get(algorithm).presets.values():
        seconds = {
            i.name: estimate(spec(algorithm=algorithm, hyperparameters=dict(preset), instance_type=i.name), one)
            for i in INSTANCES
        }
        first = seconds["ml.m5.large"].seconds
        assert first and 0 < first[0] < first[1] < 24 * 3600
        for name, estimated in seconds.items():
            assert first[0] * 2 / BY_NAME[name].vcpu <= estimated.seconds[0] <= first[0]
            assert estimated.dollars[0] >= 60 * BY_NAME[name].usd / 3600  # a minute is billed at least


def test_a_refit_is_in_the_time_that_preflight_compares_with_the_limit(measured):
    large = prepared_table("a,b,y\n" + "1,2,0\n2,3,1\n" * 100, target="y", refit=True, validation="share")
    context = CheckContext(replace(large.job, max_runtime=150), large.data)
    (finding,) = check_time(context)
    assert finding.level == "warn" and "225" in finding.title
    assert not list(check_time(CheckContext(replace(large.job, max_runtime=300), large.data)))


def test_time_costs_what_the_price_list_says_and_what_does_not_fit_is_told(measured):
    estimate_ = estimate(spec(), table())
    assert estimate_.dollars == pytest.approx([(50 + 60) * 0.115 / 3600, (200 + 60) * 0.115 / 3600])
    assert (estimate_.time, estimate_.cost) == ("50 s to 3 min", "under $0.01")
    assert replace(estimate_, seconds=(0.2, 0.8)).time == "Up to 1 s"
    assert not estimate_.fits and estimate(spec(instance_type="ml.m5.xlarge"), table()).fits
    assert estimate(spec(max_runtime=40), table()).too_long


def test_three_instances_cost_three_times(measured):
    one, three = (estimate(spec(instance_count=n), table()) for n in (1, 3))
    assert three.dollars == pytest.approx([3 * dollars for dollars in one.dollars])
    assert three.limit_dollars == pytest.approx(3 * one.limit_dollars) and three.day == one.day


def test_what_is_not_known_is_said_to_be_not_known():
    unknown = estimate(spec(), None)
    assert unknown.seconds is None and unknown.dollars is None
    assert (unknown.time, unknown.cost) == ("Not known", "Not known")
    assert not unknown.too_long and unknown.fits


@pytest.mark.parametrize(
    ("limit", "seconds", "by_cost"), [(None, 3600, False), (100.0, 3600, False), (0.01, 193, True)]
)
def test_the_limit_is_the_smaller_of_time_and_money(limit, seconds, by_cost):
    estimate_ = estimate(spec(cost_limit=limit), None)
    assert (round(estimate_.limit), estimate_.limited_by_cost) == (seconds, by_cost)
    if by_cost:
        assert estimate_.limit_dollars == pytest.approx(limit)


def test_rows_are_those_of_the_whole_table_without_those_held_out():
    big = table(complete=False, rows_seen=5000, rows_total=50_000)
    facts = estimated_facts(spec(recipe=Recipe(target="y", excluded=["a"])), big)
    assert (facts.rows, facts.features, facts.task, facts.classes, facts.validation) == (40_000, 0, "binary", 2, True)


ROWS = [
    (("red", "green", "blue")[i % 3], f"2024-01-{i % 28 + 1:02}", f"street {i} of {i % 7}", i, i % 2) for i in range(90)
]
WIDE = "colour,day,note,n,y\n" + "".join(f"{','.join(map(str, row))}\n" for row in ROWS)


def test_directions_of_columns_are_no_counts_of_classes():
    tried = prepared_table(WIDE, target="y", monotone={"n": "up"}, validation="none")
    facts = CheckContext(tried.job, tried.data).facts
    assert facts.class_counts == () and 1 in facts.monotone


@pytest.mark.parametrize("algorithm", ["xgboost", "lightgbm", "linear-learner", "knn", "factorization-machines", "pca"])
def test_features_are_those_that_preparing_makes(algorithm):
    known = algorithms.get(algorithm)
    # A sparse record has a column for each text of the training rows; before these are chosen, of all rows.
    changes = {"validation": "none"} if "sparse" in known.data.categories else {}
    tried = prepared_table(WIDE, target="y" if known.supervised else "", algorithm=algorithm, **changes)
    facts = estimated_facts(tried.job, tried.inspection)
    real = tried.prepared.data.facts
    assert (facts.features, facts.entries, facts.rows) == (real.features, real.entries, real.rows)
    assert real.features > (5 if known.data.categories == "one-hot" else 4)
    assert CheckContext(tried.job, tried.data).facts.features == real.features


def test_a_large_table_has_as_many_rows_as_its_size_suggests():
    large = prepared_table("a,b,y\n" + f"1,{'x' * 95},0\n2,{'z' * 95},1\n" * 100_000, target="y").preview.inspection
    assert not large.complete and estimate(spec(), large).rows == pytest.approx(200_000, rel=0.01)


def test_an_endpoint_costs_what_its_own_type_does():
    assert estimate(spec(instance_type="ml.t3.medium"), None).day == pytest.approx(0.115 * 24)


def test_prices_are_dated_and_grow_with_the_size():
    assert PRICE_DATE[1] == "us-east-1" and PRICE_DATE[0] >= "2026"
    for family in FAMILIES:
        costs = [instance.usd / instance.memory for instance in family.types]
        assert max(costs) < 1.05 * min(costs), family  # AWS charges in proportion within a family
    assert larger("ml.m5.large") == "ml.m5.xlarge" and larger("ml.m5.4xlarge") == "" and larger("nope") == ""


def test_every_type_can_be_asked_for_and_every_name_is_one_type():
    import botocore.session

    model = botocore.session.get_session().get_service_model("sagemaker")
    known = set(model.shape_for("TrainingInstanceType").enum)
    assert set(BY_NAME) <= known and len(BY_NAME) == len(INSTANCES)
    hosted = set(model.shape_for("ProductionVariantInstanceType").enum)
    assert {instance.name for instance in INSTANCES if instance.hosts} == hosted & set(BY_NAME)
