"""Classes as people write them."""

import time

import numpy as np
import pandas as pd

from sagewright import Model


class Frames(Model):
    def train(self, data: pd.DataFrame, validation: pd.DataFrame, *, names: list):
        x, y = data[["a", "b"]].to_numpy(), data["y"].to_numpy()
        self.log(rows=len(data))
        self.weights = np.linalg.lstsq(x, y, rcond=None)[0]
        self.names = names
        self.log(rows=len(data) + len(validation))

    def predict(self, rows: pd.DataFrame):
        score = rows.to_numpy() @ self.weights
        return pd.DataFrame({"label": np.where(score > 0, self.names[1], self.names[0]), "score": score.round(6)})


class Broken(Model):
    def train(self, data):
        raise ValueError("nothing to learn")

    def predict(self, rows):
        return rows


class Endless(Model):
    def train(self, data):
        time.sleep(600)

    def predict(self, rows):
        return rows
