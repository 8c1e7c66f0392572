"""Every hyperparameter of AWS's XGBoost: its range, its meaning, and AWS's suggested range for tuning.

Ranges are the container's (docs/containers.md). AWS documents defaults for base_score (0.5), updater and sketch_eps,
but sending those changes the model in XGBoost 3, so they have no `default` here: leaving out is not the same as
sending.
"""

from algorithms.parameters import Categorical, CommaList, Continuous, Integer, InvalidValue, NestedList, Tuple
from algorithms.xgboost.metrics import MAXIMIZE, METRICS, MINIMIZE

OBJECTIVES = (
    "aft_loss_distribution", "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax",
    "multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear", "reg:squarederror", "reg:logistic",
    "reg:gamma", "reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft",
    "survival:cox",
)  # fmt: skip
UPDATERS = (
    "grow_colmaker", "distcol", "grow_histmaker", "grow_local_histmaker", "grow_skmaker", "sync", "refresh", "prune",
    "shotgun", "coord_descent",
)  # fmt: skip
ALIASES = {"learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha"}
BOOLEANS = ("true", "false")
DART = ("booster", "dart")
LINEAR = ("booster", "gblinear")


def _with_threshold(metric: str) -> bool:
    """True if `metric` has a valid threshold or cut: error@0.7, ndcg@5, map@3-. Raises InvalidValue."""
    if "<function" in metric:
        raise InvalidValue(f"User defined evaluation metric {metric} is not supported yet.")
    if "@" not in metric:
        return False
    name, threshold = (part.strip() for part in metric.split("@")[:2])
    if name not in ("error", "ndcg", "map"):
        raise InvalidValue(
            f"Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold should "
            "be one of these options: 'error', 'ndcg', 'map'."
        )
    try:
        float(threshold)
    except ValueError:
        raise InvalidValue(f"Threshold value 't' in '{name}@t' expects float input.") from None
    return True


