"""PCA as the catalogue declares it: Amazon's first-party pca:1 image (developer guide, "PCA Algorithm")."""

from algorithms.amazon.container import CONTAINER
from algorithms.amazon.hyperparameter_errors import ERROR_MESSAGES
from algorithms.amazon.log_parsing import LOG
from algorithms.amazon.metrics import PROGRESS, score_metric
from algorithms.amazon.registries import ACCOUNTS
from algorithms.pca.hyperparameters import HYPERPARAMETERS
from algorithms.pca.rules import RULES
from algorithms.pca.settle import memory, seconds, settle
from algorithms.spec import Algorithm, ChannelSpec, DataContract, Images, PredictionKind

TRAINING_CONTENT_TYPES = ("text/csv;label_size=0", "text/csv", "application/x-recordio-protobuf")

ALGORITHM = Algorithm(
    name="pca",
    title="Principal Component Analysis (PCA)",
    help="Boils many columns down to a few that keep most of what tells the rows apart.",
    tasks=("Dimension reduction",),
    group="Unsupervised",
    glyph=(
        '<path class="g1" d="M5 27 27 5M10 8l14 14"/>'
        '<path class="g2" d="M9 20v.01M13 22v.01M14 16v.01M19 16v.01M18 11v.01M23 12v.01"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    rules=RULES,
    channels=(
        ChannelSpec("train", "The rows to find components of.", True, TRAINING_CONTENT_TYPES, ("File", "Pipe")),
        ChannelSpec("test", "Rows to measure the components on.", False, TRAINING_CONTENT_TYPES, ("File", "Pipe")),
    ),
    content_types=("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    accepts=("application/json", "application/jsonlines", "application/x-recordio-protobuf", "text/csv"),
    metrics=(
        score_metric("test", "explained_variance", tunable=False),  # ours: AWS measures nothing
        score_metric("train", "explained_variance", tunable=False),
        *PROGRESS,
    ),
    images=Images(repository="pca", tag="1", accounts=ACCOUNTS),
    container=CONTAINER,
    trainer="algorithms.pca.train:train",
    predictor="algorithms.pca.predict:Predictor",
    prediction_kind=PredictionKind.PROJECTION,
    log=LOG,
    data=DataContract(
        label=False, content_type="text/csv;label_size=0", validation="test", missing="filled", scale=True
    ),
    accept_header="application/json",
    presets={
        "Fast": {"algorithm_mode": "randomized", "extra_components": "10"},
        "Balanced": {"algorithm_mode": "randomized", "extra_components": "50"},
        "Accurate": {"algorithm_mode": "regular"},
    },
    settle=settle,
    error_messages=ERROR_MESSAGES,
    seconds=seconds,
    memory=memory,
)
