"""Factorization Machines as the catalogue declares them: AWS's factorization-machines:1 image (developer guide)."""

from algorithms.amazon.container import CONTAINER
from algorithms.amazon.hyperparameter_errors import ERROR_MESSAGES
from algorithms.amazon.log_parsing import EPOCH_LOG
from algorithms.amazon.metrics import PROGRESS, epoch_metric, loss_metric, score_metric
from algorithms.amazon.registries import ACCOUNTS
from algorithms.factorization_machines.hyperparameters import HYPERPARAMETERS, REGRESSOR
from algorithms.factorization_machines.settle import memory, seconds, settle, task_of
from algorithms.spec import Algorithm, ChannelSpec, DataContract, Images, PredictionKind

_RECORDIO = "application/x-recordio-protobuf"

ALGORITHM = Algorithm(
    name="factorization-machines",
    title="Factorization Machines",
    help="Learns which features matter together, even where most of them are 0: clicks, ratings, recommendations.",
    tasks=("Binary classification", "Regression"),
    group="Linear",
    glyph=(
        '<path class="g1" d="M4 4v24h8V4zM12 20h16v8H12M20 20v8M4 12h8M4 20h8"/>'
        '<path class="g2" d="M20 8v.01M26 14v.01M20 14v.01"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    error_messages=ERROR_MESSAGES,
    channels=(
        ChannelSpec("train", "The rows to learn from.", True, (_RECORDIO,), ("File", "Pipe")),
        ChannelSpec("test", "Rows held back to score the finished model on.", False, (_RECORDIO,), ("File", "Pipe")),
    ),
    content_types=("application/json", "application/jsonlines", _RECORDIO),
    accepts=("application/json", "application/jsonlines", _RECORDIO),
    metrics=(
        score_metric("test", "binary_classification_accuracy"),
        loss_metric("test", "binary_classification_cross_entropy"),
        score_metric("test", "binary_f_beta", r"binary_f_\S+"),
        loss_metric("test", "rmse"),
        epoch_metric("train:binary_classification_accuracy:epoch", "train", "binary_classification_accuracy", "score"),
        epoch_metric("train:binary_classification_cross_entropy:epoch", "train", "binary_classification_cross_entropy"),
        epoch_metric("train:binary_f_beta:epoch", "train", r"binary_f_\S+", "score"),
        epoch_metric("train:rmse:epoch", "train", "rmse"),
        *PROGRESS,
    ),
    objectives={
        "binary": tuple(
            f"test:binary_{name}" for name in ("classification_cross_entropy", "classification_accuracy", "f_beta")
        ),
        "regression": ("test:rmse",),
    },
    images=Images(repository="factorization-machines", tag="1", accounts=ACCOUNTS),
    container=CONTAINER,
    refits=True,
    trainer="algorithms.factorization_machines.train:train",
    predictor="algorithms.factorization_machines.predict:Predictor",
    prediction_kind=PredictionKind.SCORES_AND_LABEL,
    log=EPOCH_LOG,
    data=DataContract(content_type=_RECORDIO, validation="test", categories="sparse", missing="filled", scale=True),
    accept_header="application/json",
    presets={
        "Fast": {"num_factors": "4", "epochs": "10"},
        "Balanced": {"num_factors": "8", "epochs": "30"},
        "Accurate": {
            "num_factors": "16", "epochs": "60", "linear_lr": "0.003", "factors_lr": "0.003",
        },
    },
    task_of=task_of,
    predicts=("binary", "regression"),
    as_number={"predictor_type": REGRESSOR},
    settle=settle,
    seconds=seconds,
    memory=memory,
)  # fmt: skip
