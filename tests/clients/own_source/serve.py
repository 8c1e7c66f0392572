"""An inference script with a format of its own, and a package that the image does not have."""

import json
import os

import humanize
import numpy as np
import xgboost


class Refused(ValueError):
    status_code = 422


def model_fn(model_dir):
    booster = xgboost.Booster()
    booster.load_model(os.path.join(model_dir, "xgboost-model.json"))
    return booster


def input_fn(body, content_type):
    content = json.loads(body)
    if "rows" not in content:
        raise Refused("give rows")
    return np.array(content["rows"])


def predict_fn(rows, model):
    return model.predict(xgboost.DMatrix(rows))


def output_fn(scores, accept):
    answer = {"scores": scores.tolist(), "by": "own", "humanized": humanize.metric(1000).replace("0 k", "k")}
    return json.dumps(answer), "application/json"
