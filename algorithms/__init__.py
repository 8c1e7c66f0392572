"""The catalogue of algorithms, by name and by container image.

A new algorithm is a folder with an `ALGORITHM` and one line here, or an installed package with an entry point in the
group `sagewright.algorithms` that names its `ALGORITHM` (docs/decisions/0022).
"""

import importlib

from algorithms.plugins import discover
from algorithms.spec import Algorithm

BUILT_IN = (  # in the order of the Create model page; the first is the default
    "xgboost",
    "lightgbm",
    "catboost",
    "linear_learner",
    "knn",
    "factorization_machines",
    "kmeans",
    "pca",
    "randomcutforest",
)


def _catalogue() -> dict[str, Algorithm]:
    built_in = [importlib.import_module(f"{__name__}.{folder}").ALGORITHM for folder in BUILT_IN]
    catalogue = {algorithm.name: algorithm for algorithm in built_in}
    return catalogue | discover(catalogue)


ALGORITHMS: dict[str, Algorithm] = _catalogue()
DEFAULT: str = next(iter(ALGORITHMS))


def get(name: str) -> Algorithm:
    """Return the algorithm called `name`. Raises KeyError with the list of names."""
    try:
        return ALGORITHMS[name]
    except KeyError:
        raise KeyError(f"no algorithm {name!r}; there are: {', '.join(ALGORITHMS)}") from None


def for_image(image_uri: str) -> Algorithm | None:
    """Return the algorithm of a container image, None if there is none.

    Ignores the registry account, region, domain, tag and digest.
    """
    return next((a for a in ALGORITHMS.values() if a.images.includes(image_uri)), None)
