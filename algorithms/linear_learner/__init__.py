"""Linear Learner as the catalogue declares it: AWS's linear-learner:1 image (docs/containers.md)."""

from algorithms.amazon.container import CONTAINER
from algorithms.amazon.hyperparameter_errors import ERROR_MESSAGES
from algorithms.amazon.log_parsing import EPOCH_LOG
from algorithms.amazon.registries import ACCOUNTS
from algorithms.linear_learner.hyperparameters import HYPERPARAMETERS
from algorithms.linear_learner.metrics import METRICS, OBJECTIVES
from algorithms.linear_learner.settle import RULES, memory, score_kind, seconds, settle, task_of
from algorithms.linear_learner.suggest import suggest
from algorithms.spec import Algorithm, ChannelSpec, DataContract, Images, PredictionKind

_TRAINING = ("text/csv", "text/csv;label_size=1", "application/x-recordio-protobuf")

ALGORITHM = Algorithm(
    name="linear-learner",
    title="Linear Learner",
    help="Linear and logistic regression: quick, small, and easy to explain; many models at once, the best is kept.",
    tasks=("Classification", "Regression"),
    group="Linear",
    glyph=(
        '<path class="g1" d="M3 27 29 6"/>'
        '<path class="g2" d="M7 19v.01M11 25v.01M14 14v.01M19 19v.01M21 8v.01M27 12v.01"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    rules=RULES,
    error_messages=ERROR_MESSAGES,
    channels=(
        ChannelSpec("train", "The rows to learn from.", True, _TRAINING, ("File", "Pipe")),
        ChannelSpec("validation", "Rows held back to choose the best model on.", False, _TRAINING, ("File", "Pipe")),
        ChannelSpec("test", "Rows to score the finished model on.", False, _TRAINING, ("File", "Pipe")),
    ),
    content_types=("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    accepts=("application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    metrics=METRICS,
    objectives=OBJECTIVES,
    images=Images(repository="linear-learner", tag="1", accounts=ACCOUNTS),
    container=CONTAINER,
    refits=True,
    explains=True,
    class_weights=("binary", "multiclass"),
    trainer="algorithms.linear_learner.train:train",
    predictor="algorithms.linear_learner.predict:Predictor",
    prediction_kind=PredictionKind.SCORES_AND_LABEL,
    log=EPOCH_LOG,
    data=DataContract(categories="one-hot-sparse", missing="filled"),
    accept_header="application/json",
    presets={
        "Fast": {"epochs": "10", "num_models": "4"},
        "Balanced": {"epochs": "30", "num_models": "16", "early_stopping_patience": "5"},
        "Accurate": {
            "epochs": "100", "num_models": "32", "early_stopping_patience": "10", "early_stopping_tolerance": "0.0001",
        },
    },
    suggest=suggest,
    task_of=task_of,
    settle=settle,
    score_kind=score_kind,
    seconds=seconds,
    memory=memory,
)  # fmt: skip
