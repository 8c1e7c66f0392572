"""A launch of people's own code as a program of the SDK that suits it: the class itself, or an estimator."""

from __future__ import annotations

import ast
import json
import re

from common.tags import parse
from jobs.code.kinds import CLASS, KINDS
from jobs.code_plan import CodePlan
from jobs.snippets.notes import comments, refusals
from jobs.snippets.python import Expression, call, exit_with, literal


def render_class(plan: CodePlan) -> str:
    """The class, and the lines that train and deploy it, for Sagewright's SDK."""
    if plan.problems:
        return comments(plan) + exit_with(refusals(plan))
    code, spec = plan.code, plan.spec
    arguments = ", ".join(f"{name}={json.loads(text)!r}" for name, text in plan.hyperparameters.items())
    sources = [f"S3DataSource({json.dumps(c.uri)}, target={json.dumps(spec.recipe.target)})" for c in plan.channels]
    instance = f"TrainingInstance({json.dumps(spec.instance_type)}, max_runtime={plan.max_runtime})"
    tags = [f"tags={parse(spec.tags)!r}"] if spec.tags else []
    lines = [
        f"    model = {code.check.name}({arguments})",
        "    job = model.fit(",
        *(f"        {argument}," for argument in (instance, *sources, *tags)),
        "    )",
        "    print(job.metrics)",
    ]
    if plan.endpoint:
        host = f"PredictorInstance({json.dumps(plan.hosting_type)}), S3DataSource(job.artifact)"
        lines.append(f"    predictor = model.deploy({host}, name={json.dumps(plan.endpoint)})")
    return f'{_with_imports(code.text)}\n\nif __name__ == "__main__":\n' + "\n".join(lines) + "\n"


def _with_imports(text: str) -> str:
    """The source with the names that the last lines need imported from sagewright."""
    names = "Model, PredictorInstance, S3DataSource, TrainingInstance"
    pattern = re.compile(r"^from sagewright import Model[ \t]*$", re.MULTILINE)
    if pattern.search(text):
        return pattern.sub(f"from sagewright import {names}", text, count=1).rstrip() + "\n"
    tree = ast.parse(text)
    first = next((node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)), None)
    lines = text.rstrip().split("\n")
    lines.insert(first.lineno - 1 if first else 0, f"from sagewright import {names}")
    return "\n".join(lines) + "\n"


def render_script(plan: CodePlan) -> str:
    """An estimator of the SageMaker SDK, version 2, which runs the script beside it."""
    if plan.problems:
        return comments(plan) + exit_with(refusals(plan))
    code, spec = plan.code, plan.spec
    module, name = KINDS[code.kind].estimator
    version = plan.image.rpartition(":")[2].removesuffix("-cpu-py3")
    arguments = {
        "entry_point": code.entry,
        "framework_version": version,
        "role": spec.role_arn,
        "instance_count": spec.instance_count,
        "instance_type": spec.instance_type,
        "max_run": plan.max_runtime,
        "output_path": spec.output_uri,
        "base_job_name": spec.name,
        "hyperparameters": {n: Expression(repr(json.loads(text))) for n, text in plan.hyperparameters.items()},
    }
    if plan.tags:
        arguments["tags"] = plan.tags
    inputs = {channel.name: channel.uri for channel in plan.channels}
    text = f"""# {code.entry} stands beside this program.
from {module} import {name}

estimator = {call(name, arguments)}\
estimator.fit({literal(inputs)})
"""
    if not plan.endpoint:
        return text
    deploy = {"initial_instance_count": 1, "instance_type": plan.hosting_type, "endpoint_name": plan.endpoint}
    return text + f"predictor = {call('estimator.deploy', deploy)}"


def is_class(plan: CodePlan) -> bool:
    """True for a Model class, which Sagewright's SDK takes."""
    return plan.code.kind == CLASS
