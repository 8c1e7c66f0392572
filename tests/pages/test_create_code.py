"""The same form pressed, copied and checked by the command: all three go by one plan.

The boto3 program, executed, sends what the button sends, but for the name, and the command prints the form's plan.
The button is real: the form is posted, the table prepared and the job launched, and what boto3 would put on the wire
is recorded there. The program runs with a recorder in the place of boto3.
"""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import algorithms
from jobs import JobSpec
from models_app import aws
from models_app.catalog import actions as model_actions
from models_app.create.form import CreateForm
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Model, TrainingJob
from models_app.training import actions as job_actions
from models_app.training.prepare import PREPARATION
from sagewright.cli import main
from sagewright.sdk import built_in, hosting
from sagewright.sdk.errors import SagewrightError
from sagewright.sdk.planner_client import Planner
from sagewright.sdk.session import Session

pytestmark = pytest.mark.stack
PAGE, CODE = "/models/create/", "/models/create/code/"
ARTIFACT = "s3://somewhere/model.tar.gz"
NUMBERS = "".join(f"{i % 2},{i % 7},{(i * 3) % 11}\n" for i in range(60))  # the label first, no header
UNSCALED = "".join(f"{i % 13},{1000 * (i % 7)}\n" for i in range(60))
WORDS = "city,size,label\n" + "".join(f"{'SB'[i % 2]}eoul,{i}.5,{'yes' if i % 3 else 'no'}\n" for i in range(60))
BOOSTED = ("xgboost", "lightgbm")
IN_PLACE = {"header": "no", "validation": "none"}


class Recorder:
    """Stands for a boto3 client of SageMaker: keeps what it is asked to create."""

    @property
    def artifact(self) -> str:
        """Where the job that was asked for leaves its model."""
        job = self.requests["CreateTrainingJob"]
        return f"{job['OutputDataConfig']['S3OutputPath']}/{job['TrainingJobName']}/output/model.tar.gz"

    def __init__(self):
        self.requests: dict[str, dict] = {}

    @property
    def sent(self) -> dict[str, dict]:
        """The requests; what is hosted is the job's artifact, called as the button's."""
        if "CreateModel" in self.requests:
            container = self.requests["CreateModel"]["PrimaryContainer"]
            assert container["ModelDataUrl"] == self.artifact
            container["ModelDataUrl"] = ARTIFACT
        return self.requests

    def __getattr__(self, operation: str):
        if operation.startswith("create_"):
            return lambda **request: self.requests.update({_camel(operation): request})
        if operation == "describe_training_job":
            artifact = self.artifact if "CreateTrainingJob" in self.requests else ARTIFACT
            described = {"TrainingJobStatus": "Completed", "ModelArtifacts": {"S3ModelArtifacts": artifact}}
            return lambda **_: described
        if operation == "describe_endpoint":
            return lambda **_: {"EndpointStatus": "InService"}
        if operation == "describe_log_streams":
            return lambda **_: {"logStreams": []}
        assert operation == "get_waiter", operation
        return lambda _: SimpleNamespace(wait=lambda **_: None)


