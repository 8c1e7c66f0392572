"""Everything that can speak against a draft, each with the rule and the fix in words."""

import algorithms
from algorithms.contract import Facts, InvalidHyperparameters
from models_app import aws, lake, names
from models_app.draft import Draft
from models_app.models import Endpoint, Model
from models_app.problems import Problem
from tables import Inspection
from tables.preparation import check_target

LONGEST_RUN = 28 * 24 * 3600  # seconds; SageMaker's own limit
MOST_HELD_OUT = 0.9


def examine(draft: Draft) -> tuple[list[Problem], Inspection | None]:
    """All problems of `draft`, in the order of the form, and what was found at its data. Makes nothing."""
    problems: list[Problem] = []
    _collect(problems, model_name, draft.name)
    known = draft.algorithm in algorithms.ALGORITHMS
    if not known:
        there = ", ".join(algorithms.ALGORITHMS)
        problems.append(Problem(f"There is no algorithm {draft.algorithm!r}. Choose one of: {there}.", "algorithm"))
    found = _collect(problems, lake.inspect, draft.data_uri, draft.recipe)
    if found and known:
        problems += _data(draft, found)
    if known:
        problems += hyperparameters(draft, found)
    problems += _compute(draft)
    if draft.deploy_when_done:
        _collect(problems, endpoint_name, draft.endpoint_name or draft.name, bool(draft.endpoint_name))
    return problems, found


def _collect(problems: list[Problem], ask, *args):
    try:
        return ask(*args)
    except Problem as e:
        problems.append(e)


def model_name(name: str) -> None:
    """Raises Problem(field="name") unless a model may be called `name`."""
    if not name:
        raise Problem("Model name is required.", "name")
    if not names.is_valid(name):
        raise Problem(names.rule("A model name"), "name")
    if name in names.RESERVED:
        raise Problem(f"{name} is the address of a page. Enter a different name, for example {name}-model.", "name")
    if Model.objects.filter(name=name).exists():
        free = names.suggest(name, lambda n: Model.objects.filter(name=n).exists())
        raise Problem(f"Model name {name} already exists. Enter a different name, for example {free}.", "name")


def endpoint_name(name: str, typed: bool = True) -> None:
    """Raises Problem(field="endpoint_name") unless an endpoint may be called `name`. Asks SageMaker too.

    A name that was not `typed` but taken over from the model is not complained about twice.
    """
    if not names.is_valid(name):
        if typed:
            raise Problem(names.rule("An endpoint name", "churn-live"), "endpoint_name")
        return
    if _endpoint_exists(name):
        free = names.suggest(name, lambda n: Endpoint.objects.filter(name=n).exists())
        raise Problem(
            f"Endpoint name {name} already exists. Enter a different name, for example {free}.", "endpoint_name"
        )


def _endpoint_exists(name: str) -> bool:
    if Endpoint.objects.filter(name=name).exists():
        return True
    try:
        with aws.plain_errors():
            aws.client("sagemaker").describe_endpoint(EndpointName=name)
    except aws.NotThere:
        return False
    return True


def _data(draft: Draft, found: Inspection) -> list[Problem]:
    problems = [Problem(c.problem, "data_uri") for c in found.columns if c.problem and c.role == "feature"]
    target = found.column(found.target_suggestion)
    assert target
    if len(found.columns) < 2 and found.format != "libsvm":
        problems.append(Problem(f"{found.uri} has one column only. A table needs a target and one more.", "data_uri"))
    wanted = algorithms.ALGORITHMS[draft.algorithm].task_of(draft.hyperparameters, found.task)
    if not wanted:
        if found.complete or target.unique > 1:
            problems.append(Problem(f"Column {target.name} cannot be predicted. {found.task_reason}", "target"))
        return problems
    # Part of a table may show fewer labels than there are, never more.
    if found.complete or target.unique > 2 or wanted == "regression":
        _collect(problems, check_target, target.name, target.kind, wanted, target.unique, draft.hyperparameters)
    return problems


def hyperparameters(draft: Draft, found: Inspection | None) -> list[Problem]:
    """Everything wrong with the hyperparameters, all at once: the container's own text, then what to do about it."""
    algorithm = algorithms.get(draft.algorithm)
    task = algorithm.task_of(draft.hyperparameters, found.task if found else "") or "regression"
    target = found.column(found.target_suggestion) if found else None
    width = len(found.columns) - 1 if found else 1
    settled = algorithm.settle(draft.hyperparameters, Facts(task, target.unique if target else 2, 0, width))
    try:
        algorithm.parse(settled)
    except InvalidHyperparameters as e:
        return [Problem(_in_words(algorithm, problem), f"hp-{problem.name}") for problem in e.problems]
    return []


def _in_words(algorithm: algorithms.Algorithm, problem) -> str:
    """The container's own text, then what to do about it."""
    text = problem.message.rstrip(".")
    try:
        spec = algorithm.hyperparameter(problem.name)
    except KeyError:
        return f"{text}. {algorithm.title} has no hyperparameter of this name; remove it."
    takes = {"integer": "a whole number, ", "continuous": "a number, "}.get(spec.kind, "")
    if " is not in " in text or "could not parse" in text or "not in range" in text:
        return f"{text}. {spec.title} takes {takes}{spec.describe_range()}."
    return f"{text}."


def _compute(draft: Draft) -> list[Problem]:
    problems = []
    types = aws.client("sagemaker").meta.service_model.shape_for("TrainingInstanceType").enum
    if draft.instance_type not in types:
        text = (
            f"SageMaker has no instance type {draft.instance_type!r} for training. Choose one, for example ml.m5.large."
        )
        problems.append(Problem(text, "instance_type"))
    if not 1 <= draft.max_runtime <= LONGEST_RUN:
        problems.append(Problem("The longest run time is from 1 second to 28 days (2,419,200 seconds).", "max_runtime"))
    if not 0 <= draft.recipe.validation_share <= MOST_HELD_OUT:
        problems.append(Problem("Hold out a share from 0 to 0.9 of the rows, for example 0.2.", "validation_share"))
    return problems
