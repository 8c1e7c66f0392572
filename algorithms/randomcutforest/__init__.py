"""Random Cut Forest as the catalogue declares it: Amazon's first-party randomcutforest:1 image (developer guide)."""

from algorithms.amazon.container import CONTAINER
from algorithms.amazon.hyperparameter_errors import ERROR_MESSAGES
from algorithms.amazon.log_parsing import LOG
from algorithms.amazon.metrics import PROGRESS, score_metric
from algorithms.amazon.registries import ACCOUNTS
from algorithms.randomcutforest.hyperparameters import HYPERPARAMETERS, MAX_FEATURES
from algorithms.randomcutforest.quantiles import QUANTILE_METRICS, QUANTILES
from algorithms.randomcutforest.settle import memory, seconds, settle
from algorithms.spec import Algorithm, ChannelSpec, DataContract, Images, PredictionKind

_TRAIN = ("text/csv;label_size=0", "text/csv", "application/x-recordio-protobuf")
_TEST = ("text/csv;label_size=1", "text/csv", "application/x-recordio-protobuf")

ALGORITHM = Algorithm(
    name="randomcutforest",
    title="Random Cut Forest",
    help="Finds the odd rows out. Each row gets a score: the higher, the stranger it is.",
    tasks=("Anomaly detection",),
    group="Unsupervised",
    glyph=(
        '<path class="g1" d="M2 21l4-2 4 3 4-3 4 2 3-15 3 14 3-2 3 2"/><path class="g2 g3" d="M21 5v.01"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    channels=(
        ChannelSpec("train", "The rows that show what is usual.", True, _TRAIN, ("File", "Pipe")),
        ChannelSpec("test", "Rows to measure it on; the first column says 1 for odd, 0 for usual.", False, _TEST,
                    ("File", "Pipe")),
    ),
    content_types=("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    accepts=("application/json", "application/jsonlines", "application/x-recordio-protobuf", "text/csv"),
    metrics=(
        score_metric("test", "f1"),
        score_metric("test", "accuracy", tunable=False),
        score_metric("test", "precision", tunable=False),
        score_metric("test", "recall", tunable=False),
        *QUANTILE_METRICS,
        *PROGRESS,
    ),
    images=Images(repository="randomcutforest", tag="1", accounts=ACCOUNTS),
    container=CONTAINER,
    trainer="algorithms.randomcutforest.train:train",
    predictor="algorithms.randomcutforest.predict:Predictor",
    prediction_kind=PredictionKind.ANOMALY_SCORE,
    score_quantiles={metric.name: quantile for metric, quantile in zip(QUANTILE_METRICS, QUANTILES, strict=True)},
    log=LOG,
    data=DataContract(
        label=False, content_type="text/csv;label_size=0", validation="", missing="filled", scale=True,
        max_features=MAX_FEATURES,
    ),
    accept_header="application/json",
    presets={
        "Fast": {"num_trees": "50", "num_samples_per_tree": "128"},
        "Balanced": {"num_trees": "100", "num_samples_per_tree": "256"},
        "Accurate": {"num_trees": "500", "num_samples_per_tree": "256"},
    },
    settle=settle,
    error_messages=ERROR_MESSAGES,
    seconds=seconds,
    memory=memory,
)  # fmt: skip
