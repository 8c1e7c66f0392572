"""Causes of failures that are known by their text: a pattern, what happened, why, and what to try.

A fix's `changes` are what one press fills into the Create model form, as of preflight's fixes: a hyperparameter is
"hp-<name>", a field of the recipe "recipe.<field>", anything else a field of the form; None clears.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Fix:
    """One thing to try: a button's label, the concrete edit, and what it changes in the form ({}: nothing)."""

    label: str
    text: str
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """What opens the Create model form with the changes filled in; "" when there are none."""
        return urlencode({"fix": json.dumps({"label": self.label, "changes": self.changes})}) if self.changes else ""


LARGER = "larger"  # than the instance the model had; the form knows which that is

KNOWN = (
    (
        r"(?P<uri>s3://\S+) was replaced at (?P<at>[\d:]+(?: \S+)?) after it was checked",
        "{uri} was replaced at {at}",
        "It is not the table that was looked at any more. Nothing was started, and nothing was billed.",
        Fix("Look at the data again", "Create the model again; its data is read as it is now."),
    ),
    (
        r"mini_batch_size is (?P<batch>\d+), the rows are (?P<rows>\d+)|No training data processed.*mini-batch size",
        "A mini-batch holds more rows than there are",
        "Training takes whole mini-batches, and the table has not enough rows for one.",
        Fix(
            "Leave mini_batch_size out",
            "Leave mini_batch_size out so that it follows from the number of rows.",
            {"hp-mini_batch_size": None},
        ),
    ),
    (
        r"k is (?P<k>\d+), and the train channel has (?P<rows>\d+) rows",
        "k is {k}, but there are only {rows} rows",
        "There cannot be more clusters or neighbours than rows to learn from.",
        Fix(
            "Leave k out",
            "Set k to less than the rows, or leave it out so that it follows from the data.",
            {"hp-k": None},
        ),
    ),
    (
        r"(?:Set|set) feature_dim to (?P<width>\d+)|feature_dim.*(?:does not match|mismatch|but the rows)",
        "feature_dim is not the number of features",
        "Every row must have as many numbers as feature_dim says.",
        Fix(
            "Leave feature_dim out",
            "Leave feature_dim out so that it follows from the data.",
            {"hp-feature_dim": None},
        ),
    ),
    (
        r"is missing or not a finite number|takes no missing values|Input contains NaN",
        "A row has a missing value",
        "This algorithm takes a number in every cell.",
        Fix(
            "Prepare the table",
            "Let the console prepare the table: it fills missing values from the rows to learn from.",
            {"recipe.prepare": True},
        ),
    ),
    (
        r"Unable to read data channel '(?P<channel>\w+)'. Requested content-type is '(?P<type>[^']+)'",
        "Channel {channel} is not {type}",
        "The objects of the channel are in another format than its content type says.",
        Fix("Prepare the table", "Let the console write what the algorithm takes.", {"recipe.prepare": True}),
    ),
    (
        r"Only Float32 tensors are supported",
        "The records do not hold Float32 values",
        "The algorithm reads RecordIO-protobuf with 32-bit floating-point values only.",
        Fix("Prepare the table", "Let the console write what the algorithm takes.", {"recipe.prepare": True}),
    ),
    (
        r"Additional properties are not allowed \('(?P<name>\w+)' was unexpected\)|"
        r"Extraneous hyperparameter found: (?P<other>\w+)",
        "There is no hyperparameter {name}{other}",
        "The algorithm refuses names that it does not know.",
        Fix("Leave it out", "Create the model again without {name}{other}.", {"hp-{name}{other}": None}),
    ),
    (
        r"Target contains only one unique value|only one class|Labels variable has zero variance",
        "All labels are the same",
        "With one value in the target column there is nothing to tell apart.",
        Fix("Choose another target", "Choose a target column with two or more values.", {"recipe.target": None}),
    ),
    (
        r"Bad value for num_feature\[.*?\]=\"(?P<value>[^\"]*)\"|Cannot convert .* to float",
        "The table has text where a number belongs",
        "A column that is not declared a category must hold numbers only.",
        Fix("Prepare the table", "Let the console prepare the table: it codes text columns.", {"recipe.prepare": True}),
    ),
    (
        r"[Aa]ll features are either constant or ignored|no (?:meaningful|useful) features",
        "No column tells anything",
        "Every feature has the same value in all rows, so there is nothing to learn from.",
        Fix("Choose the data again", "Create the model again with more columns or another table."),
    ),
    (
        r"label must be in \[0, num_class\).*?num_class=(?P<k>\d+) but found (?P<label>\d+)",
        "Labels go up to {label} but num_class is {k}",
        "The labels must be whole numbers from 0 up to num_class minus 1.",
        Fix(
            "Leave num_class out",
            "Set num_class to {label} + 1, or leave it out so that it follows from the data.",
            {"hp-num_class": None},
        ),
    ),
    (
        r"label must be in \[0, ?num_class\)",
        "A label is not below num_class",
        "The labels must be whole numbers from 0 up to num_class minus 1.",
        Fix("Leave num_class out", "Leave num_class out so that it follows from the data.", {"hp-num_class": None}),
    ),
    (
        r"label must be in \[0,1\]|base_score must be in \(0,1\)",
        "The labels are not 0 and 1",
        "A binary objective takes exactly two labels, and both must occur.",
        Fix(
            "Leave the objective out",
            "Choose multi:softprob for more than two classes, reg:squarederror for numbers, or leave it out so that it "
            "follows from the data.",
            {"hp-objective": None},
        ),
    ),
    (
        r"could not convert string to float|Non-numeric value '(?P<value>[^']*)'",
        "The table has text where a number belongs",
        "The algorithm reads numbers only, without a header row.",
        Fix(
            "Prepare the table",
            "Let the console prepare the table: it reads the header and turns text into numbers.",
            {"recipe.prepare": True, "recipe.has_header": None},
        ),
    ),
    (
        r"[Aa]lphabet found in the header line|[Hh]eader line",
        "The first row is column names",
        "The container takes a CSV without a header row.",
        Fix(
            "Retry and skip the first row",
            "Create the model again with the first row marked as column names.",
            {"recipe.prepare": True, "recipe.has_header": True},
        ),
    ),
    (
        r"libsvm.*(format|data)|Blankspace and colon not found",
        "The file was read as LibSVM",
        "The container takes a channel without a content type for LibSVM.",
        Fix("Retry as CSV", "Send the channel with content type text/csv.", {"recipe.prepare": True}),
    ),
    (
        r"No S3 objects found under S3 URL \"?(?P<uri>[^\" ]+)",
        "There is nothing at {uri}",
        "SageMaker found no object there when the job started.",
        Fix("Choose the data again", "Create the model again and pick an object that exists."),
    ),
    (
        r"exit code:? ?'?137|[Oo]ut of memory|OutOfMemory|MemoryError",
        "The training process ran out of memory",
        "It was ended because the instance had no memory left.",
        Fix(
            "Use a larger instance",
            "Create the model again on an instance with more memory.",
            {"instance_type": LARGER},
        ),
    ),
    (
        r"[Ee]xit [Cc]ode:? ?'?(139|-11)|[Ss]egmentation fault|signal 11",
        "The training process crashed (signal 11)",
        "The algorithm itself broke; the data may have set it off.",
        Fix("Retry once", "Create the model again. If it crashes again, the log tells where it was."),
    ),
    (
        r"AccessDenied|Access Denied|\b403\b|not authorized",
        "SageMaker may not read or write this",
        "The role that the job runs as lacks a permission.",
        Fix(
            "Grant access",
            "Give the role s3:GetObject and s3:ListBucket on the data's bucket, s3:PutObject on the output's.",
        ),
    ),
    (
        r"NoSuchKey|NoSuchBucket|\b404\b",
        "The object no longer exists",
        "It was there when the model was made.",
        Fix("Choose the data again", "Create the model again and pick an object that exists."),
    ),
    (
        r"ResourceLimitExceeded|account-level service limit '(?P<limit>[^']+)'",
        "The account has reached an AWS limit",
        "AWS runs no more of these instances for this account at once.",
        Fix("Use another instance", "Choose another instance type, or ask AWS under Service Quotas for more."),
    ),
    (
        r"CapacityError|Unable to provision|[Ii]nsufficient.*capacity",
        "AWS has none of these instances free right now",
        "This is about the Region's capacity, not about the model.",
        Fix("Retry, or another instance", "Try again later or choose another instance type."),
    ),
    (
        r"MaxRuntime|[Mm]aximum runtime",
        "The job reached its time limit",
        "Training was stopped by the longest run time that the job was given.",
        Fix(
            "Allow 24 hours",
            "Create the model again with a longer run time, or with fewer rounds.",
            {"max_runtime": 24 * 3600},
        ),
    ),
    (
        r"exec:? .*train.*not found",
        "The container has no train program",
        "SageMaker starts training by running `train` inside the container.",
        Fix("Use another image", "Choose an image that has an executable called train on its PATH."),
    ),
    (
        r"health ?check|/ping",
        "The model did not answer its health check",
        "The container started, but the model in it was not ready in time.",
        Fix("Open the log", "The endpoint's log shows what the container said while loading the model."),
    ),
    (
        r"Could not assume role|unable to assume the role",
        "SageMaker may not take the role it was given",
        "The role does not exist, or does not trust sagemaker.amazonaws.com.",
        Fix("Correct the role", "Set SAGEWRIGHT_ROLE_ARN to a role whose trust policy names sagemaker.amazonaws.com."),
    ),
)
