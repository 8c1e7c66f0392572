"""Turns the raw text of a failure into what happened, where, and what to do. What it does not know it says so."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fix:
    """One thing to try: a button's label, and the concrete edit."""

    label: str
    text: str


@dataclass(frozen=True)
class Failure:
    """A failure for a person; `raw` is AWS's own text, one click away."""

    headline: str
    explain: str
    raw: str
    fixes: list[Fix] = field(default_factory=list)


_KNOWN = (
    (
        r"label must be in \[0, num_class\).*?num_class=(?P<k>\d+) but found (?P<label>\d+)",
        "Labels go up to {label} but num_class is {k}",
        "The labels must be whole numbers from 0 up to num_class minus 1.",
        Fix("Change num_class", "Set num_class to {label} + 1, or leave it out so that it follows from the data."),
    ),
    (
        r"label must be in \[0, ?num_class\)",
        "A label is not below num_class",
        "The labels must be whole numbers from 0 up to num_class minus 1.",
        Fix("Change num_class", "Leave num_class out so that it follows from the data."),
    ),
    (
        r"label must be in \[0,1\]|base_score must be in \(0,1\)",
        "The labels are not 0 and 1",
        "A binary objective takes exactly two labels, and both must occur.",
        Fix("Change the objective", "Choose multi:softprob for more than two classes, reg:squarederror for numbers."),
    ),
    (
        r"could not convert string to float|Non-numeric value '(?P<value>[^']*)'",
        "The table has text where a number belongs",
        "The algorithm reads numbers only, without a header row.",
        Fix("Check the header setting", "Create the model again and say whether the first row holds column names."),
    ),
    (
        r"[Aa]lphabet found in the header line|[Hh]eader line",
        "The first row is column names",
        "The container takes a CSV without a header row.",
        Fix("Retry and skip the first row", "Create the model again with the first row marked as column names."),
    ),
    (
        r"libsvm.*(format|data)|Blankspace and colon not found",
        "The file was read as LibSVM",
        "The container takes a channel without a content type for LibSVM.",
        Fix("Retry as CSV", "Send the channel with content type text/csv."),
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
        Fix("Use a larger instance", "Create the model again on an instance with more memory."),
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
        Fix("Allow more time", "Create the model again with a longer run time, or with fewer rounds."),
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
_BLAME = {
    "ClientError": "SageMaker puts this down to the request or the data.",
    "AlgorithmError": "SageMaker puts this down to the algorithm.",
    "InternalServerError": "SageMaker puts this down to itself; trying again may be enough.",
}


def explain(raw: str) -> Failure | None:
    """The failure behind `raw`, None when there is none. An unknown cause gets no invented fix."""
    if not raw:
        return None
    for pattern, headline, why, fix in _KNOWN:
        if found := re.search(pattern, raw, re.DOTALL):
            parts = {name: value or "" for name, value in found.groupdict().items()}
            fixed = Fix(fix.label, fix.text.format(**parts))
            return Failure(headline.format(**parts), why, raw, [fixed])
    blamed, _, rest = raw.partition(":")
    if blamed in _BLAME:
        code = re.search(r"[Ee]xit [Cc]ode:? ?'?(-?\d+)", rest)
        words = f"Stopped with exit code {code[1]}" if code else _first_sentence(rest)
        return Failure(words, _BLAME[blamed], raw)
    return Failure(_first_sentence(raw), "This is all that is known of the cause.", raw)


def _first_sentence(text: str, most: int = 140) -> str:
    line = text.strip().splitlines()[0] if text.strip() else "No reason was given"
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0]
    return sentence if len(sentence) <= most else sentence[: most - 1].rstrip() + "…"
