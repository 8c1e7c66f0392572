"""CatBoost as the catalogue declares it: AWS's JumpStart built-in algorithm (docs/containers.md, README.md)."""

from algorithms.catboost.estimate import memory, seconds
from algorithms.catboost.hyperparameters import HYPERPARAMETERS
from algorithms.catboost.log_parsing import LOG
from algorithms.catboost.metrics import METRICS, TASKS
from algorithms.catboost.rules import RULES
from algorithms.catboost.suggest import suggest
from algorithms.contract import DataContract
from algorithms.jumpstart.declaration import ACCEPTS, CHANNELS, CONTENT_TYPES
from algorithms.jumpstart.registries import ACCOUNTS
from algorithms.spec import Algorithm, Images

ALGORITHM = Algorithm(
    name="catboost",
    title="CatBoost",
    help="Boosted trees at their best with categories: takes them as they are, and is hard to overfit.",
    tasks=("Classification", "Regression"),
    group="Trees",
    glyph=(
        '<path class="g1" d="M4 4h10v10H4zM18 4h10v10H18zM4 18h10v10H4z"/>'
        '<path class="g2" d="M23 23v.01M9 9v.01M19.5 27v.01M27 19.5v.01"/>'
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
        repository="sagemaker-catboost", tag="1.2", accounts=ACCOUNTS,
        other_repositories=(
            "catboost", "catboost-classification", "catboost-regression", "catboost-classification-model",
            "catboost-regression-model",
        ),
    ),
    refits=True,
    folds=True,
    explains=True,
    class_weights=("binary",),
    trainer="algorithms.catboost.train:train",
    predictor="algorithms.catboost.predict:Predictor",
    libraries=("catboost",),
    log=LOG,
    data=DataContract(categories="native", min_rows=2),
    accept_header="application/json",
    needs_on_aws=(
        "On Amazon SageMaker, CatBoost comes from JumpStart: a training script and a model archive beside a general "
        "PyTorch image. An image alone cannot start it. Use the SageMaker Python SDK's JumpStartEstimator with "
        "catboost-classification-model or catboost-regression-model."
    ),
    presets={
        "Fast": {"iterations": "100", "learning_rate": "0.2", "depth": "4", "early_stopping_rounds": "10"},
        "Balanced": {"iterations": "1000", "learning_rate": "0.06", "early_stopping_rounds": "50"},
        "Accurate": {"iterations": "3000", "learning_rate": "0.03", "early_stopping_rounds": "100"},
    },
    suggest=suggest,
    task_of=TASKS.task_of,
    settle=TASKS.settle,
    seconds=seconds,
    memory=memory,
)  # fmt: skip
