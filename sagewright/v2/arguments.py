"""Arguments of version 2 that this SDK does not have: refused by name, or ignored with a warning if they only watch."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import Any

# They change what is recorded about a job, never what it computes, costs, or lets in.
WATCHING = (
    "container_log_level",
    "debugger_hook_config",
    "disable_profiler",
    "enable_sagemaker_metrics",
    "log_type",
    "poll",
    "profiler_config",
    "rules",
    "tensorboard_output_config",
)
RENAMED = {  # names of version 1, which version 2 still took
    "image": "image_uri",
    "image_name": "image_uri",
    "train_instance_count": "instance_count",
    "train_instance_type": "instance_type",
    "train_max_run": "max_run",
    "train_volume_size": "volume_size",
}


def refuse_unknown(where: str, arguments: dict[str, Any], unused: Collection[str] = ()) -> None:
    """Raise TypeError for an argument of `arguments` that would change something; warn of those that only watch.

    `unused` are the names of arguments that this SDK has no choice for. An argument that asks for nothing (None, False,
    an empty list) is one that version 2 was given needlessly, and passes.
    """
    names = [name for name, value in arguments.items() if name not in unused and not _asks_for_nothing(value)]
    ignored = [name for name in names if name in WATCHING]
    refused = [_with_new_name(name) for name in names if name not in ignored]
    if refused:
        raise TypeError(
            f"{where} has no argument {', '.join(refused)} in sagewright.v2; without it something else would happen"
            " than is written. Leave it out, or send the request with boto3. docs/v2.md lists what there is."
        )
    if ignored:
        warnings.warn(
            f"{where} ignores {', '.join(ignored)}: sagewright.v2 has neither debugger nor profiler.", stacklevel=3
        )


def _with_new_name(name: str) -> str:
    return f"{name} (now {RENAMED[name]})" if name in RENAMED else name


def _asks_for_nothing(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, (str, bytes, list, tuple, dict)) and not value)
