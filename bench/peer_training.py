"""The bare script a job is compared with: `python -m bench.peer_training FILE.csv PARAMS.json MODEL`, label first."""

import json
import sys

import numpy as np
import xgboost as xgb


def main(file: str, params: str, model: str) -> None:
    settings = json.loads(params)
    table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    matrix = xgb.DMatrix(table[:, 1:], label=table[:, 0])
    rounds = settings.pop("num_round")
    booster = xgb.train(settings, matrix, rounds, evals=[(matrix, "train")], verbose_eval=True)
    booster.save_model(model)


if __name__ == "__main__":
    main(*sys.argv[1:])
