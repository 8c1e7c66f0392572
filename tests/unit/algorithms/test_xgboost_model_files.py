"""Model files of XGBoost: its own formats are read, whoever wrote them, and pickles and broken files are refused."""

import base64
import pickle
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

import algorithms
from algorithms.model_proof import Unproven
from algorithms.spec import UserError

from .tables import as_csv


@pytest.fixture(scope="module")
def trained_file(make_job, breast_cancer) -> Path:
    return make_job("files").put_table(breast_cancer).train(num_round=20, objective="binary:logistic")


@pytest.mark.parametrize("extension", ["json", "ubj", "deprecated"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_models_in_each_of_xgboosts_own_formats_and_under_any_name(trained_file, breast_cancer, tmp_path, extension):
    booster = xgb.Booster(model_file=str(trained_file))
    path = tmp_path / f"model.{extension}"
    booster.save_model(str(path))
    path.rename(tmp_path / "churn-2024")
    (tmp_path / "schema.json").write_text("{}")
    predictor = algorithms.get("xgboost").load_predictor().load(tmp_path)
    got, _ = predictor.invoke(as_csv(breast_cancer.x).encode(), "text/csv", None)
    assert np.abs(np.array(got.split(), float) - booster.predict(xgb.DMatrix(breast_cancer.x))).max() <= 1e-6


# What `booster.save_model("xgboost-model")` of XGBoost 0.90 writes for a pickled model: 5 trees, feature 0 above 0.5.
BINARY_090 = (
    "c-muNU}#`r7<j-BrIRxA5{oLWa`MwNi%T+-*`UJdNhL+8sjNU2BM_rIn2}*{0FXPFk@$llVE+RF$X!ejZo`{@jP@Y<KNNrj@1Ee@4^s;hd$oYi"
    "p6}rfCkBQSjyF5!+A_gSbZ|WC_hvuBh5*Og+uqs_W&f+bySoqF|GonE?QXmca{3v()6rpD0o?yF{|z1GKJI|~f7%KM$5)Sb4r%{e?%9Xo|FR4F"
    "?SAiJb6UeN&vBo+H{Ac*9*R5af0_sP|6+L+$D|wchqV8zBv)hjpTlX5o%+?Sjw^RHI{ub6hWp=W)lUcOseN$&TP<L7jOpng(*BQmJ_p19e+=i@"
    "sl?Yht``q<T;QMx_y6yLlMZJNG{OC!yzhoX(3NI;T=oM1DsIy`"
)


LINES = (
    r"Python pickle.*\nbooster = pickle.load\(open\('xgboost-model', 'rb'\)\)\nbooster.save_model\('xgboost-model'\)$"
)


def test_what_the_two_lines_for_a_pickle_write_is_served(tmp_path):
    (tmp_path / "xgboost-model").write_bytes(zlib.decompress(base64.b85decode(BINARY_090)))
    predictor_class = algorithms.get("xgboost").load_predictor()
    with pytest.raises(Unproven, match="old binary format"):
        predictor_class.validate(tmp_path, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # XGBoost's, of the old format
        predictor = predictor_class.load(tmp_path)
    low, high = predictor.predict(np.array([[0.1, 0, 0, 0], [0.9, 0, 0, 0]], np.float32))
    assert low < 0.3 < 0.7 < high


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the pickle was opened",))


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_never_opened(tmp_path, protocol):
    (tmp_path / "xgboost-model").write_bytes(pickle.dumps(Bomb(), protocol))
    with pytest.raises(UserError, match="^Unable to load model: 'xgboost-model' is "):
        algorithms.get("xgboost").load_predictor().load(tmp_path)
    if protocol >= 2:
        with pytest.raises(UserError, match=LINES):
            algorithms.get("xgboost").load_predictor().load(tmp_path)


def test_a_broken_or_missing_model_is_said_plainly(trained_file, tmp_path):
    load = algorithms.get("xgboost").load_predictor().load
    with pytest.raises(UserError, match="holds no model file"):
        load(tmp_path)
    path = tmp_path / "xgboost-model"
    whole = trained_file.read_bytes()
    for content, text in (
        (b"", "is empty"),
        (whole[: len(whole) // 2], "damaged or incomplete"),
        (b"hello", "is not a model"),
    ):
        path.write_bytes(content)
        with pytest.raises(UserError, match=text) as caught:
            load(tmp_path)
        assert "Stack trace" not in str(caught.value)
    with pytest.raises(UserError, match="no folder"):
        load(tmp_path / "nowhere")
