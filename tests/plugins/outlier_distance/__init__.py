"""An algorithm of somebody else: a row's score is its distance from the mean row."""

import re

from algorithms.spec import (
    EPOCH,
    Algorithm,
    ChannelSpec,
    DataContract,
    Figure,
    Images,
    Integer,
    Metric,
    PredictionKind,
    Suggestion,
    TrainingLog,  # fmt: skip
)


def _figures(line, hyperparameters):
    match = re.fullmatch(r"pass (\d+): spread (\S+)", line)
    return [Figure("train:spread", int(match[1]), match[2])] if match else []


ALGORITHM = Algorithm(
    name="outlier-distance",
    title="Outlier Distance",
    help="Scores a row by its distance from the mean row.",
    tasks=("Anomaly detection",),
    group="Distances",
    glyph='<path class="g1" d="M1 2 3 4"/>',
    hyperparameters=(Integer(name="passes", help="How often it goes over the rows.", default=3, low=1, high=9),),
    channels=(ChannelSpec("train", "The rows.", True, ("text/csv;label_size=0", "text/csv")),),
    content_types=("text/csv",),
    accepts=("text/csv",),
    metrics=(Metric("train:spread", r"spread (\S+)", "min"),),
    images=Images("outlier-distance", "1", {"us-east-1": "000000000000"}),
    trainer="outlier_distance.train:train",
    predictor="outlier_distance.predict:Predictor",
    data=DataContract(label=False, content_type="text/csv;label_size=0", validation="", missing="filled"),
    presets={"Fast": {"passes": "2"}},
    accept_header="text/csv",
    prediction_kind=PredictionKind.ANOMALY_SCORE,
    log=TrainingLog(_figures, rounds="passes", unit=EPOCH),
    suggest=lambda table: Suggestion(9, "Distances suit every table."),
)
