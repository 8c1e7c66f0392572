"""Every hyperparameter of AWS's CatBoost, with AWS's defaults, ranges and suggestions (catboost-hyperparameters).

Where AWS writes an open end that CatBoost and AWS's own suggestions include (1.0 for a share), it is included here.
"""

from dataclasses import dataclass
from typing import Any

from algorithms.catboost.metrics import NAMES
from algorithms.jumpstart.declaration import TUNING_METRIC
from algorithms.parameters import Categorical, Continuous, Hyperparameter, Integer, InvalidValue


@dataclass(frozen=True, kw_only=True, eq=False)
class Bins(Hyperparameter):
    """`Auto`, or a whole number from `low` to `high`."""

    low: int = 1
    high: int = 65535
    kind = "text"

    def describe_range(self) -> str:
        """Describe the accepted values in words."""
        return f"Auto, or {self.low} to {self.high}"

    def _read(self, text: Any) -> Any:
        return "Auto" if str(text).lower() == "auto" else int(text)

    def _check(self, value: Any) -> None:
        if value != "Auto" and not self.low <= value <= self.high:
            raise InvalidValue(f"Hyperparameter {self.name}: {value} is not in [{self.low}, {self.high}]")


HYPERPARAMETERS = (
    Integer(name="iterations", label="Trees", help="How many trees to grow at most, one after another.", default=500,
            low=1, group="basic"),
    Continuous(name="learning_rate", help="How much each tree counts; smaller is slower and steadier.", default=0.009,
               low=0, high=1, low_open=True, tunable=True, tuned=True, suggested=(0.001, 0.01), group="basic"),
    Integer(name="depth", label="Tree depth", help="How many questions in a row a tree asks.", default=6, low=1,
            high=16, tunable=True, tuned=True, suggested=(4, 10), group="basic"),
    Integer(name="l2_leaf_reg", label="L2 penalty", help="Pulls all leaf values to zero; more makes a calmer model.",
            default=3, low=1, tunable=True, tuned=True, suggested=(2, 10), group="basic"),
    Integer(name="early_stopping_rounds", label="Stop early after", default=5, group="basic",
            help="Stop when the validation figure has not improved for this many trees; 0 never stops."),
    Categorical(name="eval_metric", label="Metric", default="auto", options=("auto", "Auto", *NAMES), group="basic",
                help="The figure to judge by; auto is AUC, MultiClass or RMSE, as the task needs."),
    Integer(name="random_seed", label="Seed", help="The same number gives the same model again.", default=1, low=0,
            high=2**63 - 1, group="basic"),
    Continuous(name="random_strength", help="How much chance there is in the choice of splits, against overfitting.",
               default=1.0, low=0, tunable=True, suggested=(0, 10)),
    Integer(name="max_leaves", help="How many leaves a tree may have; for the policy Lossguide.", default=31, low=2,
            high=64, needs=("grow_policy", "Lossguide")),
    Continuous(name="rsm", label="Share of columns", help="The share of columns each split gets to see.", default=1.0,
               low=0, high=1, low_open=True),
    Categorical(name="sampling_frequency", default="PerTreeLevel", options=("PerTreeLevel", "PerTree"),
                help="Whether rows are weighted anew for every level of a tree, or for every tree."),
    Integer(name="min_data_in_leaf", label="Rows in a leaf", default=1, low=1,
            needs=("grow_policy", "Lossguide", "Depthwise"),
            help="How many rows a leaf needs at least; for the policies Lossguide and Depthwise."),
    Continuous(name="bagging_temperature", help="How unevenly rows are weighted by chance; 0 weights all the same.",
               default=1.0, low=0),
    Categorical(name="boosting_type", default="Auto", options=("Auto", "Ordered", "Plain"),
                help="Ordered is kinder to small tables, Plain is the classic way; Auto decides by their size."),
    Continuous(name="scale_pos_weight", help="How much more a positive row counts, for when positives are rare.",
               default=1.0, low=0, low_open=True),
    Bins(name="max_bin", default="Auto", help="Into how many steps each column is cut; Auto lets CatBoost decide."),
    Categorical(name="grow_policy", default="SymmetricTree", options=("SymmetricTree", "Depthwise", "Lossguide"),
                help="One question a level, level by level, or where it gains most."),
    Integer(name="thread_count", label="Threads", default=-1, low=-1,
            help="How many threads to use; -1 uses all there are."),
    Integer(name="verbose", default=1, low=0, help="After how many trees a line is logged; 0 logs none."),
    TUNING_METRIC,
)  # fmt: skip
