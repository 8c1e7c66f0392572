"""A launch plan as a program, one module a language; every text is rendered from the plan's own requests."""

from __future__ import annotations

from jobs.code_plan import CodePlan
from jobs.plan import LaunchPlan
from jobs.snippets import aws_cli, boto3, own_code, sagemaker_sdk, sagewright_sdk, terraform
from jobs.snippets.program import Program

__all__ = ["Program", "programs"]


def programs(plan: LaunchPlan) -> list[Program]:
    """One program each for boto3, the AWS CLI, the SageMaker SDK, Sagewright's SDK and Terraform.

    People's own code has the one of the two SDKs that suits it, first.
    """
    if isinstance(plan, CodePlan):
        suited = Program("sdk", "SageMaker SDK", own_code.render_script(plan))
        if own_code.is_class(plan):
            suited = Program("sagewright", "sagewright SDK", own_code.render_class(plan))
        return [suited, *(program for program in _programs(plan) if program.key not in ("sdk", "sagewright"))]
    return _programs(plan)


def _programs(plan: LaunchPlan) -> list[Program]:
    return [
        Program("boto3", "boto3", boto3.render(plan)),
        Program("cli", "AWS CLI", aws_cli.render(plan)),
        Program("sdk", "SageMaker SDK", sagemaker_sdk.render(plan)),
        Program("sagewright", "sagewright SDK", sagewright_sdk.render(plan)),
        Program("terraform", "Terraform", terraform.render(plan)),
    ]
