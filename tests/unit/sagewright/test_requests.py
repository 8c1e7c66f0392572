"""What the SDK sends to AWS: recorded from boto3 where it would go on the wire, and checked by botocore's own model.

botocore validates each request against the service model before the hook here answers it, so a member that AWS does not
know, or of another type, fails the test.
"""

import io
import json
import runpy
import tarfile
from types import SimpleNamespace

import pytest

from jobs.code.kinds import CLASS
from jobs.code.spec import CodeSpec
from jobs.code_plan import plan_code
from jobs.snippets import programs
from jobs.spec import JobSpec
from sagewright import (
    EndpointFailed,
    Model,
    NotFound,
    Predictor,
    PredictorInstance,
    PreflightFailed,
    S3DataSource,
    TrainingInstance,
)
from sagewright.sdk import built_in, errors, hosting, model, training_job
from sagewright.sdk.training_job import TrainingJob
from tables import Recipe
from tests.unit.sagewright import ridge_class
from tests.unit.sagewright.amazon import ROLE, Amazon

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"


ARTIFACT = "s3://data/sagewright/job/output/model.tar.gz"


@pytest.fixture
def planner(monkeypatch):
    """The planner's operations in this process: an AWS of a test's own cannot reach another one."""
    from sagewright.planner.operations import perform

    def ask(operation, progress=None, **arguments):
        answer = perform(operation, arguments, lambda *_: None)
        if error := answer.get("error"):
            raise getattr(errors, error["type"])(error["message"])
        return answer["result"]

    for module in (model, hosting, built_in, training_job):
        monkeypatch.setattr(module, "planner_of", lambda session: SimpleNamespace(ask=ask))


def test_fit_sends_script_mode_of_the_scikit_learn_image(planner):
    aws = Amazon()
    job = ridge_class.Ridge(alpha=1).fit(
        TrainingInstance("ml.c5.xlarge", volume_gb=5, max_runtime=600),
        S3DataSource("s3://data/train/", target="y"),
        validation=S3DataSource("s3://data/more.csv", content_type="text/csv"),
        wait=False, name="ridge", tags={"team": "a"}, session=aws.session,
    )  # fmt: skip
    bucket = "sagemaker-us-east-1-123456789012"
    code = f"s3://{bucket}/sagewright/{job.name}/source/sourcedir.tar.gz"
    where = {"S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated"}
    assert aws.of("CreateTrainingJob") == {
        "TrainingJobName": job.name,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "mse", "Regex": r"metrics .*?\bmse=([-+0-9.einaf]+);"}],
        },
        "HyperParameters": {
            "alpha": "1.0",
            "label": '"two words"',
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": json.dumps(code),
            "sagemaker_job_name": json.dumps(job.name),
            "sagemaker_container_log_level": "20",
            "sagemaker_region": '"us-east-1"',
        },
        "InputDataConfig": [
            {"ChannelName": "data", "DataSource": {"S3DataSource": where | {"S3Uri": "s3://data/train/"}}},
            {
                "ChannelName": "validation",
                "DataSource": {"S3DataSource": where | {"S3Uri": "s3://data/more.csv"}},
                "ContentType": "text/csv",
            },
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/sagewright"},
        "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "RoleArn": ROLE,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "Tags": [{"Key": "sagewright:class", "Value": "Ridge"}, {"Key": "team", "Value": "a"}],
    }
    put = aws.of("PutObject")
    assert f"s3://{put['Bucket']}/{put['Key']}" == code
    with tarfile.open(fileobj=io.BytesIO(put["Body"])) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("sagewright_model.json"))
    assert {"train.py", "inference.py", "tests/unit/sagewright/ridge_class.py"} <= set(names)
    assert manifest["module"] == "tests.unit.sagewright.ridge_class"
    assert manifest["channels"]["data"] == {"kind": "table", "target": "y", "header": None}


RULE = """
from sagewright import Model


class Rule(Model):
    def train(self, data, *, depth: int = 6, deep: bool = False):
        self.log(auc=0.5)

    def predict(self, rows):
        return [0] * len(rows)
"""


def test_the_program_under_view_as_code_sends_what_the_console_sends(planner, monkeypatch, tmp_path):
    spec = JobSpec(
        name="rule", algorithm="code", code=CodeSpec(CLASS, "rule:Rule", RULE).as_json(), region="us-east-1",
        data_uri="s3://data/t.csv", role_arn=ROLE, output_uri="s3://b/sagewright", instance_type="ml.c5.xlarge",
        max_runtime=600, hyperparameters={"depth": "7", "deep": "yes"}, recipe=Recipe(target="y", validation="none"),
    )  # fmt: skip
    plan = plan_code(spec, None)
    described = {"TrainingJobStatus": "Completed", "TrainingJobName": "j", "TrainingJobArn": "arn:j"}
    aws = Amazon(
        DescribeTrainingJob=described | {"ModelArtifacts": {"S3ModelArtifacts": ARTIFACT}},
        DescribeEndpoint={"EndpointStatus": "InService"},
    )
    monkeypatch.setattr(model, "default_session", lambda: aws.session)
    program = next(p.code for p in programs(plan) if p.key == "sagewright")
    (tmp_path / "rule.py").write_text(program)
    runpy.run_path(str(tmp_path / "rule.py"), run_name="__main__")
    sent, wanted = aws.of("CreateTrainingJob"), plan.training_job()
    for name in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition", "RoleArn"):
        assert sent[name] == wanted[name]
    own = {"sagemaker_submit_directory", "sagemaker_job_name"}
    assert {n: v for n, v in sent["HyperParameters"].items() if n not in own} == {
        n: v for n, v in wanted["HyperParameters"].items() if n not in own
    }
    assert [(c["ChannelName"], c["DataSource"]) for c in sent["InputDataConfig"]] == [
        (c["ChannelName"], c["DataSource"]) for c in wanted["InputDataConfig"]
    ]
    assert aws.of("CreateModel")["PrimaryContainer"]["Environment"] == plan.hosting_environment
    assert aws.of("CreateEndpoint")["EndpointName"] == "rule"


