"""Every hyperparameter of AWS's LightGBM, with AWS's defaults, ranges and suggestions (lightgbm-hyperparameters).

Where AWS writes an open end that LightGBM and AWS's own suggestions include (1.0 for a share), it is included here.
"""

from algorithms.jumpstart.declaration import TUNING_METRIC
from algorithms.lightgbm.metrics import NAMES
from algorithms.parameters import Categorical, Continuous, Integer

BOOLEANS = ("True", "False")

HYPERPARAMETERS = (
    Integer(name="num_boost_round", label="Trees", help="How many rounds of trees to grow, one after another.",
            default=100, low=1, group="basic"),
    Continuous(name="learning_rate", help="How much each tree counts; smaller is slower and steadier.", default=0.1,
               low=0, high=1, low_open=True, tunable=True, tuned=True, suggested=(0.001, 0.01), group="basic"),
    Integer(name="num_leaves", label="Leaves of a tree", help="How many leaves a tree may have at most.",
            default=64, low=2, high=131072, tunable=True, tuned=True, suggested=(10, 100), group="basic"),
    Integer(name="max_depth", label="Tree depth", help="How many questions in a row a tree may ask; 0 sets no limit.",
            default=6, tunable=True, suggested=(15, 100), group="basic"),
    Integer(name="min_data_in_leaf", label="Rows in a leaf", default=3, low=0, tunable=True,
            suggested=(10, 200), group="basic",
            help="How many rows a leaf needs at least; more makes a simpler model."),
    Integer(name="early_stopping_rounds", label="Stop early after", default=10, group="basic",
            help="Stop when the validation figure has not improved for this many rounds; 0 never stops."),
    Categorical(name="metric", default="auto", options=("auto", *NAMES), group="basic",
                help="The figure to judge by; auto is log loss for classes and rmse for numbers."),
    Continuous(name="feature_fraction", label="Share of columns", help="The share of columns each tree gets to see.",
               default=0.9, low=0, high=1, low_open=True, tunable=True, tuned=True, suggested=(0.1, 1.0)),
    Continuous(name="bagging_fraction", label="Share of rows", help="The share of rows each tree gets to see.",
               default=0.9, low=0, high=1, low_open=True, tunable=True, tuned=True, suggested=(0.1, 1.0)),
    Integer(name="bagging_freq", help="After how many rounds rows are drawn anew; 0 uses all rows in every round.",
            default=1, low=0, tunable=True, suggested=(0, 10)),
    Continuous(name="max_delta_step", help="Limits how far one leaf may move a prediction; 0 or less sets no limit.",
               default=0.0),
    Continuous(name="lambda_l1", label="L1 penalty", help="Sets weak leaf values to zero; more makes a sparser model.",
               default=0.0, low=0),
    Continuous(name="lambda_l2", label="L2 penalty", help="Pulls all leaf values to zero; more makes a calmer model.",
               default=0.0, low=0),
    Categorical(name="boosting", default="gbdt", options=("gbdt", "rf", "dart", "goss"),
                help="Boosted trees, a random forest, trees with dropout, or trees on the rows with large errors."),
    Continuous(name="min_gain_to_split", help="How much a split must improve the model to be made.", default=0.0,
               low=0),
    Continuous(name="scale_pos_weight", help="How much more a positive row counts, for when positives are rare.",
               default=1.0, low=0, low_open=True),
    Categorical(name="is_unbalance", default="False", options=BOOLEANS,
                help="Let rows of the rarer of two classes count for more, by themselves."),
    Categorical(name="tree_learner", default="serial", options=("serial", "feature", "data", "voting"),
                help="How work is divided between machines; on one machine all of them are serial."),
    Continuous(name="feature_fraction_bynode", help="The share of columns each split gets to see.", default=1.0, low=0,
               high=1, low_open=True),
    Integer(name="max_bin", help="Into how many steps each column is cut for the histogram.", default=255, low=2),
    Continuous(name="tweedie_variance_power", default=1.5, low=1, high=2, high_open=True,
               help="For Tweedie regression, which AWS's LightGBM never chooses; accepted, and without effect."),
    Integer(name="num_threads", label="Threads", default=0, low=0, help="How many threads to use; 0 uses all."),
    Integer(name="verbosity", default=1, help="How much LightGBM writes into the log; below 0 only fatal errors."),
    Categorical(name="use_dask", default="False", options=BOOLEANS,
                help="Spread training over machines with Dask; on one machine it changes nothing."),
    TUNING_METRIC,
)  # fmt: skip
