"""People's own code as an algorithm: what forms, estimates and plans ask of a declaration, from its source."""

from __future__ import annotations

from algorithms.parameters import Hyperparameter
from algorithms.spec import Algorithm, Categorical, ChannelSpec, Continuous, DataContract, Integer, Metric, Text
from common.messages import _
from jobs.code.check import CodeCheck
from jobs.code.kinds import ALGORITHM, CLASS, KINDS, TITLE
from jobs.code.parameter import Parameter, as_text
from jobs.code.request import IMAGES
from jobs.code.spec import CodeSpec

_LESS_IS_BETTER = ("loss", "error", "rmse", "mse", "mae", "mape", "deviance", "perplexity")
_IN_PLACE = DataContract(validation="")


def declare(code: CodeSpec, check: CodeCheck | None = None) -> Algorithm:
    """The declaration of `code`, of which the source says `check`."""
    check = check or code.check
    channels = check.channels
    specs = tuple(ChannelSpec(channel.name, "", channel.required) for channel in channels) or (
        ChannelSpec("train", "", True),
    )
    return Algorithm(
        name=ALGORITHM,
        title=TITLE,
        help=KINDS[code.kind].help if code.kind in KINDS else "",
        tasks=(),
        hyperparameters=tuple(_hyperparameter(parameter) for parameter in check.parameters),
        channels=specs,
        content_types=("application/json", "text/csv"),
        accepts=("application/json", "text/csv"),
        metrics=tuple(Metric(name, "", goal(name)) for name in check.metrics),
        images=IMAGES.get(code.kind, IMAGES[CLASS]),
        trainer="",
        predictor="",
        data=_IN_PLACE,
    )


def _hyperparameter(parameter: Parameter) -> Hyperparameter:
    common = {
        "name": parameter.name,
        "help": _("Line %(n)s of the code", n=parameter.line) if parameter.line else "",
        "required": parameter.required,
        "default": parameter.default,
        "group": "basic",
    }
    if parameter.options or parameter.type == "bool":
        values = parameter.options or (True, False)
        default = None if parameter.default is None else as_text(parameter.default)
        return Categorical(**common | {"options": tuple(map(as_text, values)), "default": default})
    if parameter.type == "int":
        return Integer(**common)
    if parameter.type == "float":
        return Continuous(**common)
    return Text(**common | {"default": None if parameter.default is None else as_text(parameter.default)})


def goal(name: str) -> str:
    """Whether more of a metric that code logs is better, "max" or "min", by its name."""
    return "min" if any(word in name.lower() for word in _LESS_IS_BETTER) else "max"
