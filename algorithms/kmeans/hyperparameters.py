"""Every hyperparameter of AWS's k-means: developer guide, "K-Means Hyperparameters" and "Tune a K-Means Model"."""

from algorithms.amazon.parameters import INTERNAL, AutoInteger, boolean
from algorithms.amazon.word_list import WordList
from algorithms.parameters import Categorical, Continuous, Hyperparameter, Integer

METHODS = ("random", "kmeans++")

HYPERPARAMETERS: tuple[Hyperparameter, ...] = (
    Integer(
        name="k", help="How many groups to make.", required=True, low=1, group="basic", label="Number of groups (k)",
    ),
    Integer(name="feature_dim", help="How many columns a row has.", required=True, low=1),
    Integer(
        name="epochs", help="How often all rows are gone through. More often is steadier and slower.", default=1, low=1,
        tunable=True, tuned=True, suggested=(1, 10), group="basic",
    ),
    Categorical(
        name="init_method", help="How the first centers are drawn: evenly, or far from one another.",
        default="random", options=METHODS, tunable=False, group="basic",
    ),
    AutoInteger(
        name="extra_center_factor",
        help="How many times k centers are kept while rows are read, before they are merged to k.",
        default="auto", low=1, tunable=True, tuned=True, suggested=(4, 10), group="basic",
    ),
    Integer(
        name="mini_batch_size", help="How many rows are looked at before the centers move.", default=5000, low=1,
        tunable=True, suggested=(3000, 15000),
    ),
    Integer(
        name="half_life_time_size", help="After this many further rows, a row counts half. 0 keeps all rows equal.",
        default=0, low=0,
    ),
    Categorical(
        name="local_lloyd_init_method", help="How the merging of the centers to k begins.", default="kmeans++",
        options=METHODS,
    ),
    Integer(
        name="local_lloyd_max_iter", help="At most how many rounds the merging takes.", default=300, low=1,
    ),
    AutoInteger(
        name="local_lloyd_num_trials", help="How often the merging is tried. The best result is kept.",
        default="auto", low=1,
    ),
    Continuous(
        name="local_lloyd_tol", help="The merging ends when a round improves it by a smaller share than this.",
        default=0.0001, low=0, high=1,
    ),
    WordList(
        name="eval_metrics", help="What is measured on the test channel: mean or sum of squared distances.",
        default='["msd"]', options=("msd", "ssd"),
    ),
    boolean("force_dense", "Sent by the SageMaker SDK. Rows are made dense in any case.", default="true"),
    *INTERNAL,
)  # fmt: skip

WITHOUT_EFFECT = {"force_dense": "rows are always made dense."}
