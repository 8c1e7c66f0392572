"""The page of an old job, whose log is in the archive: it says so, searches there and downloads all of it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BUCKET

pytestmark = [pytest.mark.browser, pytest.mark.stack]
NAME, LINES = "archived-job", 1500
ARCHIVE = f"""
from datetime import timedelta
from django.utils.timezone import now
from common.s3_uri import parse_s3_uri
from models_app.models import LogLine, TrainingJob
from models_app.retention.jobs import expire_job
created = now() - timedelta(days=500)
job = TrainingJob.objects.create(
    name="{NAME}", status="Failed", created=created, started=created, ended=created, log_done=True, external=True,
    failure_reason="AlgorithmError: Exit Code: 1",
)
texts = [f"[{{n}}] train-auc:0.{{n:04d}} 한국어" for n in range(1, {LINES} + 1)]
texts[699] = "ValueError: could not convert string to float: 'needle'"
LogLine.objects.bulk_create(
    LogLine(job=job, number=n, at=created + timedelta(seconds=n), text=text) for n, text in enumerate(texts, 1)
)
expire_job(job, parse_s3_uri("s3://{BUCKET}/old logs"))
job.refresh_from_db()
print(job.archive, job.lines.count())
"""


def test_an_archived_log_is_read_searched_and_downloaded_from_the_page_of_its_job(open_page, stack, shelf):
    *_, folder, left = stack.manage("shell", "-c", ARCHIVE).split()
    assert left == "0"
    page = open_page(f"/jobs/{NAME}/")
    log = page.locator("section[aria-labelledby=h-log]")
    expect(log).to_contain_text(f"logs/jobs/{folder.partition('/jobs/')[2]}")
    expect(log).to_contain_text("are read from there")
    expect(page.get_by_role("log")).to_contain_text("needle")  # opened at the first error, as of a stored log
    log.get_by_role("searchbox").fill("NEEDLE")
    log.get_by_role("searchbox").press("Enter")
    expect(log).to_contain_text("1 of 1 line that holds")
    expect(page.locator("#L700")).to_be_in_viewport()
    page.goto(f"/jobs/{NAME}/?find=auc:0.00#h-log")
    expect(log).to_contain_text("1 of 99 lines that hold")
    log.get_by_role("link", name="Next match").click()
    page.wait_for_url(re.compile("line=2"))
    with page.expect_download() as download:
        log.get_by_role("link", name="Download logs").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == LINES and lines[-1].endswith(f"[{LINES}] train-auc:0.{LINES} 한국어")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/jobs/{NAME}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
