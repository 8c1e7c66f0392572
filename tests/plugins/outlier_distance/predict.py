"""Serves: the distance of a row from the mean row."""

import numpy as np

from algorithms import spec
from algorithms.formats import request_bodies


class Predictor(spec.Predictor):
    content_types = accepts = ("text/csv",)

    def __init__(self, mean):
        self.mean, self.n_features = mean, len(mean)

    @classmethod
    def load(cls, model_dir, environment=None):
        return cls(np.loadtxt(model_dir / "mean.csv", delimiter=",", ndmin=1))

    def probe(self):
        self.predict(np.zeros((1, self.n_features), np.float32))

    def read(self, body, content_type):
        return self.check(request_bodies.csv_rows(body, self.n_features))

    def check(self, rows):
        if rows.shape[1] != self.n_features:
            raise spec.InvocationError(400, f"a row has {self.n_features} numbers")
        return request_bodies.validate_rows(rows)

    def response_type(self, accept):
        return "text/csv"

    def predict(self, rows):
        return np.sqrt(((rows - self.mean) ** 2).sum(axis=1))

    def write(self, predictions, accept):
        return "".join(f"{score!r}\n" for score in predictions.tolist()).encode()
