"""Every hyperparameter of AWS's Random Cut Forest: developer guide, "RCF Hyperparameters" and "Tune an RCF Model"."""

from algorithms.amazon.parameters import INTERNAL
from algorithms.amazon.word_list import WordList
from algorithms.parameters import Hyperparameter, Integer

MAX_FEATURES = 10_000

HYPERPARAMETERS: tuple[Hyperparameter, ...] = (
    Integer(name="feature_dim", help="How many columns a row has.", required=True, low=1, high=MAX_FEATURES),
    Integer(
        name="num_trees", help="How many trees judge a row. More make the score less noisy.", default=100, low=50,
        high=1000, tunable=True, suggested=(50, 1000), group="basic",
    ),
    Integer(
        name="num_samples_per_tree",
        help="How many rows a tree sees. About 1 divided by the share of odd rows you expect.",
        default=256, low=1, high=2048, tunable=True, suggested=(1, 2048), group="basic",
    ),
    WordList(
        name="eval_metrics", help="What is measured on the test channel, where rows are marked as odd or usual.",
        default='["accuracy", "precision_recall_fscore"]', options=("accuracy", "precision_recall_fscore"),
    ),
    Integer(
        name="mini_batch_size", help="How many rows are read at a time, as the SageMaker SDK sends.", default=1000,
        low=1,
    ),
    *INTERNAL,
)  # fmt: skip

WITHOUT_EFFECT = {"mini_batch_size": "the rows are sampled in one go, so the model is the same for any size."}