HYPERPARAMETERS = (
    Integer(name="num_round", label="Trees", help="How many rounds of trees to grow, one after another.", required=True,
            low=1, tunable=True, suggested=(1, 4000), group="basic"),
    Categorical(name="objective", label="Task", help="What the model learns to predict, and how a mistake is counted.",
                default="reg:squarederror", options=OBJECTIVES, group="basic"),
    Integer(name="num_class", label="Classes", help="How many classes there are to tell apart.", low=2,
            needs=("objective", "multi:softmax", "multi:softprob"), group="basic"),
    CommaList(name="eval_metric", label="Metrics", options=MAXIMIZE + MINIMIZE, accepts=_with_threshold, group="basic",
              help="Which figures to log after each round; early stopping watches the last one."),
    Continuous(name="eta", label="Learning rate", help="How much each tree counts; smaller is slower and steadier.",
               default=0.3, low=0, high=1, tunable=True, tuned=True, suggested=(0.1, 0.5), group="basic"),
    Integer(name="max_depth", label="Tree depth", help="How many questions in a row a tree may ask.", default=6, low=0,
            tunable=True, tuned=True, suggested=(0, 10), group="basic"),
    Integer(name="early_stopping_rounds", label="Stop early after", low=1, group="basic",
            help="Stop when the validation figure has not improved for this many rounds."),
    Continuous(name="subsample", label="Share of rows", help="The share of rows each tree gets to see.", default=1,
               low=0, high=1, low_open=True, tunable=True, tuned=True, suggested=(0.5, 1), group="basic"),
    Continuous(name="colsample_bytree", label="Share of columns", help="The share of columns each tree gets to see.",
               default=1, low=0, high=1, low_open=True, tunable=True, tuned=True, suggested=(0.5, 1), group="basic"),
    Continuous(name="min_child_weight", help="How much evidence a leaf needs; more makes a simpler model.", default=1,
               low=0, tunable=True, suggested=(0, 120), group="basic"),
    Integer(name="seed", help="The same number gives the same model again.", default=0, low=-(2**31), high=2**31 - 1,
            low_open=True, high_open=True, group="basic"),
    Continuous(name="gamma", label="Minimum gain", help="How much a split must improve the model to be made.",
               default=0, low=0, tunable=True, suggested=(0, 5)),
    Continuous(name="lambda", label="L2 penalty", help="Pulls all leaf values towards zero; more makes a calmer model.",
               default=1, low=0, tunable=True, suggested=(0, 1000)),
    Continuous(name="alpha", label="L1 penalty", help="Sets weak leaf values to zero; more makes a sparser model.",
               default=0, low=0, tunable=True, suggested=(0, 1000)),
    Continuous(name="max_delta_step", help="Limits how far one tree may move a prediction; 0 sets no limit.", default=0,
               low=0, tunable=True, suggested=(0, 10)),
    Continuous(name="colsample_bylevel", help="The share of columns each level of a tree gets to see.", default=1,
               low=0, high=1, low_open=True, tunable=True, suggested=(0.1, 1)),
    Continuous(name="colsample_bynode", help="The share of columns each split gets to see.", default=1,
               low=0, high=1, low_open=True, tunable=True, suggested=(0.1, 1)),
    Continuous(name="scale_pos_weight", help="How much more a positive row counts, for when positives are rare.",
               default=1, low=0, low_open=True),
    Continuous(name="base_score", low=0,
               help="The prediction before any tree; left out, XGBoost works it out from the labels."),
    Categorical(name="booster", help="What is grown in each round: trees, a linear model, or trees with dropout.",
                default="gbtree", options=("gbtree", "gblinear", "dart")),
    Categorical(name="tree_method", help="How splits are searched for; hist is fast, exact tries every value.",
                default="auto", options=("auto", "exact", "approx", "hist", "gpu_hist")),
    Categorical(name="grow_policy", help="Grow trees level by level, or where they gain most.", default="depthwise",
                options=("depthwise", "lossguide")),
    Integer(name="max_leaves", help="How many leaves a tree may have; 0 sets no limit.", default=0, low=0),
    Integer(name="max_bin", help="Into how many steps each column is cut for the histogram.", default=256, low=0),
    Integer(name="num_parallel_tree", help="How many trees to grow side by side in each round, as in a forest.",
            default=1, low=1),
    Categorical(name="sampling_method", help="How rows are drawn for each tree; gradient_based needs a GPU.",
                default="uniform", options=("uniform", "gradient_based")),
    Tuple(name="monotone_constraints", options=(-1, 0, 1), needs=("tree_method", "exact", "hist"),
          help="Per column: must the prediction rise (1), fall (-1) or neither (0) with it."),
    NestedList(name="interaction_constraints", needs=("tree_method", "exact", "hist", "approx"),
               help="Groups of column numbers that may be used together in one branch."),
    Continuous(name="tweedie_variance_power", default=1.5, low=1, high=2, low_open=True, high_open=True,
               needs=("objective", "reg:tweedie"), help="Between 1 (like counts) and 2 (like amounts)."),
    Categorical(name="aft_loss_distribution", default="normal", options=("normal", "logistic", "extreme"),
                needs=("objective", "survival:aft"), help="How survival times are thought to scatter."),
    Continuous(name="aft_loss_distribution_scale", default=1, low=0, needs=("objective", "survival:aft"),
               help="How widely survival times are thought to scatter."),
    Categorical(name="sample_type", default="uniform", options=("uniform", "weighted"), needs=DART,
                help="How the trees to drop are chosen."),
    Categorical(name="normalize_type", default="tree", options=("tree", "forest"), needs=DART,
                help="How a new tree is weighed against the dropped ones."),
    Continuous(name="rate_drop", default=0, low=0, high=1, needs=DART, help="The share of earlier trees to drop."),
    Integer(name="one_drop", default=0, low=0, high=1, needs=DART, help="Set to 1 to drop at least one tree a round."),
    Continuous(name="skip_drop", default=0, low=0, high=1, needs=DART, help="How often to drop no tree at all."),
    Continuous(name="lambda_bias", default=0, low=0, high=1, needs=LINEAR, help="The L2 penalty on the linear bias."),
    CommaList(name="updater", options=UPDATERS, help="Which steps build and prune the trees; best left alone."),
    Integer(name="refresh_leaf", default=1, low=0, high=1, help="Set to 0 to keep leaf values in a refresh."),
    Categorical(name="process_type", default="default", options=("default", "update"),
                help="Grow new trees, or only update those of an earlier model."),
    Continuous(name="sketch_eps", low=0, high=1, low_open=True, high_open=True,
               help="An accuracy setting of older versions; XGBoost 3 ignores it."),
    Categorical(name="dsplit", options=("row", "col"),
                help="How data was divided between machines in older versions; XGBoost 3 ignores it."),
    Categorical(name="predictor", default="auto", options=("auto", "cpu_predictor", "gpu_predictor"),
                help="Where older versions computed predictions; XGBoost 3 ignores it."),
    Categorical(name="deterministic_histogram", default="true", options=BOOLEANS,
                help="A GPU setting of older versions; XGBoost 3 ignores it."),
    Continuous(name="prob_buffer_row", low=1.0, low_open=True,
               help="A setting of older versions; XGBoost 3 ignores it."),
    Categorical(name="use_dask_gpu_training", default="false", options=BOOLEANS,
                help="Spread training over several GPUs; needs a GPU instance."),
    Integer(name="csv_weights", label="Weights in CSV", default=0, low=0, high=1,
            help="Set to 1 if the second column of the CSV says how much each row counts."),
    Categorical(name="save_model_on_termination", default="false", options=BOOLEANS,
                help="Keep the model made so far when the job is stopped."),
    Integer(name="verbosity", default=1, low=0, high=3, help="How much XGBoost writes into the log."),
    Integer(name="nthread", label="Threads", low=1, help="How many threads to use; left out, all of the machine's."),
    Integer(name="_kfold", label="Folds", low=2, group="advanced",
            help="Train this many models, each judged on a different part of the rows."),
    Integer(name="_num_cv_round", label="Repeats", low=1, help="How often to repeat the cross-validation."),
    Categorical(name="_tuning_objective_metric", options=tuple(m.name for m in METRICS if m.tunable), internal=True,
                help="The figure a tuning job wants to improve."),
)  # fmt: skip
