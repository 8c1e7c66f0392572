"""What is shown of a job that runs: a bar on a terminal, lines when they are asked for, nothing elsewhere."""

import io
import sys

from sagewright.sdk.display import Display
from sagewright.sdk.logs import pause


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(monkeypatch, out: io.StringIO, quiet: bool | None = None) -> str:
    monkeypatch.setattr(sys, "stdout", out)
    display = Display(quiet)
    display.step("Downloading")
    display.line("metrics auc=0.9; loss=0.1;")
    display.step("Training")
    display.end("done")
    return out.getvalue()


def test_a_terminal_has_a_bar_below_the_log_with_the_last_metrics(monkeypatch):
    text = printed(monkeypatch, Terminal())
    assert "[########............] Downloading 0 s" in text
    assert "[############........] Training 0 s  auc=0.9 loss=0.1" in text
    assert text.endswith("\033[Kdone\n") and "\033[Kmetrics auc=0.9; loss=0.1;\n" in text


def test_elsewhere_nothing_is_shown_unless_it_is_asked_for(monkeypatch):
    assert printed(monkeypatch, io.StringIO()) == ""
    assert printed(monkeypatch, Terminal(), quiet=True) == ""
    assert printed(monkeypatch, io.StringIO(), quiet=False) == "metrics auc=0.9; loss=0.1;\ndone\n"


def test_looks_become_rarer():
    assert (pause(0), pause(12), pause(600)) == (0.25, 1.0, 5.0)