def _camel(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


@contextmanager
def recorded():
    """What boto3 would send to SageMaker's Create operations; each is answered with an ARN and never sent."""
    sent: dict[str, dict] = {}

    def answer(model, params, **_):
        if not model.name.startswith("Create"):
            return None
        sent[model.name] = json.loads(params["body"])
        (member,) = [name for name in model.output_shape.members if name.endswith("Arn")]
        return SimpleNamespace(status_code=200), {member: "arn:recorded", "ResponseMetadata": {"HTTPStatusCode": 200}}

    events = aws.client("sagemaker").meta.events
    events.register_first("before-call.sagemaker", answer)
    try:
        yield sent
    finally:
        events.unregister("before-call.sagemaker", answer)


def pressed(browser, fields: dict) -> dict[str, dict]:
    """{operation: request} that the button sends, to train and to deploy; {} when it refuses."""
    with recorded() as sent:
        response = browser.post(PAGE, fields)
        if response.status_code != 302:
            print("refused:", response.context["form"].summary_of_errors)
            return {}
        model = Model.objects.select_related("job").get(name=fields["name"])
        PREPARATION.perform(model.job.pk)
        model.job.refresh_from_db()
        if model.job.status == "Launching":
            job_actions.launch(model.job)
        if not sent:
            assert model.job.status == "Failed", model.job.note
            print("failed:", model.job.failure_reason)
            return {}
        if model.deploy_when_done and model.deploy_threshold is None:
            TrainingJob.objects.filter(pk=model.job.pk).update(status="Completed", artifact=ARTIFACT)
            model = Model.objects.get(pk=model.pk)
            endpoint_actions.launch(model_actions.add_endpoint(model, model.endpoint_name))
    return sent


def copied(context, monkeypatch) -> tuple[dict[str, dict], tuple[str, ...]]:
    """({operation: request} that the copied program sends, the hyperparameters that it says are not known)."""
    code = next(snippet.code for snippet in context["snippets"] if snippet.key == "boto3")
    recorder = Recorder()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda *_, **__: recorder))
        try:
            exec(compile(code, "program", "exec"), {})
        except SystemExit as e:
            print("ends with:", e)
            assert recorder.requests == {}
    unknown = context["plan"].open_hyperparameters
    assert not recorder.requests or all(name in code for name in unknown)
    return recorder.sent, unknown


@pytest.fixture(scope="module")
def planner(stack) -> Iterator[Planner]:
    """One planner for all programs; each would start its own."""
    running = Planner(os.environ | stack.exports)
    yield running
    running.close()


@pytest.fixture
def sdk(lake, planner, monkeypatch):
    """sdk(context) runs the program for our own SDK, which reads, checks and prepares the table; what it sends."""
    for module in (built_in, hosting):
        monkeypatch.setattr(module, "planner_of", lambda session: planner)
    real = Session.client

    def run(context) -> dict[str, dict]:
        code = next(snippet.code for snippet in context["snippets"] if snippet.key == "sagewright")
        recorder = Recorder()
        monkeypatch.setattr(Session, "client", lambda self, name: real(self, name) if name == "s3" else recorder)
        try:
            exec(compile(code, "program", "exec"), {})
        except (SystemExit, SagewrightError, ValueError) as e:
            print("the SDK ends with:", e)
            assert recorder.requests == {}
        return recorder.sent

    return run


def plan_of_command(spec: JobSpec, recipe: Path) -> dict:
    """The plan that `sagewright preflight` prints for `spec`; its recipe is written to the file `recipe`."""
    recipe.write_text(json.dumps(spec.recipe.as_json()))
    options = {
        **{"algorithm": spec.algorithm, "recipe": recipe, "job-name": spec.name, "output": spec.output_uri},
        **{"role": spec.role_arn, "region": spec.region, "instance-type": spec.instance_type},
        **{"instance-count": spec.instance_count, "max-runtime": spec.max_runtime},
    }
    if spec.cost_limit is not None:
        options["cost-limit"] = spec.cost_limit
    arguments = ["preflight", spec.data_uri, "--json", "--no-account", *("--raw",) * (not spec.recipe.prepare)]
    arguments += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    arguments += [word for pair in spec.hyperparameters.items() for word in ("--hyperparameter", "=".join(pair))]
    with redirect_stdout(io.StringIO()) as printed:
        main(arguments)
    return json.loads(printed.getvalue())["plan"]


def compared(requests: dict[str, dict], name: str, unknown: tuple[str, ...], in_place: bool) -> dict[str, dict]:
    """`requests` without what must differ: names of their own, tags, and the schema of objects used in place."""
    created: dict[str, dict] = {}
    own = {request[key] for request in requests.values() for key in _NAMES & request.keys()}
    for operation, request in requests.items():
        text = json.dumps({key: value for key, value in request.items() if key != "Tags"}, sort_keys=True)
        for each in sorted(own, key=len, reverse=True):
            text = text.replace(each, "NAME")
        created[operation] = json.loads(text.replace(f"/sagewright/{name}/", "/sagewright/NAME/"))
    for hyperparameter in unknown if created else ():
        created["CreateTrainingJob"]["HyperParameters"].pop(hyperparameter, None)
    if in_place and "CreateModel" in created:
        created["CreateModel"]["PrimaryContainer"].pop("Environment", None)
    return created


