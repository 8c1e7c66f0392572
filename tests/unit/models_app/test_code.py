"""The form as programs: whatever a person types, the texts stay programs, and say what the console does besides."""

import ast
import shlex
import subprocess
from dataclasses import replace

import pytest

import algorithms
from jobs import JobSpec
from models_app.create import code, estimates
from models_app.create.instances import BY_NAME, INSTANCES, larger
from tables import Column, Inspection, Recipe

NASTY = "a\"b'c$(touch /tmp/x)`id`${path}\\\n# end"


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


@pytest.mark.parametrize("deploy", [True, False])
def test_whatever_is_typed_stays_a_text(deploy):
    typed = spec(
        name=NASTY,
        data_uri=f"s3://{NASTY}",
        endpoint_name=NASTY,
        deploy_when_done=deploy,
        hyperparameters={NASTY: NASTY},
        recipe=Recipe(target=NASTY, excluded=[NASTY]),
    )
    for found in (None, table(has_header=True)):
        made = {s.key: s.code for s in code.snippets(code.plan_of(typed, found))}
        for key in ("boto3", "sdk", "sagewright"):
            ast.parse(made[key])
        assert NASTY in [n.value for n in ast.walk(ast.parse(made["boto3"])) if isinstance(n, ast.Constant)]
        checked = subprocess.run(["bash", "-n"], input=made["cli"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert any(word.startswith(f"NAME={NASTY}") or word.startswith(NASTY) for word in _words(made["cli"]))
        resources = "".join(line for line in made["terraform"].splitlines() if not line.startswith("#"))
        assert "${path}" not in resources.replace("$${path}", "")


def _words(program: str) -> list[str]:
    return shlex.split(program, comments=True)


def test_a_table_that_fits_is_used_in_place_and_another_is_not():
    assert code.is_in_place(spec(), table())
    assert code.is_in_place(spec(recipe=Recipe(prepare=False)), table(has_header=True))
    assert code.is_in_place(spec(), table(format="libsvm"))
    for found in (None, table(has_header=True), table(compression="gzip"), table(delimiter=";")):
        assert not code.is_in_place(spec(), found)
    assert not code.is_in_place(spec(recipe=Recipe()), table())  # rows are held out
    assert not code.is_in_place(spec(recipe=Recipe(validation="none", target="a")), table())
    assert not code.is_in_place(spec(recipe=Recipe(validation="none", excluded=["a"])), table())


def test_what_the_console_does_before_is_said_in_each_text():
    plan = code.plan_of(spec(recipe=Recipe(target="y")), table(has_header=True))
    assert [channel.name for channel in plan.channels] == ["train", "validation"]
    for snippet in code.snippets(plan):
        assert "takes the header row off" in snippet.code and "holds out 20% of the rows" in snippet.code


def test_the_settled_hyperparameters_are_those_the_console_would_send():
    assert code.plan_of(spec(), table()).hyperparameters["objective"] == "binary:logistic"
    assert code.plan_of(spec(), None).hyperparameters == {}


def test_the_cost_limit_shortens_the_programs_too():
    assert code.plan_of(spec(), table()).max_runtime == 3600
    assert code.plan_of(spec(cost_limit=0.05), table()).max_runtime == int(0.05 / 0.115 * 3600) - 120


# Estimates


@pytest.fixture
def measured(monkeypatch) -> None:
    """XGBoost takes 100 s on one ml.m5.large, and 10 GiB."""
    known = replace(algorithms.get("xgboost"), seconds=lambda values, facts: 100.0, memory=lambda values, facts: 10e9)
    monkeypatch.setitem(algorithms.ALGORITHMS, "xgboost", known)


def test_more_vcpus_are_quicker_but_not_twice_as_quick(measured):
    one, two = (estimates.of(spec(instance_type=t), table()).seconds for t in ("ml.m5.large", "ml.m5.xlarge"))
    assert one == (50, 200)
    assert one[0] / 2 < two[0] < one[0]


def test_time_costs_what_the_price_list_says_and_what_does_not_fit_is_told(measured):
    made = estimates.of(spec(), table())
    assert made.dollars == pytest.approx([(50 + 60) * 0.115 / 3600, (200 + 60) * 0.115 / 3600])
    assert (made.time, made.cost) == ("50 s to 3 min", "under $0.01")
    assert replace(made, seconds=(0.2, 0.8)).time == "Up to 1 s"
    assert not made.fits and estimates.of(spec(instance_type="ml.m5.xlarge"), table()).fits
    assert estimates.of(spec(max_runtime=40), table()).too_long


def test_what_is_not_known_is_said_to_be_not_known():
    unknown = estimates.of(spec(), None)
    assert unknown.seconds is None and unknown.dollars is None
    assert (unknown.time, unknown.cost) == ("Not known", "Not known")
    assert not unknown.too_long and unknown.fits


@pytest.mark.parametrize(
    ("limit", "seconds", "by_cost"), [(None, 3600, False), (100.0, 3600, False), (0.01, 193, True)]
)
def test_the_limit_is_the_smaller_of_time_and_money(limit, seconds, by_cost):
    made = estimates.of(spec(cost_limit=limit), None)
    assert (round(made.limit), made.limited_by_cost) == (seconds, by_cost)
    if by_cost:
        assert made.limit_dollars == pytest.approx(limit)


def test_rows_are_counted_or_told_from_the_size():
    assert estimates.rows_about(table()) == 100
    big = table(complete=False, size=10 * estimates.HEAD, rows_seen=5000)
    assert estimates.rows_about(big) == 50_000
    facts = estimates.facts_of(spec(recipe=Recipe(target="y", excluded=["a"])), big)
    assert (facts.rows, facts.features, facts.task, facts.classes, facts.validation) == (40_000, 0, "binary", 2, True)


def test_prices_are_dated_and_grow_with_the_size():
    from models_app.aws import prices

    assert prices.as_of()[1] == "us-east-1" and prices.as_of()[0] >= "2026"
    for family in prices.families():
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


def test_an_endpoint_is_never_asked_for_on_a_type_that_hosts_nothing():
    small = spec(instance_type="ml.t3.medium")
    assert estimates.of(small, None).day == pytest.approx(0.115 * 24)
    for snippet in code.snippets(code.plan_of(small, table())):
        if snippet.key in ("boto3", "cli", "sdk"):
            assert snippet.code.count("ml.t3.medium") == 1 and "ml.m5.large" in snippet.code


def test_a_plan_says_the_same_in_every_text():
    plan = replace(code.plan_of(spec(), table()), image="registry/image:1")
    for snippet in code.snippets(plan):
        if snippet.key != "sagewright":  # which knows the algorithm by its name
            assert "registry/image:1" in snippet.code
