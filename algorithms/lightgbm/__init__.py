"""LightGBM as the catalogue declares it: AWS's JumpStart built-in algorithm (docs/containers.md, README.md)."""

from algorithms.contract import DataContract
from algorithms.jumpstart.declaration import ACCEPTS, CHANNELS, CONTENT_TYPES
from algorithms.jumpstart.registries import ACCOUNTS
from algorithms.lightgbm.estimate import memory, seconds
from algorithms.lightgbm.hyperparameters import HYPERPARAMETERS
from algorithms.lightgbm.log_parsing import LOG
from algorithms.lightgbm.metrics import METRICS, TASKS
from algorithms.lightgbm.rules import RULES
from algorithms.lightgbm.suggest import suggest
from algorithms.spec import Algorithm, Images

ALGORITHM = Algorithm(
    name="lightgbm",
    title="LightGBM",
    help="Boosted trees grown leaf by leaf: fast on large tables, takes categories and missing values as they are.",
    tasks=("Classification", "Regression"),
    group="Trees",
    glyph=(
        '<path class="g1" d="M5 28C5 12 13 4 28 4c0 15-7 22-18 21M5 28 20 12"/>'
        '<path class="g2" d="M13 19v-6M17 15.5h6"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    rules=RULES,
    channels=CHANNELS,
    content_types=CONTENT_TYPES,
    accepts=ACCEPTS,
    metrics=METRICS,
    objectives=TASKS.objectives,
    objective_parameter=TASKS.name,
    images=Images(
        repository="sagemaker-lightgbm", tag="4.7", accounts=ACCOUNTS,
        other_repositories=(
            "lightgbm", "lightgbm-classification", "lightgbm-regression", "lightgbm-classification-model",
            "lightgbm-regression-model",
        ),
    ),
    distributes=True,
    refits=True,
    folds=True,
    explains=True,
    class_weights=("binary",),
    trainer="algorithms.lightgbm.train:train",
    predictor="algorithms.lightgbm.predict:Predictor",
    libraries=("lightgbm",),
    log=LOG,
    data=DataContract(categories="native", min_rows=2),
    accept_header="application/json",
    needs_on_aws=(
        "On Amazon SageMaker, LightGBM comes from JumpStart: a training script and a model archive beside a general "
        "PyTorch image. An image alone cannot start it. Use the SageMaker Python SDK's JumpStartEstimator with "
        "lightgbm-classification-model or lightgbm-regression-model."
    ),
    presets={
        "Fast": {"num_boost_round": "50", "num_leaves": "31", "learning_rate": "0.2"},
        "Balanced": {
            "num_boost_round": "500", "num_leaves": "31", "learning_rate": "0.05", "min_data_in_leaf": "20",
            "feature_fraction": "0.8", "bagging_fraction": "0.8", "early_stopping_rounds": "30",
        },
        "Accurate": {
            "num_boost_round": "1000", "num_leaves": "31", "learning_rate": "0.03", "min_data_in_leaf": "20",
            "feature_fraction": "0.8", "bagging_fraction": "0.8", "early_stopping_rounds": "50",
        },
    },
    suggest=suggest,
    task_of=TASKS.task_of,
    settle=TASKS.settle,
    seconds=seconds,
    memory=memory,
)  # fmt: skip