_NAMES = {"TrainingJobName", "ModelName", "EndpointConfigName"}


@pytest.fixture
def same(transactional_db, signed_in, alice, lake, sdk, monkeypatch, tmp_path):
    """same(table, **fields) presses the button, runs the programs for boto3 and our SDK, and the command.

    It returns what button and programs sent, {} if all refused.
    """
    browser = signed_in(alice)

    def check(table: str, **fields) -> dict[str, dict]:
        name = f"m{uuid4().hex[:10]}"
        uri = lake.put(f"{name}.csv", table)
        if fields.get("validation") == "location":
            fields["validation_uri"] = uri
        typed = {"intent": str(uuid4()), "name": name, "algorithm": "xgboost", "data_uri": uri}
        typed |= {"instance_type": "ml.m5.large", "max_runtime": "3600", "hp-num_round": "5"} | fields
        if typed["algorithm"] not in BOOSTED:
            del typed["hp-num_round"]
        context = browser.post(CODE, typed).context
        program, unknown = copied(context, monkeypatch)
        plan = context["plan"]
        # More instances are the account's to refuse, which the command is told not to ask.
        if plan.spec.instance_count == 1 and not CreateForm(typed).problems:
            assert plan_of_command(plan.spec, tmp_path / "recipe.json") == plan.as_json()
        button = pressed(browser, typed)
        in_place = uri in json.dumps(button.get("CreateTrainingJob"))
        assert compared(program, name, unknown, in_place) == compared(button, name, unknown, in_place)
        assert compared(sdk(context), name, (), False) == compared(button, name, (), False)
        return compared(button, name, unknown, in_place)

    return check


CASES = {
    "a table that fits, deployed": (NUMBERS, IN_PLACE | {"deploy_when_done": "on"}),
    "labels 1 and 2 without a header": (NUMBERS.replace("1,", "2,").replace("0,", "1,"), IN_PLACE),
    "labels that skip a number": (NUMBERS.replace("1,", "2,"), IN_PLACE),
    "k-means on columns of two sizes": (UNSCALED, IN_PLACE | {"algorithm": "kmeans"}),
    "k-NN with words": (WORDS, {"algorithm": "knn", "hp-k": "3"}),
    "a limit of less than a cent": (NUMBERS, IN_PLACE | {"cost_limit": "0.001"}),
    "a limit that buys too little": (NUMBERS, IN_PLACE | {"cost_limit": "0.01", "instance_type": "ml.m5.4xlarge"}),
    "a limit that shortens": (NUMBERS, IN_PLACE | {"cost_limit": "0.05"}),
    "held-out rows of another location": (NUMBERS, {"header": "no", "validation": "location"}),
    "no column names, held-out rows": (NUMBERS, {"header": "no", "validation_share": "0.2"}),
    "a missing cell that k-NN cannot take": (NUMBERS.replace("0,0,0", "0,,0"), IN_PLACE | {"algorithm": "knn"}),
    "blanks around the cells": (NUMBERS.replace(",", ", "), IN_PLACE),
    "a blank line": (f"{NUMBERS}\n\n{NUMBERS}", IN_PLACE),
    "words to predict, deployed": (WORDS, {"deploy_when_done": "on"}),
    "deployed only if it is good": (
        WORDS, {"deploy_when_done": "on", "deploy_metric": "validation:auc", "deploy_threshold": "0.9"},
    ),
    "two instances, which the engine does not have": (NUMBERS, IN_PLACE | {"instance_count": "2"}),
    "a column left out that is not there": (NUMBERS, IN_PLACE | {"recipe": '{"excluded": ["f1"]}'}),
    "no instance": (NUMBERS, IN_PLACE | {"instance_count": "0"}),
    "one value to predict": ("a,y\n" + "1,1\n2,1\n" * 20, {}),
    "a raw table with words": (WORDS, {"prepare": "no", "validation": "none"}),
    "raw numbers": (NUMBERS, {"prepare": "no", "validation": "none", "hp-objective": "binary:logistic"}),
}  # fmt: skip


