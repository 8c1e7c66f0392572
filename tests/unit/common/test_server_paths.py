"""Texts that others read have no path of this server in them."""

import sysconfig

import numpy
import pytest

from common.db.server_paths import hide_paths
from engine.jobs.failure import reason
from engine.wire.errors import AwsError
from tests.stack import ROOT


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.DATA, settings.JOBS_FOLDER = tmp_path / "data", tmp_path / "data/jobs"


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        (
            "[Errno 2] No such file: '{jobs}/training-job-us-east-1-a-1/algo-1/input/data/train/x.csv'",
            "[Errno 2] No such file: '/opt/ml/input/data/train/x.csv'",
        ),
        ("chdir {jobs}/training-job-us-east-1-a-1/algo-1: denied", "chdir /opt/ml: denied"),
        ("mkdir {jobs}: disk full", "mkdir /opt/ml: disk full"),
        ("{data}/models/0123abcd/xgboost-model is no model", "/opt/ml/model/xgboost-model is no model"),
        (
            "'../x' would be extracted to '{data}/models/0123abcd.part/unpacked/x'",
            "'../x' would be extracted to '/opt/ml/model/x'",
        ),
        ('File "{packages}/numpy/core.py", line 3', 'File "(python)/numpy/core.py", line 3'),
        ('File "{root}/engine/jobs/zygote.py", line 3', 'File "(sagewright)/engine/jobs/zygote.py", line 3'),
        ("unable to open {data}/sagewright.sqlite3", "unable to open (data)/sagewright.sqlite3"),
        ("s3://bucket{root}/x and https://host{data} stay", "s3://bucket{root}/x and https://host{data} stay"),
        ("{data}bases stays", "{data}bases stays"),
        ("nothing to hide", "nothing to hide"),
    ],
    ids=range(11),
)
def test_a_path_is_shown_as_the_containers_have_it(settings, text, visible):
    names = {
        "jobs": settings.JOBS_FOLDER,
        "data": settings.DATA,
        "root": ROOT,
        "packages": sysconfig.get_path("purelib"),
    }
    assert hide_paths(text.format(**names)) == visible.format(**names)


def test_failure_reasons_and_errors_on_the_wire_go_through_it(settings):
    assert str(settings.DATA) not in reason("InternalServerError", f"cannot open {settings.DATA}/x")
    assert str(settings.DATA) not in AwsError(f"cannot open {settings.DATA}/x").message
    assert numpy.__file__ not in str(AwsError(f"fault in {numpy.__file__}"))
