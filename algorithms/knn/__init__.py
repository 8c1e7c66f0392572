"""k-nearest neighbours as the catalogue declares it: AWS's knn:1 image (WIRE.md 7, developer guide)."""

from algorithms.amazon import words
from algorithms.amazon.accounts import ACCOUNTS
from algorithms.amazon.metrics import loss, score
from algorithms.knn.hyperparameters import HYPERPARAMETERS
from algorithms.knn.settle import RULES, memory, seconds, settle, task_of
from algorithms.spec import Algorithm, ChannelSpec, DataContract, Images, Words

_TRAINING = ("text/csv", "text/csv;label_size=1", "application/x-recordio-protobuf")

ALGORITHM = Algorithm(
    name="knn",
    title="k-Nearest Neighbors",
    help="Asks the most similar rows it has seen: no training to speak of, and every answer can be looked up.",
    tasks=("Classification", "Regression"),
    hyperparameters=HYPERPARAMETERS,
    rules=RULES,
    words=Words(words.missing, words.unknown, words.refused),
    channels=(
        ChannelSpec("train", "The rows to remember.", True, _TRAINING, ("File", "Pipe")),
        ChannelSpec("test", "Rows held back to judge it on.", False, _TRAINING, ("File", "Pipe")),
    ),
    content_types=("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    accepts=("application/json", "application/jsonlines", "application/x-recordio-protobuf"),
    metrics=(score("test", "accuracy"), loss("test", "mse")),
    images=Images(repository="knn", tag="1", accounts=ACCOUNTS),
    trainer="algorithms.knn.train:train",
    predictor="algorithms.knn.predict:Predictor",
    data=DataContract(validation="test", missing="filled", scale=True),
    asks="application/json",
    presets={
        "Fast": {"k": "5", "sample_size": "20000"},
        "Balanced": {"k": "10", "sample_size": "200000"},
        "Accurate": {"k": "10", "sample_size": "20000000"},
    },
    task_of=task_of,
    settle=settle,
    seconds=seconds,
    memory=memory,
)
