"""What a person set of an algorithm's hyperparameters, as opposed to defaults and presets."""

from __future__ import annotations

from collections.abc import Mapping

from algorithms.parameters import Hyperparameter, InvalidValue
from algorithms.spec import Algorithm

PRESET = "Balanced"  # what a new job starts with


def is_default(spec: Hyperparameter, text: str) -> bool:
    """Return True if `text` means the same as leaving the hyperparameter out."""
    if spec.name == "objective":  # left out, it follows from the target, not from the container's default
        return False
    try:
        return spec.default is not None and spec.parse(text) == spec.default
    except InvalidValue:
        return False


def changed(algorithm: Algorithm, values: Mapping[str, str]) -> dict[str, str]:
    """Return what of `values` must be sent: all but blanks and defaults. Unknown names stay, to be refused."""
    specs = {spec.name: spec for spec in algorithm.hyperparameters}
    filled = {name: text.strip() for name, text in values.items() if text.strip()}
    return {name: text for name, text in filled.items() if name not in specs or not is_default(specs[name], text)}


def preset_values(algorithm: Algorithm) -> dict[str, str]:
    """Return the hyperparameters that a new job starts with."""
    return dict(algorithm.presets.get(PRESET, {}))


def preset_name(algorithm: Algorithm, values: Mapping[str, str]) -> str:
    """Return the name of the preset that equals `values`; "" when none does."""
    own = changed(algorithm, values)
    return next((name for name, preset in algorithm.presets.items() if changed(algorithm, preset) == own), "")


def carry_over(before: Algorithm, after: Algorithm, values: Mapping[str, str]) -> dict[str, str]:
    """Return the hyperparameters of a job that changes from the algorithm `before` to `after`.

    They are the preset of `after` with those of `values` that a person set and `after` knows. What `before` starts
    with, or has by default, nobody set.
    """
    defaults, known = preset_values(before), {spec.name for spec in after.hyperparameters}
    typed = {n: t for n, t in changed(before, values).items() if n in known and defaults.get(n) != t}
    return preset_values(after) | typed
