"""How long a notebook instance takes: `python -m bench.notebooks [--starts 5] [--browser]`.

By the API from StartNotebookInstance to the status InService. With `--browser`, in Chromium: from the press of Start to
Open JupyterLab, from its press to the launcher, and from the press of a kernel's card to that kernel. JupyterLab and
the kernels must be installed. The first start of a keeper is printed apart: it tries the walls of this machine.
"""

import argparse
import os
import statistics
import time
from contextlib import closing
from itertools import pairwise

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import USUAL, Chromium, FirstUser
from tests.notebook_cycles import ROLE, until
from tests.stack import Stack

NAME = "bench"
LIMIT = 120_000  # milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.notebooks", description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    with Stack() as stack:
        sm = stack.client("sagemaker")
        began = time.monotonic()
        sm.create_notebook_instance(NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn=ROLE)
        assert until(sm, NAME, "InService", "Failed", within=900) == "InService"
        print(f"first start of this keeper: {time.monotonic() - began:.2f} s")
        times: dict[str, list[float]] = {"start by the API": []}
        for _ in range(options.starts):
            stop(sm)
            began = time.monotonic()
            sm.start_notebook_instance(NotebookInstanceName=NAME)
            assert until(sm, NAME, "InService", "Failed") == "InService"
            times["start by the API"].append(time.monotonic() - began)
        stop(sm)
        if options.browser:
            times |= in_browser(stack, sm, options.starts)
        for name, seconds in times.items():
            print(f"{name}: median {statistics.median(seconds):.2f} s, {min(seconds):.2f} to {max(seconds):.2f}")
        print(f"load {os.getloadavg()[0]:.1f}")


def stop(sm) -> None:
    sm.stop_notebook_instance(NotebookInstanceName=NAME)
    assert until(sm, NAME, "Stopped", "Failed") == "Stopped"


def in_browser(stack: Stack, sm, starts: int) -> dict[str, list[float]]:
    """The seconds of each step of each start, by the step's name. The browser's cache lasts from start to start."""
    times: dict[str, list[float]] = {}
    with sync_playwright() as playwright, closing(Chromium(playwright)) as chromium:
        cookies = FirstUser(chromium, stack).cookies
        with closing(chromium.new_context(base_url=stack.web, storage_state=cookies, **USUAL)) as context:
            page = context.new_page()
            for _ in range(starts):
                for step, seconds in _start(page):
                    times.setdefault(step, []).append(seconds)
                stop(sm)
    return times


def _start(page: Page) -> list[tuple[str, float]]:
    page.goto(f"/notebooks/{NAME}/")
    marks = [time.monotonic()]
    page.get_by_role("button", name="Start", exact=True).click()
    link = page.get_by_role("link", name="Open JupyterLab")
    expect(link).to_be_visible(timeout=LIMIT)
    marks.append(time.monotonic())
    with page.context.expect_page() as opened:
        link.click()
    lab = opened.value
    card = lab.locator(".jp-LauncherCard[title*='SDK v2']").first
    expect(card).to_be_visible(timeout=LIMIT)
    marks.append(time.monotonic())
    card.click()
    expect(lab.get_by_role("button", name="SDK v2) | Idle")).to_be_visible(timeout=LIMIT)
    marks.append(time.monotonic())
    lab.close()
    steps = ("Start to Open JupyterLab", "Open JupyterLab to its launcher", "a card to its kernel")
    seconds = [later - earlier for earlier, later in pairwise(marks)]
    return [*zip(steps, seconds, strict=True), ("Start to the launcher", marks[2] - marks[0])]


if __name__ == "__main__":
    main()
