"""Every hyperparameter of AWS's Linear Learner: range, default, meaning (developer guide, ll_hyperparameters)."""

from algorithms.amazon.parameters import INTERNAL, AutoContinuous, AutoInteger, boolean
from algorithms.parameters import Categorical, Continuous, Integer

BINARY, MULTICLASS, REGRESSOR = "binary_classifier", "multiclass_classifier", "regressor"
PREDICTORS = (BINARY, MULTICLASS, REGRESSOR)
REGRESSION_LOSSES = (
    "squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss", "quantile_loss",
    "huber_loss",
)  # fmt: skip
HINGE_LOSS = "hinge_loss"
LOSSES = {BINARY: ("logistic", HINGE_LOSS), MULTICLASS: ("softmax_loss",), REGRESSOR: REGRESSION_LOSSES}
CRITERIA = ("accuracy", "f_beta", "precision_at_target_recall", "recall_at_target_precision", "loss_function")
IS_BINARY, IS_MULTICLASS = ("predictor_type", BINARY), ("predictor_type", MULTICLASS)
SCHEDULED = ("use_lr_scheduler", "true")


class Weight(AutoContinuous):
    """A weight, `auto`, or `balanced`."""

    words = ("balanced",)


HYPERPARAMETERS = (
    Categorical(name="predictor_type", label="Task", help="One of two classes, one of several, or a number.",
                required=True, options=PREDICTORS, group="basic"),
    Integer(name="num_classes", label="Classes", help="How many classes there are to tell apart.", low=3,
            high=1_000_000, needs=IS_MULTICLASS, group="basic"),
    AutoInteger(name="feature_dim", label="Features", help="How many features a row has; auto counts them.",
                default="auto", low=1),
    Integer(name="epochs", help="How often the training rows are gone through at most.", default=15, low=1,
            group="basic"),
    Integer(name="mini_batch_size", label="Batch size", help="How many rows each step looks at, at most all of them.",
            default=1000, low=1, tunable=True, suggested=(100, 5000), group="basic"),
    AutoContinuous(name="learning_rate", label="Learning rate", help="How large the steps are; auto tries several.",
                   default="auto", low=0, low_open=True, tunable=True, tuned=True, suggested=(1e-5, 1), group="basic"),
    AutoContinuous(name="wd", label="L2 regularization", help="How strongly weights are held down; auto tries several.",
                   default="auto", low=0, tunable=True, tuned=True, suggested=(1e-7, 1), group="basic"),
    AutoContinuous(name="l1", label="L1 regularization", help="How strongly weights are drawn to 0; auto tries two.",
                   default="auto", low=0, tunable=True, tuned=True, suggested=(1e-7, 1), group="basic"),
    AutoInteger(name="num_models", label="Models side by side", group="basic", default="auto", low=1,
                help="How many models with different settings to train side by side; the best is kept."),
    Categorical(name="loss", help="How a mistake is counted; auto suits the task.", default="auto",
                options=("auto", "logistic", "hinge_loss", *REGRESSION_LOSSES, "softmax_loss"), group="basic"),
    Categorical(name="binary_classifier_model_selection_criteria", label="Choose threshold and model by",
                help="What the best of the models, and its threshold, should be best at.", default="accuracy",
                options=CRITERIA, needs=IS_BINARY, group="basic"),
    Weight(name="positive_example_weight_mult", label="Weight of class 1", default="1.0", low=0, low_open=True,
           help="How much an example of class 1 counts against one of class 0; balanced evens them out.",
           needs=IS_BINARY, tunable=True, suggested=(1e-5, 1e5)),
    boolean("balance_multiclass_weights", "Whether each class counts the same, however many rows it has.", "false",
          label="Balance classes", needs=IS_MULTICLASS),
    Continuous(name="target_precision", help="The precision to hold while recall is made as high as can be.",
               default=0.8, low=0, high=1,
               needs=("binary_classifier_model_selection_criteria", "recall_at_target_precision")),
    Continuous(name="target_recall", help="The recall to hold while precision is made as high as can be.",
               default=0.8, low=0, high=1,
               needs=("binary_classifier_model_selection_criteria", "precision_at_target_recall")),
    Continuous(name="f_beta", label="Beta of the F score", default=1.0, low=0, low_open=True,
               help="How much recall counts against precision in the F score; 1 is the F1 score."),
    Integer(name="early_stopping_patience", label="Stop early after", default=3, low=1, group="basic",
            help="Stop when there was no improvement for this many epochs."),
    Continuous(name="early_stopping_tolerance", label="Improvement that counts", default=0.001, low=0, low_open=True,
               help="The relative improvement below which an epoch counts as none."),
    Categorical(name="optimizer", help="The method of gradient descent; auto is adam.", default="auto",
                options=("auto", "adam", "sgd", "rmsprop")),
    AutoContinuous(name="momentum", help="How much of the last step is kept in the next.", default="auto", low=0,
                   high=1, high_open=True, needs=("optimizer", "sgd")),
    AutoContinuous(name="beta_1", help="How slowly adam forgets the direction of earlier steps.", default="auto", low=0,
                   high=1, high_open=True, needs=("optimizer", "auto", "adam")),
    AutoContinuous(name="beta_2", help="How slowly adam forgets the size of earlier steps.", default="auto", low=0,
                   high=1, high_open=True, needs=("optimizer", "auto", "adam")),
    boolean("use_lr_scheduler", "Whether the learning rate falls as training goes on.", label="Falling learning rate"),
    AutoInteger(name="lr_scheduler_step", help="After how many batches the learning rate falls.", default="auto", low=1,
                needs=SCHEDULED),
    AutoContinuous(name="lr_scheduler_factor", help="What the learning rate is multiplied with each time it falls.",
                   default="auto", low=0, high=1, low_open=True, high_open=True, needs=SCHEDULED),
    AutoContinuous(name="lr_scheduler_minimum_lr", help="The learning rate never falls below this.", default="auto",
                   low=0, low_open=True, needs=SCHEDULED),
    boolean("normalize_data", "Whether features are shifted to mean 0 and scaled to standard deviation 1.", auto=True),
    boolean("normalize_label", "Whether labels are scaled to standard deviation 1; only for numbers.", "auto",
            auto=True),
    boolean("unbias_data", "Whether features are shifted to mean 0; auto follows use_bias.", "auto", auto=True),
    boolean("unbias_label", "Whether labels are shifted to mean 0; only for numbers.", "auto", auto=True),
    Integer(name="num_point_for_scaler", label="Rows to scale by", default=10_000, low=1,
            help="How many rows mean and standard deviation are taken from."),
    AutoInteger(name="num_calibration_samples", label="Rows to calibrate by", default="auto", low=1,
                help="How many rows the threshold is found on; auto takes all.", needs=IS_BINARY),
    boolean("use_bias", "Whether the model has an intercept."),
    Continuous(name="init_bias", label="First bias", help="The value the bias begins with.", default=0.0),
    Categorical(name="init_method", help="How the weights are drawn that training begins with.", default="uniform",
                options=("uniform", "normal")),
    Continuous(name="init_scale", help="Weights begin between minus and plus this.", default=0.07, low=0, low_open=True,
               needs=("init_method", "uniform")),
    Continuous(name="init_sigma", help="The standard deviation of the weights that training begins with.", default=0.01,
               low=0, low_open=True, needs=("init_method", "normal")),
    AutoContinuous(name="bias_lr_mult", label="Learning rate of the bias", default="auto", low=0, low_open=True,
                   help="The learning rate of the bias as a multiple of the others'; auto is 1."),
    AutoContinuous(name="bias_wd_mult", label="L2 regularization of the bias", default="auto", low=0,
                   help="The L2 regularization of the bias as a multiple of the others'; auto is 0."),
    Continuous(name="quantile", help="The share of labels that should lie below the prediction.", default=0.5, low=0,
               high=1, low_open=True, high_open=True, needs=("loss", "quantile_loss")),
    Continuous(name="huber_delta", help="Errors beyond this count by their size, not by their square.", default=1.0,
               low=0, low_open=True, needs=("loss", "huber_loss")),
    Continuous(name="loss_insensitivity", help="Errors below this count as none.", default=0.01, low=0, low_open=True,
               needs=("loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss")),
    Continuous(name="margin", help="How far on the right side an example must lie to count as no mistake.", default=1.0,
               low=0, low_open=True, needs=("loss", "hinge_loss")),
    Integer(name="accuracy_top_k", help="A class among this many most likely ones counts as found.", default=3, low=1,
            needs=IS_MULTICLASS),
    *INTERNAL,
)  # fmt: skip
