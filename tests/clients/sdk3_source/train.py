import argparse
import os

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression

parser = argparse.ArgumentParser()
parser.add_argument("--c", type=float)
args = parser.parse_args()
table = np.loadtxt(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv"), delimiter=",")
model = LogisticRegression(C=args.c, max_iter=5000).fit(table[:, 1:] / 100, table[:, 0])
print(f"accuracy={model.score(table[:, 1:] / 100, table[:, 0]):.4f};", flush=True)
joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
