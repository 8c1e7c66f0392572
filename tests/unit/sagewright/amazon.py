"""Amazon SageMaker in place of botocore's transport: requests are recorded and checked by botocore's model."""

from types import SimpleNamespace

from sagewright import (
    Session,
)
from tests.boto import make_session

ROLE = "arn:aws:iam::123456789012:role/ml"


USER = {"UserId": "u", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/kim"}


class Amazon:
    """A session whose requests are answered here; `sent` are (operation, parameters), in order."""

    def __init__(self, **answers):
        self.sent: list[tuple[str, dict]] = []
        self.answers = {
            "GetCallerIdentity": USER,
            "ListObjectsV2": {"KeyCount": 1},
            "PutObject": {},
            "HeadBucket": {},
            "CreateTrainingJob": {"TrainingJobArn": "arn:job"},
            "CreateModel": {"ModelArn": "arn:model"},
            "CreateEndpointConfig": {"EndpointConfigArn": "arn:config"},
            "CreateEndpoint": {"EndpointArn": "arn:endpoint"},
            **answers,
        }
        boto = make_session("AKIA", "secret", region_name="us-east-1")
        self.session = Session(boto, role=ROLE)
        for service in ("sts", "s3", "sagemaker", "sagemaker-runtime", "iam", "logs"):
            events = self.session.client(service).meta.events
            events.register("provide-client-params.*", self._note)
            events.register("before-call.*", self._answer)

    def _note(self, params, model, **_):
        self.sent.append((model.name, dict(params)))

    def _answer(self, model, **_):
        answer = self.answers[model.name]
        failed = "Error" in answer
        status = int(answer["Error"].get("Status", 400)) if failed else 200
        metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}}
        return SimpleNamespace(status_code=status), {"ResponseMetadata": metadata, **answer}

    def of(self, operation: str) -> dict:
        (one,) = [parameters for name, parameters in self.sent if name == operation]
        return one
