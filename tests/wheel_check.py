"""`python3 run wheel-check`: the wheel as a person meets it, in an empty environment and an empty folder.

Builds the wheel, installs it with all extras and nothing locked, and says what that takes. Then starts `sagewright up`
in the person's state folder, from an environment that is read-only, and drives Chromium: sign in, a sample table,
Create model, deployed, one prediction. Ctrl-C ends it, and nothing may be left. Asks the package index.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from bench.flights import sign_in
from tests.browser.conftest import CHROMIUM, press_create, wait_for_status
from tests.install.conftest import build, read_only
from tests.stack import ROOT, Stack

UV = Path(sys.executable).with_name("uv")
MEAN = """
import sys
from sagewright import Model, S3DataSource

class Mean(Model):
    def train(self, data, *, digits: int = 3):
        self.mean = round(float(data.target.to_numpy().mean()), digits)
        self.log(mean=self.mean)

    def predict(self, rows):
        return [self.mean] * len(rows)

model = Mean()
model.fit(S3DataSource(sys.argv[1], target="bought"), local=True)
print(model.deploy().predict([{"age": 3}, {"age": 4}]))
"""
PATIENCE = 60_000  # milliseconds


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sw-wheel-") as name:
        folder = Path(name)
        wheel = build("wheel", ROOT, folder / "dist")
        base, full = install(wheel, folder / "base", ""), install(wheel, folder / "full", "[all]")
        check_base(base, folder)
        check_full(full, folder)
    print("wheel-check: well")


def install(wheel: Path, environment: Path, extras: str) -> Path:
    """A new virtual environment with the wheel in it; its folder of commands."""
    call(UV, "venv", "-q", "--python", sys.executable, environment)
    python = environment / "bin" / "python"
    call(UV, "pip", "install", "-q", "--python", python, "--compile-bytecode", f"sagewright{extras} @ {wheel.as_uri()}")
    size = sum(file.lstat().st_size for file in environment.rglob("*") if file.is_file()) / 1e6
    packages = len(list(environment.glob("lib/*/site-packages/*.dist-info")))
    print(f"sagewright{extras}: {packages} packages, {size:.0f} MB", flush=True)
    return environment / "bin"


def check_base(commands: Path, folder: Path) -> None:
    """The command, preflight and the SDK work, and `up` says what to install."""
    table = folder / "a.csv"
    table.write_text("age,bought\n" + "".join(f"{n},{n % 2}\n" for n in range(50)))
    call(commands / "sagewright", "preflight", table, "--target", "bought")
    (folder / "mean.py").write_text(MEAN)
    done = subprocess.run([commands / "python", folder / "mean.py", table], capture_output=True, text=True)
    assert done.stdout == "metrics mean=0.5;\n[0.5, 0.5]\n", done
    done = subprocess.run([commands / "sagewright", "up"], capture_output=True, text=True)
    assert done.returncode == 69 and "pip install 'sagewright[all]'" in done.stderr, done


def check_full(commands: Path, folder: Path) -> None:
    data, empty = folder / "state" / "sagewright", folder / "empty"
    data.mkdir(parents=True)
    empty.mkdir()
    os.environ["HOME"] = str(folder)
    state = {"SAGEWRIGHT_DATA": "", "XDG_STATE_HOME": str(folder / "state")}
    command = [*read_only(commands.parent), str(commands / "sagewright")]
    with Stack(data, command, empty, **state) as stack, sync_playwright() as playwright:
        print(re.search("Sagewright is ready.*", stack.log.read_text())[0], flush=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        expect.set_options(timeout=PATIENCE)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        sign_in(page, stack)
        print(f"A prediction: {predict(page, stack)}", flush=True)
        browser.close()
    assert list(empty.iterdir()) == [], "it wrote into the folder where it was started"


def predict(page: Page, stack: Stack) -> str:
    """From a sample table to an answer; what the page shows of it."""
    page.goto(f"{stack.web}/models/create/")
    page.get_by_role("button", name="Iris").click()
    expect(page.locator("#target")).to_have_value("species")
    page.get_by_label("Model name").fill("iris")
    press_create(page)
    page.wait_for_url("**/models/iris/")
    wait_for_status(page, "Deployed")
    page.locator("#f0").fill("5.1")
    page.keyboard.press("Control+Enter")
    out = page.locator("#test-out")
    expect(out).to_contain_text("200 OK")
    return " ".join(out.inner_text().split())[:120]


def call(*command: str | Path) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
