"""Metrics found in log lines, and the statistic sets they become."""

import pytest

import algorithms
from engine.jobs.journal import stream_of
from engine.jobs.log_lines import MAX_LINE, Lines
from engine.jobs.metrics import Metrics, Pattern, needed_text

AUC = r".*\[[0-9]+\].*#011validation-auc:(\S+)"


def gather(*definitions: tuple[str, str]) -> Metrics:
    return Metrics("us-east-1", "/aws/sagemaker/TrainingJobs", "job/algo-1", [Pattern(*d) for d in definitions])


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (AUC, "#011validation-auc:"),
        (r"loss=(\d+)", "loss="),
        (r"a|b", ""),
        (r"(?i)loss (\d)", ""),
        (r"(loss)?=(\d)", "="),
        (r"[]x]yes(\d)", ""),
        (r"valx*=(\d)", "val"),
        (r"valx{0,2}(\d)", "val"),
        (r"[\]abcdef]x(\d)", "x"),
        (r"loss:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*", "loss:"),
        (r"(?:loss|error)=(\d)", "="),
        (r"(?:loss){2}=(\d)", "="),
        (r"(loss)=(\d)", "loss"),
        (r"ab{2,3}c(\d)", "a"),
        (r"\x41bc(\d)", ""),
        (r"\N{BULLET}bc(\d)", ""),
        (r"(?<!x)loss(\d)", ""),
        (r"a\|bc(\d)", "bc"),
    ],
)
def test_the_text_a_pattern_needs_is_found_only_where_it_is_sure(pattern, needed):
    assert needed_text(pattern) == needed


LINES = {  # what an algorithm logs, with the figure 0.25 of the metric
    "xgboost": lambda metric: "[7]#011{}-{}:0.25".format(*metric.split(":")),
    "lightgbm": lambda metric: f"[7]#011val's {metric}: 0.25#011train's {metric}: 0.125",
    "catboost": lambda metric: f"INFO:root:{metric}: 0.25",
}


@pytest.mark.parametrize("name", LINES)
def test_every_pattern_of_the_boosting_libraries_finds_its_own_metric_in_a_log_line(name):
    definitions = algorithms.get(name).metric_definitions()
    patterns = [Pattern(definition["Name"], definition["Regex"]) for definition in definitions]
    for pattern in patterns:
        assert not pattern.error
        line = LINES[name](pattern.name)
        assert [(p.name, p.value_in(line)) for p in patterns if p.value_in(line) is not None] == [(pattern.name, 0.25)]


@pytest.mark.parametrize("name", algorithms.ALGORITHMS)
def test_every_declared_pattern_can_be_used(name):
    assert not [d for d in algorithms.get(name).metric_definitions() if Pattern(d["Name"], d["Regex"]).error]


def test_the_last_value_of_each_metric_is_final_and_nonsense_is_not_one():
    metrics = gather(("auc", AUC), ("n", r"n=(\S+)"))
    for at, line in enumerate(
        ["[0]#011validation-auc:0.5", "[1]#011validation-auc:0.75", "n=nan", "n=many", "n=1e400"]
    ):
        metrics.read(line, at)
    assert metrics.final() == [{"MetricName": "auc", "Value": 0.75, "Timestamp": 1}]


def test_a_set_spans_a_second_at_first_and_more_as_the_job_grows_old():
    metrics = gather(("n", r"n=(\S+)"))
    for tenth in range(20):
        metrics.read(f"n={tenth}", tenth / 10)
    metrics.close()
    assert [(d.count, d.sum, d.minimum, d.maximum) for d in metrics.closed] == [(10, 45, 0, 9), (10, 145, 10, 19)]
    day = gather(("n", r"n=(\S+)"))
    for second in range(86_400):
        day.read("n=1", second)
    day.close()
    assert 2000 < len(day.closed) < 6000 and sum(d.count for d in day.closed) == 86_400


def test_an_unreadable_pattern_is_left_out_with_a_word_about_it():
    metrics = gather(("broken", r"("), ("looks behind", r"(?<!val_)loss=(\d)"), ("good", r"loss=(\d)"))
    assert ["cannot be read" in problem for problem in metrics.problems] == [True, True]
    metrics.read("loss=3", 0)
    assert [value["MetricName"] for value in metrics.final()] == ["good"]


def test_a_pattern_that_takes_long_is_left_out_from_there_on(monkeypatch):
    metrics = gather(("slow", r"n=(\d)"))
    monkeypatch.setattr("engine.jobs.metrics.SLOW", -1.0)
    metrics.read("n=1", 0)
    metrics.read("n=2", 1)
    assert len(metrics.problems) == 1 and "took longer" in metrics.problems[0]


def test_lines_are_cut_from_bytes_however_they_arrive():
    lines = Lines()
    data = "zwölf\r\n\nend\tof".encode()
    assert [line for byte in data for line in lines.feed(bytes([byte]))] == ["zwölf"]
    assert lines.end() == ["end#011of"]
    assert [len(line) for line in lines.feed(b"x" * (2 * MAX_LINE + 5) + b"\n")] == [MAX_LINE, MAX_LINE, 5]


def test_a_stream_is_named_after_the_jobs_birth():
    from datetime import UTC, datetime

    from engine.models import TrainingJob

    job = TrainingJob(name="j", created=datetime.fromtimestamp(1_700_000_000.9, UTC))
    assert stream_of(job, "algo-1") == "j/algo-1-1700000000"


def test_values_that_cloudwatch_refuses_are_no_values_and_sums_stay_finite():
    metrics = gather(("v", r"v=(\S+)"))
    for value in ("1e108", "1e308", "-1e308", "1e400", "inf", "nan", "1e108"):
        metrics.read(f"v={value}", 100.0)
    metrics.close()
    assert [(s.count, s.sum, s.minimum) for s in metrics.closed] == [(2, 2e108, 1e108)]