def test_deploy_sends_the_three_requests_and_the_code_is_in_the_artifact(planner):
    aws = Amazon()
    predictor = ridge_class.Ridge().deploy(
        PredictorInstance("ml.t2.medium", 2), S3DataSource(ARTIFACT), name="live", wait=False, session=aws.session
    )
    name = aws.of("CreateModel")["ModelName"]
    assert predictor.name == "live" and name.startswith("live-")
    assert aws.of("CreateModel") == {
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {
            "Image": IMAGE,
            "ModelDataUrl": ARTIFACT,
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
                "SAGEMAKER_REGION": "us-east-1",
            },
        },
    }
    (variant,) = aws.of("CreateEndpointConfig")["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"], variant["ModelName"]) == ("ml.t2.medium", 2, name)
    assert aws.of("CreateEndpoint") == {"EndpointName": "live", "EndpointConfigName": name}


def test_what_was_made_is_deleted_when_the_endpoint_is_refused(planner):
    error = {"Error": {"Code": "ValidationException", "Message": "Cannot create already existing endpoint"}}
    aws = Amazon(CreateEndpoint=error, DeleteModel={}, DeleteEndpointConfig={})
    with pytest.raises(EndpointFailed, match=r"already existing endpoint Give deploy\(..., name=...\) another name"):
        ridge_class.Ridge().deploy(artifact=ARTIFACT, name="live", session=aws.session)
    assert aws.of("DeleteModel")["ModelName"] == aws.of("CreateModel")["ModelName"]
    assert aws.of("DeleteEndpointConfig")


def test_nothing_is_sent_when_something_is_wrong(planner):
    aws = Amazon(ListObjectsV2={"KeyCount": 0})
    ridge = ridge_class.Ridge()
    with pytest.raises(NotFound, match="There is nothing at s3://data/none/"):
        ridge.fit(S3DataSource("s3://data/none/"), session=aws.session)
    with pytest.raises(TypeError, match="No data is given for data"):
        ridge.fit(TrainingInstance(), session=aws.session)
    with pytest.raises(TypeError, match="has no further channel nix"):
        ridge.fit(S3DataSource("s3://a/b"), nix=S3DataSource("s3://a/b"), session=aws.session)
    with pytest.raises(ValueError, match="no instance type of SageMaker"):
        TrainingInstance("m5.large")
    assert "CreateTrainingJob" not in dict(aws.sent)


def test_a_target_that_is_no_column_is_told_before_anything_starts(planner):
    listed = {"KeyCount": 2, "Contents": [{"Key": "train/_SUCCESS"}, {"Key": "train/part-0.csv"}]}
    aws = Amazon(ListObjectsV2=listed, GetObject={"Body": io.BytesIO(b"a;b;y\n1;2;3\n")})
    with pytest.raises(
        PreflightFailed, match="part-0.csv has no column 'label' to be the target of data.*: a, b, y. N"
    ):
        ridge_class.Ridge().fit(S3DataSource("s3://data/train/", target="label"), session=aws.session)
    assert "CreateTrainingJob" not in dict(aws.sent)


def test_only_the_base_class_offers_the_algorithms(planner):
    with pytest.raises(AttributeError, match="The built-in algorithms are: "):
        _ = Model.nothing
    with pytest.raises(AttributeError):
        _ = ridge_class.Ridge.nothing


def test_an_update_that_sagemaker_took_back_keeps_what_is_hosted(planner):
    aws = Amazon(
        DescribeEndpoint={
            "EndpointStatus": "InService", "EndpointConfigName": "old", "EndpointName": "live", "EndpointArn": "arn",
            "FailureReason": "The container did not answer.", "CreationTime": 0, "LastModifiedTime": 0,
        },
        DescribeEndpointConfig={"ProductionVariants": [{"ModelName": "old"}]},
        UpdateEndpoint={},
    )  # fmt: skip
    own = ridge_class.Ridge()
    own._sagewright_job = SimpleNamespace(artifact=ARTIFACT)
    with pytest.raises(EndpointFailed, match="still hosts its former model: The container did not answer"):
        Predictor("live", aws.session).update(own)
    assert not [name for name, _parameters in aws.sent if name.startswith("Delete")]


def test_ctrl_c_ends_the_waiting_and_says_that_the_job_goes_on(capsys, monkeypatch):
    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("sagewright.sdk.training_job.time.sleep", interrupt)
    aws = Amazon(DescribeTrainingJob={"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"})
    with pytest.raises(KeyboardInterrupt):
        TrainingJob("j", aws.session).wait()
    assert "j goes on. Model.attach('j') finds it again" in capsys.readouterr().err
