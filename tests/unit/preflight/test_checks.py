"""What single checks say, in their exact words where a person reads them."""

import io
from dataclasses import replace

import polars as pl
import pytest

import preflight
from common import messages
from jobs.request import spec_of_request
from jobs.spec import JobSpec
from preflight import AccountQueryError, JobData, Report, Usage, apply_fix
from tables import Recipe, inspect
from tests.corpus.bad_jobs import ROLE, CorpusAccount
from tests.unit.preflight.conftest import table


def finding_of(report: Report, id: str) -> preflight.Finding:
    (finding,) = report.of(id)
    return finding


def test_a_clean_table_has_nothing_against_it_and_says_how_much_was_read(store, put):
    report = preflight.run(JobSpec(data_uri=put(table()), recipe=Recipe(target="churned")), store)
    assert not report.blocks and report.rows == 60 and report.complete
    width = next(f for f in report.findings if f.id == "format.width")
    assert (width.title, width.text) == ("Every row has the same number of cells", "All 60 rows were read.")


def test_a_look_at_the_beginning_never_claims_the_whole_table(store, put):
    uri = put(table(120_000))
    report = preflight.run(JobSpec(data_uri=uri, recipe=Recipe(target="churned")), store, full=False)
    assert not report.complete and 0 < report.rows < 120_000
    width = next(f for f in report.findings if f.id == "format.width")
    assert width.text == f"The first {report.rows:,} rows were read, not the whole table."


def test_an_eta_of_one_and_a_half(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), hyperparameters={"eta": "1.5"})
    findings = finding_of(preflight.run(job, store), "hyperparameters.values")
    assert (findings.level, findings.field, findings.title) == ("err", "hp-eta", "eta cannot be 1.5")
    assert findings.text == "Learning rate takes a number, 0 to 1."
    assert findings.raw == "Hyperparameter eta: 1.5 is not in [0, 1]"
    assert [fix.label for fix in findings.fixes] == ["Set eta to 1", "Leave eta out"]


def test_all_wrong_hyperparameters_at_once(store, put):
    hyperparameters = {"eta": "1.5", "max_depth": "six", "n_estimators": "9"}
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), hyperparameters=hyperparameters)
    report = preflight.run(job, store)
    assert {f.field for f in report.of("hyperparameters.values")} == {"hp-eta", "hp-max_depth", "hp-n_estimators"}
    other = next(f for f in report.findings if f.field == "hp-n_estimators")
    assert other.fixes[0].changes == {"hp-n_estimators": None, "hp-num_round": "9"}


def test_a_header_that_the_container_would_learn_from(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(prepare=False), hyperparameters={"num_round": "5"})
    findings = finding_of(preflight.run(job, store), "format.header")
    assert (findings.title, findings.line, findings.silent) == ("The first row is column names", 1, True)
    assert findings.file == "s3://team/train.csv" and findings.raw == ""
    old = finding_of(preflight.run(replace(job, image_tag="latest"), store), "format.header")
    assert not old.silent and old.raw.startswith("Non-numeric value 'c' found in the header line")


def test_data_that_was_replaced_since_it_was_inspected(store, put):
    uri = put(table())
    etag = inspect(store, uri).etag
    put(table(70))
    report = preflight.run(JobSpec(data_uri=uri, recipe=Recipe(target="churned")), store, etag=etag)
    findings = finding_of(report, "location.changed")
    assert findings.title == "The data has changed since it was inspected"
    assert findings.text == f"{uri} has changed since it was inspected. Look at the data again."


def test_raw_data_that_was_replaced_since_it_was_inspected(store, put):
    body = table().partition("\n")[2].replace("basic", "1").replace("plus", "2")
    uri = put(body)
    job = JobSpec(data_uri=uri, recipe=Recipe(prepare=False), hyperparameters={"num_round": "5"})
    etag = inspect(store, uri).etag
    assert not preflight.run(job, store, etag=etag).blocks
    put(body + body)
    assert finding_of(preflight.run(job, store, etag=etag), "location.changed").level == "err"


def test_a_bucket_that_the_role_may_not_read(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), role_arn=ROLE, region="us-east-1")
    findings = finding_of(preflight.run(job, store, CorpusAccount(denied=("s3:GetObject",))), "location.permission")
    assert findings.title == "Role SageMakerRole can't read s3://team/train.csv (s3:GetObject)"
    assert findings.field == "role_arn" and "AccessDenied" in findings.raw


