"""XGBoost in script mode, as AWS's notebooks have it, with its model_fn in another file."""

import argparse
import glob
import os

import pandas as pd
import xgboost as xgb

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max_depth", type=int)
    parser.add_argument("--num_round", type=int)
    parser.add_argument("--objective", type=str)
    parser.add_argument("--model_dir", default=os.environ.get("SM_MODEL_DIR"))
    args, _ = parser.parse_known_args()
    table = pd.concat(pd.read_csv(path, header=None) for path in glob.glob(os.environ["SM_CHANNEL_TRAIN"] + "/*.csv"))
    matrix = xgb.DMatrix(table.iloc[:, 1:].to_numpy(), label=table.iloc[:, 0])
    parameters = {"max_depth": args.max_depth, "objective": args.objective, "eval_metric": "auc"}
    booster = xgb.train(parameters, matrix, num_boost_round=args.num_round, evals=[(matrix, "train")])
    booster.save_model(os.path.join(args.model_dir, "xgboost-model.json"))