OPERATIONS = {  # that the cases send whose names say so
    "a limit of less than a cent": set(),
    "words to predict, deployed": {"CreateTrainingJob", "CreateModel", "CreateEndpointConfig", "CreateEndpoint"},
}


@pytest.mark.parametrize("case", CASES)
def test_the_program_sends_what_the_button_sends_as_the_case_is_called(same, case):
    table, fields = CASES[case]
    sent = same(table, **fields)
    assert set(sent) == OPERATIONS.get(case, set(sent))
    if case == "labels 1 and 2 without a header":
        training = sent["CreateTrainingJob"]
        assert training["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"].endswith("/sagewright/NAME/train/")
        assert training["HyperParameters"]["objective"] == "binary:logistic"


LABELS = {
    "01": lambda i: str(i % 2),
    "12": lambda i: str(1 + i % 2),
    "02": lambda i: str(2 * (i % 2)),
    "three": lambda i: str(i % 3),
    "words": lambda i: ("no", "yes")[i % 2],
    "number": lambda i: f"{i * 1.25}",
    "one value": lambda i: "1",
}
FEATURES = {
    "small": lambda i: str(i % 7),
    "large": lambda i: str(1000 * (i % 9) + 17),
    "unit": lambda i: f"{(i % 5) / 2 - 1}",
    "word": lambda i: ("red", "green", "blue")[i % 3],
    "date": lambda i: f"2024-01-{1 + i % 28:02}",
    "holes": lambda i: "" if i % 11 == 3 else str(i % 4),
}


@st.composite
def tables(draw) -> str:
    label = LABELS[draw(st.sampled_from(sorted(LABELS)))]
    features = [FEATURES[f] for f in draw(st.lists(st.sampled_from(sorted(FEATURES)), min_size=1, max_size=4))]
    columns = [label, *features] if draw(st.booleans()) else [*features, label]
    sign, rows = draw(st.sampled_from([",", ",", ";", "\t"])), draw(st.integers(12, 60))
    head = [sign.join(["y" if c is label else f"f{n}" for n, c in enumerate(columns)])] if draw(st.booleans()) else []
    body = [sign.join(column(i) for column in columns) for i in range(rows)]
    if draw(st.booleans()):
        body += body[:3]  # repeated rows
    return "\n".join([*head, *body]) + "\n"


FIELDS = st.fixed_dictionaries(
    {"algorithm": st.sampled_from(sorted(algorithms.ALGORITHMS)), "validation": st.sampled_from(["none", "share"])},
    optional={
        "header": st.sampled_from(["", "yes", "no"]),
        "validation_share": st.sampled_from(["0", "0.2", "0.3"]),
        "instance_type": st.sampled_from(["ml.m5.large", "ml.t3.medium", "ml.c5.xlarge"]),
        "instance_count": st.sampled_from(["", "1", "1", "2"]),
        "max_runtime": st.sampled_from(["600", "3600"]),
        "cost_limit": st.sampled_from(["", "0.001", "0.05", "2"]),
        "deploy_when_done": st.just("on"),
        "duplicates": st.sampled_from(["keep", "drop"]),
        "prepare": st.sampled_from(["yes", "yes", "no"]),
        "recipe": st.sampled_from(["", '{"excluded": ["f1"]}', '{"excluded": ["#2"]}']),
    },
)


few = settings(max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@few
@given(table=tables(), fields=FIELDS)
def test_whatever_the_form_and_the_table_the_program_sends_what_the_button_sends(same, table, fields):
    same(table, **fields)


@pytest.mark.long
@settings(few, max_examples=60, derandomize=False)
@given(table=tables(), fields=FIELDS)
def test_many_programs_send_what_the_button_sends(same, table, fields):
    same(table, **fields)
