"""Renders docs/reference/operations.md from the engine's service classes and AWS's service models."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType

from console.reference.markdown import NOTE, code, table
from engine.s3 import allowed, own_answers
from engine.services import SERVICES
from engine.services.dispatch import find_method
from engine.wire import contract

HEAD = f"""# Operations of the engine

{NOTE}
AWS's service models, as botocore ships them, validate every request and shape every response. An operation that is not
listed answers with a named error and status 501, never with a false success. A request that asks for something the
engine does not have is refused with a message; the messages are listed, with an ellipsis for a value.

SageMaker Runtime has InvokeEndpoint; asynchronous and streaming inference are refused.
"""
S3 = """
## S3

The gateway passes on to the object store what does there what AWS says, and answers some operations itself. The others
are refused with status 501. Encryption is accepted and reported for compatibility; the disk is not encrypted: use an
encrypted volume. Bucket policies and ACLs decide nothing; the role of an access key does.
"""
TITLES = {
    "sagemaker": "SageMaker", "sts": "STS", "iam": "IAM", "logs": "CloudWatch Logs", "cloudwatch": "CloudWatch",
    "sqs": "SQS",
}  # fmt: skip


def render() -> str:
    """The page: served operations and refusals, by service."""
    parts = [HEAD]
    for service, classes in SERVICES.items():
        model = contract.service(service)
        methods = {name: find_method(service, name) for name in model.operation_names}
        served = {name: method for name, method in methods.items() if method}
        parts.append(f"\n## {TITLES[service]}\n\n{len(served)} of {len(model.operation_names)} operations.\n")
        for group in classes:
            own = [(name, code(m.__name__)) for name, m in served.items() if isinstance(m.__self__, group)]
            parts.append(_group(group, own))
    return "".join([*parts, S3, _s3("Passed on", allowed.PASSED), _s3("Answered by the gateway", own_answers.ANSWERS)])


def _s3(title: str, names: Iterable[str]) -> str:
    return f"\n### {title}\n\n{', '.join(sorted(names))}\n"


def _group(group: type, served: list[tuple[str, str]]) -> str:
    own = sys.modules[group.__module__]
    modules = (own, *getattr(own, "CHECKED_BY", ()))
    heading = f"\n### {group.__name__}\n{table(('operation', 'boto3'), served)}"
    refusals = [
        f"- {code(member)}: {feature}\n"
        for module in modules
        for member, feature in getattr(module, "UNSUPPORTED", {}).items()
    ]
    messages = [f"- {message}\n" for module in modules for message in _messages(module)]
    return "".join(
        (
            heading,
            "\nNot offered, refused when a request has it:\n\n" if refusals else "",
            *refusals,
            "\nRefused otherwise:\n\n" if messages else "",
            *messages,
        )
    )


def _messages(module: ModuleType) -> Iterator[str]:
    """The texts that say what "this engine" has or lacks, values as an ellipsis; not the one of UNSUPPORTED."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call):
            text = "".join(_text(argument) for argument in node.args[:1])
            if "this engine" in text.lower() and "does not offer …" not in text:
                yield text


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
