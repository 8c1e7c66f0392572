"""Models that XGBoost 3.2 wrote, in JSON, with the predictions that it made of the same rows."""

import json
from pathlib import Path

import numpy as np
import pytest

from algorithms.contract import UserError
from algorithms.formats import ubjson
from algorithms.xgboost.model_file import load_boosters, xgb
from algorithms.xgboost.validation import validate

WRITTEN = json.loads(Path(__file__).with_name("xgboost_3_2.json").read_text())
ROWS = np.array(WRITTEN["rows"], np.float32)
UNREADABLE = ("logits", "classes_linear")
READABLE = sorted(WRITTEN["models"].keys() - {*UNREADABLE})


@pytest.mark.parametrize("form", ["json", "ubj"])
@pytest.mark.parametrize("name", READABLE)
def test_the_answers_are_those_of_the_version_that_wrote_the_model(name, form, tmp_path):
    written = WRITTEN["models"][name]
    content = json.dumps(written["model"]).encode() if form == "json" else ubjson.dumps(written["model"])
    source, copy = tmp_path / "model", tmp_path / "copy"
    for folder in (source, copy):
        folder.mkdir()
    (source / "xgboost-model").write_bytes(content)
    validate(source, copy)
    for folder in (source, copy):  # what is not proven is loaded from the archive itself
        (booster,) = load_boosters(folder, ensemble=True)
        np.testing.assert_allclose(booster.predict(xgb.DMatrix(ROWS)), written["predictions"], rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("name", UNREADABLE)
def test_base_scores_that_cannot_be_moved_are_refused_and_not_misread(name, tmp_path):
    (tmp_path / "xgboost-model").write_text(json.dumps(WRITTEN["models"][name]["model"]))
    with pytest.raises(UserError, match="a base score for each output, which needs XGBoost 3.1"):
        load_boosters(tmp_path, ensemble=True)
    with pytest.raises(UserError, match="a base score for each output, which needs XGBoost 3.1"):
        validate(tmp_path, tmp_path / "copy")
