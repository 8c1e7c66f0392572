"""k-nearest neighbours as the catalogue declares it: AWS's knn:1 image (docs/containers.md)."""

from algorithms.amazon.container import CONTAINER
from algorithms.amazon.hyperparameter_errors import ERROR_MESSAGES
from algorithms.amazon.log_parsing import LOG
from algorithms.amazon.metrics import loss_metric, score_metric
from algorithms.amazon.registries import ACCOUNTS
from algorithms.knn.hyperparameters import HYPERPARAMETERS
from algorithms.knn.settle import RULES, memory, score_kind, seconds, settle, task_of
from algorithms.spec import Algorithm, ChannelSpec, DataContract, Images, PredictionKind

_TRAINING = ("text/csv", "text/csv;label_size=1", "application/x-recordio-protobuf")

ALGORITHM = Algorithm(
    name="knn",
    title="k-Nearest Neighbors",
    help="Asks the most similar rows it has seen: no training to speak of, and every answer can be looked up.",
    tasks=("Classification", "Regression"),
    group="Neighbours",
    glyph=(
        '<circle class="g1 gd" cx="16" cy="16" r="12"/>'
        '<path class="g1" d="M16 16 9 11M16 16l8-3M16 16l-2 9"/>'
        '<path class="g2" d="M16 16v.01M9 11v.01M24 13v.01M14 25v.01"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    rules=RULES,
    error_messages=ERROR_MESSAGES,
    channels=(
        ChannelSpec("train", "The rows to remember.", True, _TRAINING, ("File", "Pipe")),
        ChannelSpec("test", "Rows held back to judge it on.", False, _TRAINING, ("File", "Pipe")),
    ),
    content_types=("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    accepts=("application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    metrics=(score_metric("test", "accuracy"), loss_metric("test", "mse")),
    objectives={"binary": ("test:accuracy",), "multiclass": ("test:accuracy",), "regression": ("test:mse",)},
    images=Images(repository="knn", tag="1", accounts=ACCOUNTS),
    container=CONTAINER,
    refits=True,
    trainer="algorithms.knn.train:train",
    predictor="algorithms.knn.predict:Predictor",
    libraries=("faiss-cpu",),
    prediction_kind=PredictionKind.LABEL,
    log=LOG,
    data=DataContract(validation="test", missing="filled", scale=True),
    accept_header="application/json; verbose=true",  # with the neighbours' labels, of which each class has a share
    presets={
        "Fast": {"k": "5", "sample_size": "20000"},
        "Balanced": {"k": "10", "sample_size": "200000"},
        "Accurate": {"k": "10", "sample_size": "20000000"},
    },
    task_of=task_of,
    settle=settle,
    score_kind=score_kind,
    seconds=seconds,
    memory=memory,
)
