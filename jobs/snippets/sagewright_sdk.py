"""A launch as a program for Sagewright's own SDK, which is yet to come."""

from __future__ import annotations

import json
import re

from jobs.plan import LaunchPlan
from jobs.snippets.notes import comments, refusals
from jobs.snippets.python import exit_with, literal


def render(plan: LaunchPlan) -> str:
    """The program; one that only names the reasons when the plan has problems."""
    if plan.problems:
        return comments(plan) + exit_with(refusals(plan))
    spec = plan.spec
    title = "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", spec.name)) or "MyModel"
    if not title[0].isalpha():
        title = f"Model{title}"
    sources = "".join(
        f"    {c.name}=S3DataSource({json.dumps(c.uri)}, content_type={json.dumps(c.content_type)}),\n"
        for c in plan.channels
    )
    count = f", instance_count={spec.instance_count}" if spec.instance_count != 1 else ""
    limits = f"volume_gb={spec.volume_gb}, max_runtime={plan.max_runtime}{count}"
    text = f"""{comments(plan)}# The sagewright SDK is in the making; this is how it will read.
from sagewright import Model, S3DataSource, TrainingInstance


class {title}(Model):
    name = {json.dumps(spec.name)}
    algorithm = {json.dumps(spec.algorithm)}
    hyperparameters = {literal(dict(plan.hyperparameters), 1)}


model = {title}()
model.fit(
    TrainingInstance({json.dumps(spec.instance_type)}, {limits}),
{sources})
"""
    return text + (f"model.deploy({json.dumps(plan.endpoint)})\n" if plan.endpoint else "")
