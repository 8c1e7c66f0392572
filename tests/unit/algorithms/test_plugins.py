"""An installed package adds an algorithm by its entry point."""

import subprocess
import sys
from pathlib import Path

import algorithms
from algorithms.plugins import discover

PLUGINS = Path(__file__).parents[2] / "plugins"


def test_every_process_finds_the_algorithms_of_installed_packages():
    code = (
        "import algorithms; a = algorithms.get('outlier-distance'); a.load_predictor(); "
        "print(a.load_trainer().__name__)"
    )
    environment = {"PYTHONPATH": str(PLUGINS)}
    assert subprocess.check_output([sys.executable, "-c", code], env=environment, text=True) == "train\n"
    assert "outlier-distance" not in algorithms.ALGORITHMS


def test_a_package_that_cannot_be_used_is_left_out_and_the_log_says_why(tmp_path, monkeypatch, caplog):
    info = tmp_path / "bad-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n")
    entries = ("a = no_such_module:ALGORITHM", "b = pathlib:Path", "c = algorithms.pca:ALGORITHM")
    (info / "entry_points.txt").write_text("[sagewright.algorithms]\n" + "\n".join(entries) + "\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert discover(algorithms.ALGORITHMS) == {}
    reasons = [record.getMessage() for record in caplog.records]
    expected = ("No module named 'no_such_module'", "it is no algorithms.spec.Algorithm", "its name is taken")
    assert all(text in reason for text, reason in zip(expected, reasons, strict=True))
