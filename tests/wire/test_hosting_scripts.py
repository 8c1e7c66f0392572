"""Models with a script of their own through the wire: the hosting worker's own code loads them before they serve."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from engine.hosting.tasks import deploy
from engine.models import Endpoint
from engine.services import endpoints
from sandbox import level
from tests.wire import asks
from tests.wire.conftest import BUCKET
from tests.wire.test_training_scripts import SKLEARN, archive

SCRIPT = "def model_fn(folder):\n    print('the weights are', open(folder + '/weights').read())\n    return 1\n"


@pytest.fixture
def host(sm, settings, tmp_path, object_store, monkeypatch):
    """Creates an endpoint for a model of these files, lets the hosting worker do its part, and describes it."""
    settings.JOBS_FOLDER = tmp_path / "jobs"
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(0))

    def host_now(files: dict[str, str], **environment: str) -> dict:
        object_store.put_object(Bucket=BUCKET, Key="in/scripted.tar.gz", Body=archive(files))
        container = {"Image": SKLEARN, "ModelDataUrl": f"s3://{BUCKET}/in/scripted.tar.gz", "Environment": environment}
        sm.create_model(**asks.model(PrimaryContainer=container))
        sm.create_endpoint_config(**asks.config())
        sm.create_endpoint(**asks.endpoint())
        deploy(Endpoint.objects.get().pk)
        return sm.describe_endpoint(EndpointName="endpoint")

    return host_now


def log_of(engine) -> str:
    logs = engine.client("logs")
    events = logs.filter_log_events(logGroupName="/aws/sagemaker/Endpoints/endpoint")["events"]
    return "\n".join(event["message"] for event in events)


def test_a_model_is_loaded_by_its_own_script_before_it_is_in_service(host, engine, tmp_path):
    endpoint = host({"weights": "17", "code/serve.py": SCRIPT}, SAGEMAKER_PROGRAM="serve.py")
    assert endpoint["EndpointStatus"] == "InService", endpoint.get("FailureReason")
    assert "the weights are 17" in log_of(engine)
    assert [*(tmp_path / "endpoints").iterdir()] == []


def test_a_script_that_makes_a_client_of_boto3_has_a_region(host, engine):
    """SDK v3's own inference code makes one when it is imported."""
    script = "import boto3\nprint('in', boto3.client('sagemaker').meta.region_name)\n" + SCRIPT
    endpoint = host({"weights": "17", "code/serve.py": script}, SAGEMAKER_PROGRAM="serve.py")
    assert endpoint["EndpointStatus"] == "InService", endpoint.get("FailureReason")
    assert "in us-east-1" in log_of(engine)


def test_an_empty_folder_of_libraries_is_not_there_to_be_copied_over_the_system(host, engine):
    """ModelBuilder of SDK v3 sends one with every object, and its own inference code copies it to /lib."""
    look = "    import os\n    print('libraries', os.path.exists(folder + '/shared_libs'))\n    return 1"
    script = SCRIPT.replace("    return 1", look)
    files = {"weights": "17", "code/serve.py": script, "shared_libs/": ""}
    endpoint = host(files, SAGEMAKER_PROGRAM="serve.py")
    assert endpoint["EndpointStatus"] == "InService", endpoint.get("FailureReason")
    assert "libraries False" in log_of(engine)


def test_the_code_of_the_submit_directory_comes_before_that_of_the_archive(host, engine, object_store):
    source = archive({"serve.py": SCRIPT.replace("the weights", "its own weights")})
    object_store.put_object(Bucket=BUCKET, Key="in/source.tar.gz", Body=source)
    address = f"s3://{BUCKET}/in/source.tar.gz"
    files = {"weights": "17", "code/serve.py": SCRIPT}
    endpoint = host(files, SAGEMAKER_PROGRAM="serve.py", SAGEMAKER_SUBMIT_DIRECTORY=address)
    assert endpoint["EndpointStatus"] == "InService", endpoint.get("FailureReason")
    assert "its own weights are 17" in log_of(engine)


def test_a_script_that_does_not_load_fails_its_endpoint_and_the_log_has_its_traceback(host, engine):
    endpoint = host({"code/serve.py": SCRIPT}, SAGEMAKER_PROGRAM="serve.py")
    assert endpoint["EndpointStatus"] == "Failed"
    assert "FileNotFoundError" in endpoint["FailureReason"] and "/weights" in endpoint["FailureReason"]
    assert "Traceback (most recent call last)" in log_of(engine)


def test_where_own_code_is_off_neither_a_model_nor_a_job_may_bring_it(sm, monkeypatch):
    monkeypatch.setenv(level.OWN_CODE, "off")
    container = {"Image": SKLEARN, "ModelDataUrl": f"s3://{BUCKET}/in/m.tar.gz"}
    container["Environment"] = {"SAGEMAKER_PROGRAM": "serve.py"}
    with pytest.raises(ClientError, match="own code is off here"):
        sm.create_model(**asks.model(PrimaryContainer=container))
    specification = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match="own code is off here"):
        sm.create_training_job(**asks.training_job(AlgorithmSpecification=specification))
