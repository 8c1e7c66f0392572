"""A plan as programs: whatever a person types stays a text, and what a program leaves to the console is said."""

import ast
import json
import shlex
import subprocess
from dataclasses import replace

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

import algorithms
from common.problems import Problem
from jobs import JobSpec
from jobs.hosting import endpoint_config_request, endpoint_request, model_request
from jobs.plan import plan_launch
from jobs.snippets import programs
from jobs.spec import REPLICATED
from tables import Recipe
from tests.unit.jobs.conftest import ACCOUNT

NASTY = "a\"b'c$(touch /tmp/x)`id`${path}\\\n# end"
IN_PLACE = Recipe(validation="none", has_header=False)


def texts(plan) -> dict[str, str]:
    return {program.key: program.code for program in programs(plan)}


@pytest.mark.parametrize("deploy", [True, False])
def test_whatever_is_typed_stays_a_text(deploy, put, look):
    spec = JobSpec(
        name=NASTY,
        data_uri=f"s3://{NASTY}",
        endpoint_name=NASTY,
        deploy_when_done=deploy,
        hyperparameters={NASTY: NASTY},
        recipe=Recipe(target=NASTY, excluded=[NASTY]),
        **ACCOUNT,
    )
    table = look(JobSpec(data_uri=put("y,a\n" + "1,2\n0,3\n" * 20)))
    for plan in (plan_launch(spec, None), plan_launch(spec, replace(table, complete=False))):
        code = texts(plan)
        for key in ("boto3", "sdk", "sagewright"):
            ast.parse(code[key])
        assert NASTY in [n.value for n in ast.walk(ast.parse(code["boto3"])) if isinstance(n, ast.Constant)]
        checked = subprocess.run(["bash", "-n"], input=code["cli"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert any(word.startswith(f"NAME={NASTY}") for word in shlex.split(code["cli"], comments=True))
        resources = "".join(line for line in code["terraform"].splitlines() if not line.startswith("#"))
        assert "${path}" not in resources.replace("$${path}", "")


def test_what_the_console_does_before_is_said_in_each_text(put, plan):
    header = "y,a\n" + "1,2\n0,3\n" * 20
    launch = plan(JobSpec(name="churn", data_uri=put(header), recipe=Recipe(target="y")))
    assert [channel.name for channel in launch.channels] == ["train", "validation"]
    for code in texts(launch).values():
        assert "takes the header row off" in code and "holds out 20% of the rows" in code


@pytest.mark.parametrize(
    ("split", "words"),
    [
        ({"validation": "time", "time_column": "t"}, "holds out the latest 20% of the rows by t"),
        ({"validation": "group", "group_column": "t"}, "holds out 20% of the rows in whole groups by t"),
    ],
)
def test_how_the_rows_are_split_is_said(split, words, put, plan):
    uri = put("y,a,t\n" + "".join(f"{i % 2},{i % 7},{i % 11}\n" for i in range(60)))
    launch = plan(JobSpec(name="churn", data_uri=uri, recipe=Recipe(target="y", test_share=0.1, **split)))
    for code in texts(launch).values():
        assert words in code and "holds out 10% of the rows for the test" in code


@pytest.mark.parametrize("algorithm", [name for name, a in algorithms.ALGORITHMS.items() if not a.supervised])
def test_what_learns_without_a_target_speaks_of_none(algorithm, put, plan):
    """Also when another algorithm was chosen before and its target is still in the recipe."""
    uri = put("amount,b\n" + "1,2\n0,3\n" * 20)
    for recipe in (Recipe(target="amount"), Recipe(target="amount", prepare=False), Recipe()):
        for code in texts(plan(JobSpec(name="x", algorithm=algorithm, data_uri=uri, recipe=recipe))).values():
            assert "target" not in code and "puts the column" not in code and "amount" not in code


def test_a_job_that_is_not_started_is_no_program(put, plan):
    launch = plan(JobSpec(name="churn", data_uri=put(), recipe=IN_PLACE, cost_limit=0.001))
    code = texts(launch)
    for key in ("boto3", "sdk", "sagewright"):
        with pytest.raises(SystemExit, match="too little to train"):
            exec(code[key], {})
    done = subprocess.run(["bash"], input=code["cli"], capture_output=True, text=True)
    assert done.returncode == 1 and "too little to train" in done.stderr
    assert all(line.startswith("#") for line in code["terraform"].split("\n") if line)
    with pytest.raises(Problem, match="too little to train"):
        launch.training_job()


def test_what_only_the_whole_table_tells_is_said_and_not_guessed(put, look):
    spec = JobSpec(name="churn", data_uri=put(), recipe=IN_PLACE, hyperparameters={"num_round": "5"}, **ACCOUNT)
    launch = plan_launch(spec, replace(look(spec), complete=False))
    assert launch.in_place is None and "objective" in launch.open_hyperparameters
    for key, code in texts(launch).items():
        if key == "sagewright":  # it reads the table itself
            assert "num_round=5" in code and "binary:logistic" not in code
            continue
        assert "whether it is used as it is or prepared first" in code
        assert "the hyperparameters objective, " in code
        assert "binary:logistic" not in code, key


def test_a_model_that_is_deployed_only_if_it_is_good_is_not_deployed_by_a_program(put, plan):
    spec = JobSpec(name="churn", data_uri=put(), recipe=IN_PLACE, deploy_metric="auc", deploy_threshold=0.9)
    for key, code in texts(plan(spec)).items():
        assert "The console deploys the model only if it reaches auc 0.9; this program does not." in code
        assert "create_endpoint" not in code and "create-endpoint" not in code and ".deploy(" not in code, key
    spec.deploy_threshold = None
    assert "create_endpoint" in texts(plan(spec))["boto3"]


def test_an_endpoint_is_never_asked_for_on_a_type_that_hosts_nothing(put, plan):
    code = texts(plan(JobSpec(name="churn", data_uri=put(), recipe=IN_PLACE, instance_type="ml.t3.medium")))
    for key in ("boto3", "cli", "sdk"):
        assert code[key].count("ml.t3.medium") == 1 and "ml.m5.large" in code[key]


def test_every_text_has_the_plans_image_and_instances(put, plan):
    launch = plan(JobSpec(name="churn", data_uri=put(), recipe=IN_PLACE, instance_count=3))
    code = texts(launch)
    for key in ("boto3", "cli", "sdk", "terraform"):
        assert launch.image in code[key]
    assert '"InstanceCount": 3' in code["boto3"] and '"InstanceCount": 3' in code["cli"]
    assert "instance_count=3" in code["sdk"] and "count=3" in code["sagewright"]


# In the place of the CLI: writes each word of each call, and answers as `describe-training-job --query` does.
RECORDER = """
aws() { printf '%s\\0' "$@" >&3; printf '\\036' >&3; echo s3://team/model.tar.gz; }
exec 3>calls
"""


def test_the_shell_program_sends_the_requests_of_the_button(put, plan, tmp_path):
    """As bash hands them to the CLI, whose options are the operation's own members, with JSON for what is no text."""
    uri = put(name="it's $HOME.csv")
    launch = plan(JobSpec(name="churn", data_uri=uri, recipe=IN_PLACE, endpoint_name="live", tags="team=two words"))
    subprocess.run(["bash"], input=RECORDER + texts(launch)["cli"], text=True, cwd=tmp_path, check=True)
    calls = [call.split("\0")[1:-1] for call in (tmp_path / "calls").read_text().split("\036")[:-1]]
    assert {tuple(call[1:3]) for call in calls if call[0] != "wait"} == {("--region", "us-east-1")}
    waits = [call[1] for call in calls if call[0] == "wait"]
    assert waits == ["training-job-completed-or-stopped", "endpoint-in-service"]
    sent = {call[0]: _request(*call) for call in calls if call[0].startswith("create-")}

    name = sent["create-training-job"]["TrainingJobName"]
    assert name.startswith("churn-2")
    artifact, schema = "s3://team/model.tar.gz", launch.written_schema_uri
    model = model_request(name, launch.image, artifact, launch.spec.role_arn, schema, launch.hosting_environment)
    tags = {"Tags": launch.tags}
    assert sent == {
        "create-training-job": launch.training_job() | {"TrainingJobName": name},
        "create-model": model | tags,
        "create-endpoint-config": endpoint_config_request(name, name, launch.hosting_type) | tags,
        "create-endpoint": endpoint_request("live", name) | tags,
    }


def _request(command: str, _region: str, _name: str, *options: str) -> dict:
    """The request of a call of the CLI, which its service model must find right."""
    model = Loader().load_service_model("sagemaker", "service-2")
    shape = ServiceModel(model).operation_model("".join(map(str.capitalize, command.split("-")))).input_shape
    members = {f"--{xform_name(name, '-')}": (name, member) for name, member in shape.members.items()}
    request = {}
    for option, value in zip(options[::2], options[1::2], strict=True):
        name, member = members[option]
        request[name] = value if member.type_name == "string" else json.loads(value)
    assert not ParamValidator().validate(request, shape).has_errors()
    return request


def test_terraform_trains_with_the_request_of_the_button(put, plan):
    launch = plan(
        JobSpec(
            name="churn", data_uri=put(), recipe=IN_PLACE, instance_count=2, data_distribution=REPLICATED, **ACCOUNT
        )
    )
    code, request = texts(launch)["terraform"], launch.training_job()
    for line in (
        'resource "aws_sagemaker_training_job" "churn" {',
        '  training_job_name = "churn"',
        f'    training_image      = "{launch.image}"',
        f"    max_runtime_in_seconds = {request['StoppingCondition']['MaxRuntimeInSeconds']}",
        "    instance_count    = 2",
        '        s3_data_distribution_type = "FullyReplicated"',
        f'    s3_output_path = "{request["OutputDataConfig"]["S3OutputPath"]}"',
    ):
        assert line in code.splitlines(), code
    for name, value in request["HyperParameters"].items():
        assert f'"{name}"' in code and f'= "{value}"' in code
    assert "${aws_sagemaker_training_job.churn.training_job_name}/output/model.tar.gz" in code
    assert code.count("{") == code.count("}")


def test_tags_are_on_all_that_each_program_makes(put, plan):
    launch = plan(JobSpec(name="churn", data_uri=put(), recipe=IN_PLACE, tags="team=fraud x\ncost=4711", **ACCOUNT))
    code = texts(launch)
    assert code["boto3"].count('"fraud x"') == code["terraform"].count('"fraud x"') == 4
    assert code["cli"].count('"Value": "fraud x"') == 4 and code["sdk"].count('"fraud x"') == 1
    assert '  tags = {\n    "team" = "fraud x"\n    "cost" = "4711"\n  }\n' in code["terraform"]
    assert 'tags={"team": "fraud x", "cost": "4711"},' in code["sagewright"]


def test_a_tag_that_breaks_a_rule_keeps_a_job_from_being_launched(put, plan):
    launch = plan(JobSpec(name="churn", data_uri=put(), recipe=IN_PLACE, tags="aws:x=1"))
    assert [problem.field for problem in launch.problems] == ["tags"]
