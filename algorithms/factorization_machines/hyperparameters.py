"""Every hyperparameter of AWS's Factorization Machines (developer guide, fact-machines-hyperparameters)."""

from __future__ import annotations

from collections.abc import Iterator

from algorithms.amazon.parameters import INTERNAL
from algorithms.parameters import Categorical, Continuous, Hyperparameter, Integer

BINARY, REGRESSOR = "binary_classifier", "regressor"
METHODS = ("normal", "uniform", "constant")
RANGE = (1e-8, 512.0)  # AWS's suggested range for tuning
# part: (description, learning rate, weight decay, initial standard deviation), AWS's defaults
PARTS = {
    "bias": ("the bias", 0.1, 0.01, 0.01),
    "linear": ("the linear terms", 0.001, 0.001, 0.01),
    "factors": ("the factors", 0.0001, 0.00001, 0.001),
}


def _settings_of(part: str) -> Iterator[Hyperparameter]:
    """Yield the hyperparameters of one part: bias, linear terms or factors."""
    subject, rate, decay, sigma = PARTS[part]
    title = {"bias": "Bias", "linear": "Linear terms", "factors": "Factors"}[part]
    basic = "advanced" if part == "bias" else "basic"
    method = f"{part}_init_method"
    yield Continuous(name=f"{part}_lr", label=f"{title}: learning rate", default=rate, low=0, tunable=True,
                     tuned=part != "bias", suggested=RANGE, group=basic,
                     help=f"How large the steps of {subject} are.")  # fmt: skip
    yield Continuous(name=f"{part}_wd", label=f"{title}: weight decay", default=decay, low=0, tunable=True,
                     suggested=RANGE, help=f"How strongly {subject} are drawn to 0." if part != "bias" else
                     "How strongly the bias is drawn to 0.")  # fmt: skip
    yield Categorical(name=method, label=f"{title}: first values", default="normal", options=METHODS,
                      help=f"How the values are drawn that {subject} begin with." if part != "bias" else
                      "How the value is drawn that the bias begins with.")  # fmt: skip
    yield Continuous(name=f"{part}_init_sigma", label=f"{title}: first spread", default=sigma, low=0, tunable=True,
                     suggested=RANGE, needs=(method, "normal"),
                     help="The standard deviation of the normal distribution they are drawn from.")  # fmt: skip
    yield Continuous(name=f"{part}_init_scale", label=f"{title}: first range", low=0, tunable=True, suggested=RANGE,
                     needs=(method, "uniform"), help="They are drawn evenly from minus this to plus this.")  # fmt: skip
    yield Continuous(name=f"{part}_init_value", label=f"{title}: first value", tunable=True, suggested=RANGE,
                     needs=(method, "constant"), help="The value that all of them begin with.")  # fmt: skip


HYPERPARAMETERS = (
    Categorical(name="predictor_type", label="Task", help="Whether to predict one of two classes or a number.",
                required=True, options=(BINARY, REGRESSOR), group="basic"),
    Integer(name="feature_dim", label="Features", help="How many features a row has, counting those that are 0.",
            required=True, low=1),
    Integer(name="num_factors", label="Factors", help="How many numbers describe each feature in its interactions.",
            required=True, low=1, group="basic"),
    Integer(name="epochs", help="How often the training rows are gone through.", default=1, low=1, tunable=True,
            suggested=(1, 1000), group="basic"),
    Integer(name="mini_batch_size", label="Batch size", help="How many rows each step looks at, at most all of them.",
            default=1000, low=1, tunable=True, suggested=(100, 10_000), group="basic"),
    *_settings_of("bias"), *_settings_of("linear"), *_settings_of("factors"),
    Continuous(name="clip_gradient", label="Largest gradient", low=0, low_open=True,
               help="Gradients are cut off at minus and plus this; left out, they are not."),
    Continuous(name="eps", label="Least divisor", help="A small number that keeps steps from a division by 0.", low=0,
               low_open=True),
    Continuous(name="rescale_grad", label="Gradient times", low=0, low_open=True,
               help="What the batch's summed gradient is multiplied with; left out, 1 by the batch size."),
    *INTERNAL,
)  # fmt: skip
