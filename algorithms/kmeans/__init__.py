"""k-means as the catalogue declares it: Amazon's first-party kmeans:1 image (developer guide, "K-Means Algorithm")."""

from algorithms.amazon.container import CONTAINER
from algorithms.amazon.hyperparameter_errors import ERROR_MESSAGES
from algorithms.amazon.log_parsing import EPOCH_LOG
from algorithms.amazon.metrics import PROGRESS, epoch_metric, loss_metric
from algorithms.amazon.registries import ACCOUNTS
from algorithms.kmeans.hyperparameters import HYPERPARAMETERS
from algorithms.kmeans.settle import memory, seconds, settle
from algorithms.spec import Algorithm, ChannelSpec, DataContract, Images, PredictionKind

TRAINING_CONTENT_TYPES = ("text/csv;label_size=0", "text/csv", "application/x-recordio-protobuf")

ALGORITHM = Algorithm(
    name="kmeans",
    title="K-Means",
    help="Groups rows that are alike. Nothing is predicted: it finds the groups by itself.",
    tasks=("Clustering",),
    group="Unsupervised",
    glyph=(
        '<circle class="g1" cx="9" cy="10" r="6"/><circle class="g1" cx="23" cy="12" r="5"/>'
        '<circle class="g1" cx="15" cy="24" r="5.5"/><path class="g2" d="M9 10v.01M23 12v.01M15 24v.01"/>'
    ),
    hyperparameters=HYPERPARAMETERS,
    channels=(
        ChannelSpec("train", "The rows to group.", True, TRAINING_CONTENT_TYPES, ("File", "Pipe")),
        ChannelSpec("test", "Rows to measure the groups on.", False, TRAINING_CONTENT_TYPES, ("File", "Pipe")),
    ),
    content_types=("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    accepts=("application/json", "application/jsonlines", "application/x-recordio-protobuf", "text/csv"),
    metrics=(
        loss_metric("test", "msd"), loss_metric("test", "ssd"), epoch_metric("train:msd", "train", "msd"), *PROGRESS,
    ),
    objectives={"": ("test:msd", "test:ssd")},
    images=Images(repository="kmeans", tag="1", accounts=ACCOUNTS),
    container=CONTAINER,
    trainer="algorithms.kmeans.train:train",
    predictor="algorithms.kmeans.predict:Predictor",
    prediction_kind=PredictionKind.CLUSTER,
    log=EPOCH_LOG,
    data=DataContract(
        label=False, content_type="text/csv;label_size=0", validation="test", missing="filled", scale=True
    ),
    accept_header="application/json",
    presets={
        "Fast": {"epochs": "1", "init_method": "random"},
        "Balanced": {"epochs": "3", "init_method": "kmeans++"},
        "Accurate": {"epochs": "10", "init_method": "kmeans++", "local_lloyd_num_trials": "100"},
    },
    settle=settle,
    error_messages=ERROR_MESSAGES,
    seconds=seconds,
    memory=memory,
)  # fmt: skip
