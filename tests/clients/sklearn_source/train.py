"""A script as AWS's notebooks have it: argparse, SM_* variables, joblib."""

import argparse
import json
import os

import joblib
import numpy as np
from features import scale  # a module beside the script
from sklearn.ensemble import RandomForestClassifier


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n-estimators", type=int, default=10)
    parser.add_argument("--note", type=str, default="")
    parser.add_argument("--fail", type=str, default="False")
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--output-data-dir", default=os.environ["SM_OUTPUT_DATA_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--validation", default=os.environ["SM_CHANNEL_VALIDATION"])
    args = parser.parse_args()
    assert args.note == "two words", args.note
    table = np.loadtxt(os.path.join(args.train, "train.csv"), delimiter=",")
    held_out = np.loadtxt(os.path.join(args.validation, "validation.csv"), delimiter=",")
    if args.fail == "True":
        raise ValueError("no such column: amount")
    model = RandomForestClassifier(args.n_estimators, random_state=0).fit(scale(table[:, 1:]), table[:, 0])
    for step in range(3):
        print(f"step={step} validation-accuracy={model.score(scale(held_out[:, 1:]), held_out[:, 0]):.4f};", flush=True)
    joblib.dump(model, os.path.join(args.model_dir, "model.joblib"))
    with open(os.path.join(args.output_data_dir, "facts.json"), "w") as file:
        json.dump({"hps": json.loads(os.environ["SM_HPS"]), "cwd": os.getcwd()}, file)
