"""A launch as a program for the SageMaker Python SDK, version 2."""

from __future__ import annotations

import json

from jobs.plan import LaunchPlan
from jobs.snippets.notes import comments, refusals
from jobs.snippets.python import Expression, call, exit_with, literal


def render(plan: LaunchPlan) -> str:
    """The program; one that only names the reasons when the plan has problems."""
    if plan.problems:
        return comments(plan) + exit_with(refusals(plan))
    spec = plan.spec
    arguments = {
        "image_uri": plan.image,
        "role": spec.role_arn,
        "instance_count": spec.instance_count,
        "instance_type": spec.instance_type,
        "volume_size": spec.volume_gb,
        "max_run": plan.max_runtime,
        "output_path": spec.output_uri,
        "base_job_name": spec.name,
        "hyperparameters": dict(plan.hyperparameters),
    }
    if plan.tags:
        arguments["tags"] = plan.tags
    inputs = {
        channel.name: Expression(
            f"TrainingInput({json.dumps(channel.uri)}, content_type={json.dumps(channel.content_type)}"
            + (f", distribution={json.dumps(channel.distribution)})" if channel.is_sharded else ")")
        )
        for channel in plan.channels
    }
    text = f"""{comments(plan)}from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput

estimator = {call("Estimator", arguments)}\
estimator.fit({literal(inputs)})
"""
    if not plan.endpoint:
        return text
    deploy = {"initial_instance_count": 1, "instance_type": plan.hosting_type, "endpoint_name": plan.endpoint}
    return text + f"predictor = {call('estimator.deploy', deploy)}"
