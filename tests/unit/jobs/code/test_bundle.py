"""What a job with own code is sent: the same files and the same request as the SDK sends for that class."""

import gzip
import importlib
import io
import sys
import tarfile

import pytest

from jobs.code.bundle import archive, class_files, runner_files, source_files
from jobs.code.kinds import CLASS, SKLEARN, XGBOOST
from jobs.code.request import image_uri, metric_definitions
from jobs.code.spec import CodeSpec
from jobs.code_plan import plan_code, plan_code_prepared
from jobs.snippets import programs
from jobs.spec import JobSpec
from sagewright.planner.operations import class_environment, class_settings
from sagewright.sdk.bundle import bundle_of
from tables import Recipe

RULE = '''"""A rule."""
from sagewright import Model


class Rule(Model):
    def train(self, data, *, depth: int = 6, deep: bool = False):
        self.log(auc=0.5, loss=1.0)

    def predict(self, rows):
        return [0] * len(rows)
'''
_METRICS = [{"Name": n, "Regex": rf"metrics .*?\b{n}=([-+0-9.einaf]+);"} for n in ("auc", "loss")]
OPTIONS = {"data": {"target": "y", "header": True}}


@pytest.fixture
def rule(tmp_path, monkeypatch):
    """The class, imported from a file of its own, as a person's program has it."""
    (tmp_path / "rule.py").write_text(RULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("rule").Rule
    sys.modules.pop("rule")


def spec_of(code: CodeSpec, **changed) -> JobSpec:
    parameters = {
        "name": "rule-1", "algorithm": "code", "code": code.as_json(), "region": "us-east-1",
        "data_uri": "s3://b/t.csv", "role_arn": "arn:aws:iam::123456789012:role/r", "output_uri": "s3://b/out",
        "recipe": Recipe(validation="none"),
    }  # fmt: skip
    return JobSpec(**parameters | changed)


def test_console_and_sdk_send_the_same_files_for_the_same_class(rule):
    code = CodeSpec(CLASS, "rule:Rule", RULE)

    ours = {n: t.decode() for n, t in source_files(code, code.check, {}, OPTIONS).items()}
    theirs = {n: t.decode() for n, t in bundle_of(rule, OPTIONS, runner_files).files.items()}

    assert ours.keys() == theirs.keys()
    for name in theirs:
        assert ours[name] == theirs[name], name


def test_console_and_sdk_look_for_metrics_and_host_in_the_same_way():
    code = CodeSpec(CLASS, "rule:Rule", RULE)
    plan = plan_code_prepared(spec_of(code), {"data": "s3://b/t.csv"}, {"data": "text/csv"}, {})

    assert metric_definitions(code, ("auc",)) == _METRICS[:1]
    assert plan.hosting_environment == class_environment("us-east-1")
    assert class_settings({}, "s3://b/c", "j", "us-east-1", ["auc", "loss"])["MetricDefinitions"] == _METRICS


def test_the_request_is_script_mode():
    code = CodeSpec(CLASS, "rule:Rule", RULE)

    request = plan_code(spec_of(code, hyperparameters={"depth": "7", "deep": "yes"}), None).training_job()

    assert request["HyperParameters"] == {
        "depth": "7", "deep": "true", "sagemaker_program": '"train.py"',
        "sagemaker_submit_directory": '"s3://b/out/rule-1/source/sourcedir.tar.gz"',
        "sagemaker_container_log_level": "20", "sagemaker_job_name": '"rule-1"', "sagemaker_region": '"us-east-1"',
    }  # fmt: skip
    assert request["AlgorithmSpecification"] == {
        "TrainingInputMode": "File",
        "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        "MetricDefinitions": _METRICS,
    }
    assert [c["ChannelName"] for c in request["InputDataConfig"]] == ["data"]


def test_a_script_keeps_its_name_and_its_framework():
    code = CodeSpec(XGBOOST, "train.py", "print('x')\n", types={"eta": "float"})

    plan = plan_code(spec_of(code, hyperparameters={"eta": "0.5", "name": "two words"}), None)
    settings = plan.training_job()["HyperParameters"]

    assert "sagemaker-xgboost:" in image_uri(code, "us-east-1")
    assert (settings["eta"], settings["name"], settings["sagemaker_program"]) == ("0.5", '"two words"', '"train.py"')
    assert plan.hosting_environment["SAGEMAKER_SUBMIT_DIRECTORY"] == plan.source_uri


def test_code_with_a_problem_is_not_launched_and_its_programs_say_why():
    plan = plan_code(spec_of(CodeSpec(CLASS, "rule:Rule", "x = (")), None)

    assert plan.problems[0].field == "code_text"
    assert "never closed" in programs(plan)[0].code


def test_the_programs_name_the_source():
    plan = plan_code(spec_of(CodeSpec(CLASS, "rule:Rule", RULE)), None)

    texts = {program.key: program.code for program in programs(plan)}

    assert list(texts) == ["sagewright", "boto3", "cli", "terraform"]
    assert "# The console writes the code to s3://b/out/rule-1/source/sourcedir.tar.gz." in texts["boto3"]
    assert "    job = model.fit(\n        TrainingInstance(" in texts["sagewright"]
    for key in ("sagewright", "boto3"):
        compile(texts[key], key, "exec")


def test_the_program_of_a_script_is_the_estimator_of_its_framework():
    plan = plan_code(spec_of(CodeSpec(XGBOOST, "train.py", "x = 1\n"), hyperparameters={"eta": "0.5"}), None)

    assert "from sagemaker.xgboost import XGBoost" in programs(plan)[0].code
    compile(programs(plan)[0].code, "sdk", "exec")


def test_an_archive_has_the_other_files_too_and_the_same_bytes_each_time():
    code = CodeSpec(SKLEARN, "src/train.py", "x = 1\n", requirements="pandas==2.3")
    files = source_files(code, code.check, {"src/help.py": b"y = 2\n", "src/train.py": b"old\n"}, {})

    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive(files)))) as tar:
        read = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}

    assert read == {"src/help.py": b"y = 2\n", "src/train.py": b"x = 1\n", "requirements.txt": b"pandas==2.3\n"}
    assert archive(files) == archive(dict(reversed(files.items())))


def test_a_class_travels_with_its_runtime():
    code = CodeSpec(CLASS, "pack.rule:Rule", RULE)

    files = class_files(code, code.check, OPTIONS)

    assert {"train.py", "inference.py", "sagewright/__init__.py", "sagewright/runtime/job.py"} <= files.keys()
    assert code.file == "pack/rule.py"
