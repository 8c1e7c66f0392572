"""The failure of people's own code in words: the exception, and the innermost line that is theirs."""

import pytest

from models_app.text.code_failures import explain_code, hint_of, with_line
from models_app.text.failures import explain
from models_app.text.tracebacks import of_log

REASON = (
    'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "KeyError: "no column \'x\'""\n'
    'Command "/opt/environment/bin/python -- train.py", exit code: 1'
)
LOG = """looking at 569 rows
Traceback (most recent call last):
  File "/opt/ml/code/train.py", line 6, in <module>
    main()
  File "/opt/ml/code/sagewright/runtime/job.py", line 43, in train
    model.train(**channels)
  File "/opt/ml/code/churn.py", line 7, in train
    self.mean = self.average(data)
  File "/opt/ml/code/churn.py", line 10, in average
    return data["x"]
  File "/opt/ml/code/sagewright/runtime/table.py", line 73, in __getitem__
    raise KeyError("no column 'x'")
KeyError: "no column 'x'"
2026-11-29 22:17:12,194 sagemaker-training-toolkit ERROR    Reporting training FAILURE""".splitlines()


def test_the_exception_is_the_headline_and_the_persons_own_line_the_place():
    failure = explain_code(REASON, LOG, "churn.py")

    assert failure.headline == "KeyError: \"no column 'x'\""
    assert failure.explain.startswith(
        "It was raised in line 10 of churn.py, in average. A column that the code uses is"
    )
    assert failure.raw == REASON


def test_without_the_log_the_exception_is_known_all_the_same():
    assert explain_code(REASON, [], "churn.py").headline == "KeyError: \"no column 'x'\""


def test_a_script_that_is_called_as_ours_is_the_persons_own():
    log = ["Traceback (most recent call last):", '  File "/opt/ml/code/train.py", line 3, in <module>', "ValueError: x"]

    assert (of_log(log, "train.py").file, of_log(log, "train.py").line) == ("train.py", 3)
    assert of_log(log, "churn.py").line == 0
    assert of_log(log, "").line == 3


@pytest.mark.parametrize("exception, hint", [
    ("ModuleNotFoundError: No module named 'tensorflow'", "Name the package of tensorflow in the requirements."),
    ("URLError: <urlopen error [Errno -3]>", "Where the code runs there is no network."),
    ("ValueError: x", ""),
])  # fmt: skip
def test_what_the_sandbox_causes_has_a_hint(exception, hint):
    assert hint_of(exception).startswith(hint) and bool(hint_of(exception)) == bool(hint)


def test_a_process_that_ends_itself_is_told_by_its_exit_code():
    reason = 'AlgorithmError: ExecuteUserScriptError:\nExitCode 3\nErrorMessage ""\nCommand "python"'

    assert explain_code(reason, [], "train.py").headline == "The code ended with exit code 3"


def test_requirements_that_cannot_be_installed_are_named():
    assert "requirements" in explain_code("AlgorithmError: InstallRequirementsError:\n", [], "train.py").headline


def test_another_reason_is_left_to_others():
    assert explain_code("ClientError: No S3 objects found", LOG, "churn.py") is None
    assert of_log(["all is well"], "churn.py") is None


def test_an_exception_that_is_not_known_has_its_category_and_the_next_step():
    failure = explain_code(REASON.replace("KeyError: \"no column 'x'\"", "TypeError: seven is odd"), LOG, "churn.py")

    assert (failure.headline, failure.category, failure.likely) == ("TypeError: seven is odd", "code", False)
    assert failure.explain.startswith("It was raised in line 10 of churn.py") and len(failure.advice) == 1


def test_code_of_another_image_is_placed_by_its_whole_path():
    raw = (
        "AlgorithmError: framework error: \nTraceback (most recent call last):\n"
        '  File "/opt/program/train", line 48, in fit\n'
        '  File "/usr/lib/python3/dist-packages/x.py", line 2, in y\nTypeError: seven is odd'
    )
    failure = with_line(explain(raw), [], "")

    assert failure.explain.startswith("It was raised in line 48 of /opt/program/train, in fit.")
    assert (
        with_line(explain("ClientError: No S3 objects found under S3 URL s3://b/k"), LOG, "").cause
        == "nothing-under-prefix"
    )