def test_what_cannot_be_told_is_said_and_not_passed(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), role_arn=ROLE, region="us-east-1")
    account = CorpusAccount(training_instances=AccountQueryError("Quotas may not be read here."))
    report = preflight.run(job, store, account)
    findings = finding_of(report, "account.quota")
    assert findings.unknown and findings.level == "warn" and findings.text == "Quotas may not be read here."
    assert report.unknown and not report.blocks


def test_a_quota_that_is_too_small_blocks_and_one_in_use_warns(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), role_arn=ROLE, region="us-east-1")
    assert (
        finding_of(preflight.run(job, store, CorpusAccount(training_instances=Usage(0))), "account.quota").level
        == "err"
    )
    assert (
        finding_of(preflight.run(job, store, CorpusAccount(training_instances=Usage(2, 2))), "account.quota").level
        == "warn"
    )


def test_a_cell_that_is_no_number_is_named_with_its_row_and_line(store, put):
    body = table().splitlines()
    body[9] = "0,12,12ab,plus"
    report = preflight.run(JobSpec(data_uri=put("\n".join(body) + "\n"), recipe=Recipe(target="churned")), store)
    findings = finding_of(report, "columns.numbers")
    assert (findings.row, findings.line, findings.column, findings.value) == (9, 10, "spend", "12ab")
    assert [fix.changes for fix in findings.fixes][:2] == [
        {"recipe.bad_cells": {"spend": "missing"}},
        {"recipe.bad_cells": {"spend": "drop"}},
    ]


def test_old_macintosh_line_ends_and_empty_objects_are_warned_of(store, put):
    body = table().partition("\n")[2].replace("basic", "1").replace("plus", "2")
    put(body.replace("\n", "\r"), "train/a.csv")
    put("", "train/b.csv")
    job = JobSpec(data_uri="s3://team/train/", recipe=Recipe(prepare=False), hyperparameters={"num_round": "5"})
    report = preflight.run(job, store)
    assert (
        finding_of(report, "format.line_ends").level == "warn" and finding_of(report, "location.empty").level == "warn"
    )
    assert not report.blocks and report.rows == 60


def test_a_parquet_column_of_text_is_no_food_for_the_container(store, put):
    out = io.BytesIO()
    pl.read_csv(table().encode()).write_parquet(out)
    job = JobSpec(
        data_uri=put(out.getvalue(), "train.parquet"),
        recipe=Recipe(prepare=False),
        channels={"train": "s3://team/train.parquet"},
        content_types={"train": "application/x-parquet"},
        hyperparameters={"num_round": "5"},
    )
    assert finding_of(preflight.run(job, store), "format.parquet").column == "plan"


def test_a_table_too_large_for_the_memory(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), instance_type="ml.m5.large")
    inspection = inspect(store, job.data_uri, job.recipe)
    inspection.complete, inspection.rows_total = False, 4_000_000_000
    finding = finding_of(preflight.check(job, JobData(inspection)), "compute.memory")
    assert finding.level == "err" and finding.raw == "exit code 137"


def test_a_request_is_checked_as_it_stands(store, put):
    put(table())
    request = {
        "TrainingJobName": "churn",
        "AlgorithmSpecification": {
            "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
            "TrainingInputMode": "File",
        },
        "RoleArn": ROLE,
        "HyperParameters": {"num_round": "5"},
        "InputDataConfig": [
            {"ChannelName": "training", "DataSource": {"S3DataSource": {"S3Uri": "s3://team/train.csv"}}},
        ],
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    job = spec_of_request(request)
    assert (job.image_tag, job.region, job.algorithm) == ("1.7-1", "us-east-1", "xgboost")
    results = [f.raw for f in preflight.run(job, store).findings if f.level == "err"]
    assert "Missing required channel: train" in results


def test_a_report_comes_back_from_its_json(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), hyperparameters={"eta": "7"})
    report = preflight.run(job, store)
    assert Report.from_json(report.as_json()) == report


def test_a_report_that_was_stored_by_an_earlier_version_opens():
    finding = {
        "id": "reading.width", "level": "err", "title": "1 row has another number of cells", "text": "Correct it.",
        "field": "data_uri", "file": "s3://team/a.csv", "row": 3, "line": 4, "column": "", "value": "4 cells",
        "fixes": [{"label": "Leave out 1 row", "changes": {"recipe.ragged": "drop"}}], "raw": "", "silent": False,
        "unknown": False, "handled": False,
    }  # fmt: skip
    stored = {"findings": [finding], "rows": 9, "complete": True, "etag": "e", "seconds": 0.5}
    report = Report.from_json(stored | {"blocks": True, "counts": {"err": 1, "warn": 0, "ok": 0}})
    assert report.blocks and report.of("reading.width")[0].fixes[0].changes == {"recipe.ragged": "drop"}


