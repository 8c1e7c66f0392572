"""How long a person waits in Chromium: from Create to a prediction, from an event to the page, for the first point.

    python -m bench.waits [RUNS]

Starts a stack of its own. Each of RUNS (20) models of scikit-learn's breast-cancer table is created, deployed and asked
through the pages; then a job of many rounds is watched from its first one. Prints p50 and p95 of

- click to prediction: from the press of Create to the answer on the page,
- event to browser: from the moment that SageMaker tells (TrainingEndTime; LastModifiedTime of the endpoint) to the
  change of the status on the model's page,
- first point: from the log line of round 1 to the curve on the job's page.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from console.samples import load_one
from tests.browser.conftest import Chromium, FirstUser, press_create
from tests.stack import Stack
from tests.waiting import wait_for

RUNS = 20
PATIENCE = 60_000  # milliseconds
BUCKET, GROUP = "bench-waits", "/aws/sagemaker/TrainingJobs"
ROUNDS = "4000"  # of the job that is watched, which stops early: a second or two
# Notes when the text of an element changes, on the clock that the server has too: it is the same machine.
NOTE_CHANGES = """selector => {
    window.changes = [];
    setInterval(() => {
        const text = document.querySelector(selector)?.textContent.trim() || '';
        if (text && text !== window.changes.at(-1)?.[1]) window.changes.push([Date.now() / 1000, text]);
    }, 10);
}"""
# Of every page: notes when its curve is there. A page that is loaded anew meanwhile begins again.
NOTE_CURVE = """setInterval(() => {
    if (document.querySelector('#job-curve .pl-line')) window.drawn ??= Date.now() / 1000;
}, 10)"""
STATUS = "#model-head .meta .st"


def one_model(page: Page, stack: Stack, data: str, name: str) -> Iterator[tuple[str, float]]:
    """(measure, seconds) of one model, from the press of Create to its first prediction."""
    page.goto(f"{stack.web}/models/create/?data={data}&name={name}")
    expect(page.locator("#preflight")).to_contain_text("Ready to train")
    pressed = time.perf_counter()
    press_create(page)
    page.wait_for_url(f"**/models/{name}/")
    page.evaluate(NOTE_CHANGES, STATUS)
    expect(page.locator(STATUS)).to_have_text("Deployed")
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("#test-out")).to_contain_text("200 OK")
    yield "click to prediction", time.perf_counter() - pressed
    changes = {text: at for at, text in reversed(page.evaluate("() => window.changes"))}
    sagemaker = stack.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    yield "event to browser: endpoint", changes["Deployed"] - endpoint["LastModifiedTime"].timestamp()
    jobs = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    if ended := next((at for text, at in changes.items() if text in ("Deploying", "Ready")), None):
        yield "event to browser: job", ended - jobs[0]["TrainingEndTime"].timestamp()
    sagemaker.delete_endpoint(EndpointName=name)


def one_curve(context: BrowserContext, stack: Stack, data: str, name: str) -> Iterator[tuple[str, float]]:
    """(measure, seconds) of the first point of a job's curve after the line of its first round."""
    with context.new_page() as page:  # one that was left behind loads itself anew when its job ends
        page.add_init_script(NOTE_CURVE)
        page.goto(f"{stack.web}/models/create/?data={data}&name={name}")
        page.locator("#hp-num_round").fill(ROUNDS)
        page.locator("[name=deploy_when_done]").uncheck()
        expect(page.locator("#preflight")).to_contain_text("Ready to train")
        press_create(page)
        page.wait_for_url(f"**/models/{name}/")
        job = page.locator("a[href^='/jobs/']", has_text=name).first.get_attribute("href") or ""
        page.goto(f"{stack.web}{job}")
        drawn = page.wait_for_function("() => window.drawn").json_value()
    job_name = job.strip("/").rpartition("/")[2]
    yield "first point of the curve", drawn - first_round(stack, job_name)
    stack.client("sagemaker").get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=job_name, WaiterConfig={"Delay": 1}
    )


def first_round(stack: Stack, job: str) -> float:
    """When the first round was logged, on the Unix clock."""
    logs = stack.client("logs")
    events = logs.filter_log_events(logGroupName=GROUP, logStreamNamePrefix=f"{job}/", filterPattern='"[0]"', limit=1)
    return events["events"][0]["timestamp"] / 1000


def report(measure: str, seconds: list[float]) -> None:
    """Print one line of the result."""
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    print(f"{measure:<30} p50 {statistics.median(seconds):5.2f} s, p95 {p95:5.2f} s, {len(seconds)} runs", flush=True)


def repeat(runs: int, measure: Callable[[int], Iterator[tuple[str, float]]]) -> None:
    """Measure `runs` times and print what came of it; the first time, which nobody counts, warms everything up."""
    results: dict[str, list[float]] = {}
    for run in range(runs + 1):
        for name, seconds in measure(run):
            if run:
                results.setdefault(name, []).append(seconds)
    for name, all_seconds in results.items():
        report(name, all_seconds)


def main(runs: int) -> None:
    with Stack() as stack, sync_playwright() as playwright:
        s3 = stack.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="cancer.csv", Body=load_one("breast-cancer").csv)
        data = f"s3://{BUCKET}/cancer.csv"
        expect.set_options(timeout=PATIENCE)
        chromium = Chromium(playwright)
        context = chromium.new_context(storage_state=FirstUser(chromium, stack).cookies)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        repeat(runs, lambda run: one_model(page, stack, data, f"waits-{run:02}"))
        wait_for(lambda: not stack.client("sagemaker").list_endpoints()["Endpoints"], "the endpoints to be gone")
        repeat(runs, lambda run: one_curve(context, stack, data, f"curve-{run:02}"))
        chromium.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
