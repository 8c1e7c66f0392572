"""XGBoost as the catalogue declares it: AWS's sagemaker-xgboost 3.0-5 image (docs/containers.md)."""

from algorithms.contract import DataContract
from algorithms.spec import Algorithm, ChannelSpec, Images
from algorithms.xgboost.container import CONTAINER
from algorithms.xgboost.estimate import memory, seconds
from algorithms.xgboost.hyperparameters import ALIASES, HYPERPARAMETERS
from algorithms.xgboost.log_parsing import LOG
from algorithms.xgboost.metrics import METRICS, OBJECTIVES
from algorithms.xgboost.registries import ACCOUNTS
from algorithms.xgboost.rules import DISTRIBUTED_RULES, ROW_RULES, RULES
from algorithms.xgboost.score_kind import score_kind
from algorithms.xgboost.settle import settle, task_of
from algorithms.xgboost.suggest import suggest

TRAINING_CONTENT_TYPES = (
    "text/csv", "text/libsvm", "text/x-libsvm", "application/x-parquet", "application/x-recordio-protobuf",
)  # fmt: skip

ALGORITHM = Algorithm(
    name="xgboost",
    title="XGBoost",
    help="Gradient-boosted trees: strong on tables of numbers, quick to train, hard to beat.",
    tasks=("Classification", "Regression", "Ranking", "Survival"),
    group="Trees",
    glyph=(
        '<path class="g1" d="M16 5v5M8 15v-5h16v5M4 24v-4h8v4M20 24v-4h8v4M8 15v5M24 15v5"/>'
        '<path class="g2" d="M16 5v.01M4 26v.01M12 26v.01M20 26v.01M28 26v.01"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    aliases=ALIASES,
    rules=RULES,
    row_rules=ROW_RULES,
    distributes=True,
    distributed_rules=DISTRIBUTED_RULES,
    channels=(
        ChannelSpec("train", "The rows to learn from.", True, TRAINING_CONTENT_TYPES, ("File", "Pipe")),
        ChannelSpec("validation", "Rows held back to judge it on.", False, TRAINING_CONTENT_TYPES, ("File", "Pipe")),
        ChannelSpec("code", "A script of your own instead of the built-in training.", False, ("text/python",)),
    ),
    content_types=(
        "text/csv", "text/libsvm", "text/x-libsvm", "application/x-recordio-protobuf",
        "application/json", "application/jsonlines",
    ),
    accepts=("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    metrics=METRICS,
    objectives=OBJECTIVES,
    images=Images(repository="sagemaker-xgboost", tag="3.0-5", accounts=ACCOUNTS, other_repositories=("xgboost",)),
    data=DataContract(weights=True, monotone=True),
    refits=True,
    folds=True,
    explains=True,
    class_weights=("binary", "multiclass"),
    trainer="algorithms.xgboost.train:train",
    predictor="algorithms.xgboost.predict:Predictor",
    libraries=("xgboost",),
    log=LOG,
    container=CONTAINER,
    presets={
        "Fast": {"num_round": "50", "max_depth": "4", "eta": "0.3"},
        "Balanced": {
            "num_round": "500", "max_depth": "6", "eta": "0.05", "subsample": "0.8", "colsample_bytree": "0.8",
            "min_child_weight": "3", "early_stopping_rounds": "30",
        },
        "Accurate": {
            "num_round": "1000", "max_depth": "6", "eta": "0.03", "subsample": "0.8", "colsample_bytree": "0.8",
            "min_child_weight": "3", "early_stopping_rounds": "50",
        },
    },
    suggest=suggest,
    task_of=task_of,
    settle=settle,
    score_kind=score_kind,
    seconds=seconds,
    memory=memory,
)  # fmt: skip
