"""Every hyperparameter of AWS's PCA: developer guide, "PCA Hyperparameters"."""

from algorithms.amazon.parameters import INTERNAL, boolean
from algorithms.parameters import Categorical, Hyperparameter, Integer

HYPERPARAMETERS: tuple[Hyperparameter, ...] = (
    Integer(
        name="num_components", help="How many columns come out, at most as many as go in.", required=True, low=1,
        group="basic", label="Number of components",
    ),
    Integer(name="feature_dim", help="How many columns a row has.", required=True, low=1),
    Integer(name="mini_batch_size", help="How many rows are looked at together.", required=True, low=1),
    Categorical(
        name="algorithm_mode", help="Exact (regular), or quicker where a row has very many columns (randomized).",
        default="regular", options=("regular", "randomized"), group="basic",
    ),
    boolean(
        "subtract_mean", "Measure from the mean of each column, in training and in answers.", default="true",
        group="basic",
    ),
    Integer(
        name="extra_components", help="More of them make randomized mode more exact. -1 picks a number.",
        default=-1, low=-1, needs=("algorithm_mode", "randomized"),
    ),
    *INTERNAL,
)  # fmt: skip

WITHOUT_EFFECT: dict[str, str] = {}
