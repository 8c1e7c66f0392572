"""Asks a deployed model in both ways, by boto3 and on its page, and reads its schema."""

import json
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect


def answers_of(stack, name: str, rows: list[dict[str, str]]) -> list[dict]:
    """What boto3 is told about `rows`, which are cells by column, at the endpoint `name`."""
    answer = stack.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name,
        ContentType="application/json",
        Accept="application/json; labels=true",
        Body=json.dumps({"instances": rows}),
    )
    return json.loads(answer["Body"].read())["predictions"]


def schema_of(stack, name: str) -> dict:
    """The schema of the model at the endpoint `name`."""
    sagemaker = stack.client("sagemaker")
    configuration = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    variant = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)["ProductionVariants"][0]
    container = sagemaker.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"]
    bucket, _, key = container["Environment"]["SAGEWRIGHT_SCHEMA"][5:].partition("/")
    return json.loads(stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def check_page_answers(page: Page, cells: Mapping[str, str], answer: dict) -> Locator:
    """Send `cells` by the form of the model's page, which must say `answer`; the part of the page that says it."""
    form = page.locator("#model-test")
    for column, cell in cells.items():
        control = form.get_by_label(column, exact=True)
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(cell)
        else:
            control.fill(cell)
    with page.expect_response(lambda got: got.request.method == "POST" and got.ok):
        form.locator("button[type=submit]").last.click()
    out = page.locator("#test-out")
    expect(out.locator(".pred__n")).to_have_text(answer["label"])
    expect(out).to_contain_text(f"{100 * answer['probability']:.1f}%")
    return out
