"""The `sagewright` command where its input and output are not what it would like."""

import io
import os
import subprocess
import sys

import pytest
from botocore.exceptions import NoCredentialsError

from sagewright.commands.endpoint import _rows
from sagewright.commands.outcome import REFUSED, UNREAD, outcome
from sagewright.sdk.predictor import _message
from tests.stack import ROOT


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a,b\n1,2\n", {"a": [1], "b": [2]}),
        ("\ufeffa,b\n1,2\n", {"a": [1], "b": [2]}),
        ('{"a": 1}\n{"a": 2}\n', {"a": [1, 2]}),
    ],
    ids=["csv", "byte order mark", "json lines"],
)
def test_standard_input_is_read_as_a_file_is(monkeypatch, text, columns):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert _rows("-").to_dict() == columns


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Standard input is empty"),
        ("a,b\n", "standard input.csv has no rows"),
        ("{a", "standard input.jsonl cannot"),
    ],
)
def test_what_is_wrong_with_standard_input_is_said_of_it(monkeypatch, text, words):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(ValueError, match=words):
        _rows("-")


def test_a_reader_that_goes_away_ends_the_command_without_a_word():
    program = "from sagewright.commands.outcome import outcome; raise SystemExit(outcome(lambda: print('x' * 200_000)))"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, cwd=ROOT)
    os.close(writer)
    assert (done.returncode, done.stderr) == (UNREAD, b"")


def test_without_credentials_the_command_says_what_to_set(capsys):
    def ask():
        raise NoCredentialsError

    assert outcome(ask) == REFUSED
    assert "Set AWS_PROFILE or" in capsys.readouterr().err


def test_of_a_traceback_that_was_cut_the_error_is_said():
    cut = 'Missing: b.\n\n    answer = answer(body)\n  File "job.py", line 75, in predict_fn\nValueError: Missing: b.'
    assert _message(cut) == "ValueError: Missing: b."
    assert _message("no rows\nno columns") == "no rows\nno columns"