def test_texts_are_translated_when_they_are_made(store, put):
    job = JobSpec(data_uri=put(table()), recipe=Recipe(target="churned"), hyperparameters={"eta": "7"})
    korean = {"%(name)s cannot be %(value)s": "%(name)s: %(value)s은(는) 사용할 수 없습니다"}
    was = messages._gettext, messages._ngettext
    messages.use(lambda text: korean.get(text, text), was[1])
    try:
        assert (
            finding_of(preflight.run(job, store), "hyperparameters.values").title == "eta: 7은(는) 사용할 수 없습니다"
        )
    finally:
        messages.use(*was)


def test_what_is_done_about_a_table_is_said_where_its_check_passes(store, put):
    rows = "".join(f"{i % 9};{i},5;2024-0{i % 9 + 1}-11;{'abcdefg'[i % 7]}\n" for i in range(80))
    uri = put(f"n;price;day;kind\n{rows}".encode())
    job = JobSpec(data_uri=uri, recipe=Recipe(target="kind"), hyperparameters={"num_round": "5"})
    notes = {one.id: one.text for one in preflight.run(job, store).findings if one.handled}
    assert notes == {
        "format.delimiter": "Cells are separated by semicolons.",
        "format.header": "The first row holds the column names.",
        "columns.numbers": "Read with a decimal comma: price.",
        "columns.text": "Dates become day, year, month and weekday: day.",
        "target.column": "Column kind is put first, where the algorithm looks for it.",
        "target.classes": "Labels are numbered from 0: a is 0, b is 1, c is 2, d is 3 and 3 more.",
    }


def test_nothing_is_claimed_of_data_that_nobody_could_read(store):
    report = preflight.run(JobSpec(data_uri="s3://never-made/t.csv", hyperparameters={"num_round": "5"}), store)
    assert report.blocks
    assert {one.id.partition(".")[0] for one in report.findings if one.level == "ok"}.isdisjoint({"format", "target"})


@pytest.mark.parametrize(
    ("changes", "field", "fix"),
    [
        ({"algorithm": "linear-learner"}, "instance_count", {"instance_count": 1}),
        ({"instance_count": 21}, "instance_count", {"instance_count": 1}),
        ({"hyperparameters": {"num_round": "5", "booster": "gblinear"}}, "hp-booster", {"instance_count": 1}),
        ({"recipe": Recipe(target="churned", refit=True, folds=True)}, "recipe.folds", {"recipe.folds": False}),
    ],
    ids=["algorithm", "too many", "linear booster", "folds"],
)
def test_the_engine_names_what_keeps_a_job_from_several_instances_and_amazon_takes_it(store, put, changes, field, fix):
    job = JobSpec(data_uri=put(table(400)), recipe=Recipe(target="churned"), instance_count=2)

    def errors(job: JobSpec, is_amazon: bool) -> list[preflight.Finding]:
        findings = preflight.run(job, store, CorpusAccount(is_amazon=is_amazon)).of("compute.count")
        return [finding for finding in findings if finding.level == "err"]

    assert errors(job, is_amazon=False) == []
    (refused,) = errors(job.but(**changes), is_amazon=False)
    assert (refused.field, refused.fixes[0].changes) == (field, fix)
    assert errors(job.but(**changes), is_amazon=True) == []


def test_instances_that_get_all_rows_or_none_are_told_of_before_they_are_billed(store, put):
    uri = put(table(400))
    two = JobSpec(data_uri=uri, instance_count=2, data_distribution="FullyReplicated")
    (warning,) = preflight.run(two, store).of("compute.count")
    assert (warning.level, warning.title) == ("warn", "Each of the 2 instances gets all rows")
    assert preflight.run(apply_fix(two, warning.fixes[0].changes), store).of("compute.count") == []
    (warning,) = preflight.run(two.but(algorithm="lightgbm"), store).of("compute.count")
    assert [fix.changes for fix in warning.fixes] == [{"instance_count": 1}], "it cannot divide them"
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "ShardedByS3Key"}
    channel = {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
    request = {
        "AlgorithmSpecification": {"TrainingImage": image},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 30},
        "InputDataConfig": [channel],
    }
    (warning,) = preflight.run(spec_of_request(request), store).of("compute.count")
    assert warning.level == "warn" and warning.text.startswith("2 instances share 1.")
