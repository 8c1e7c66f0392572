"""Training on several hosts, of which there is one."""

from collections.abc import Callable, Sequence
from typing import Any


def rabit_run(
    exec_fun: Callable[..., Any],
    args: dict[str, Any],
    include_in_training: bool,
    hosts: Sequence[str],
    current_host: str,
    update_rabit_args: bool = False,
    **_: Any,
) -> None:
    """Call `exec_fun` with `args`, and with `is_master` if `update_rabit_args`. Raises ValueError for several hosts."""
    if len(hosts) > 1:
        raise ValueError(f"There is one host here, and the script asks for {len(hosts)}.")
    if include_in_training:
        exec_fun(**args, **({"is_master": True} if update_rabit_args else {}))
