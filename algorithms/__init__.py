"""The catalogue: every algorithm the product knows, by name and by the image that means it.

A new algorithm is a folder with an `ALGORITHM` and one line here.
"""

from algorithms.catboost import ALGORITHM as CATBOOST
from algorithms.factorization_machines import ALGORITHM as FACTORIZATION_MACHINES
from algorithms.kmeans import ALGORITHM as KMEANS
from algorithms.knn import ALGORITHM as KNN
from algorithms.lightgbm import ALGORITHM as LIGHTGBM
from algorithms.linear_learner import ALGORITHM as LINEAR_LEARNER
from algorithms.pca import ALGORITHM as PCA
from algorithms.randomcutforest import ALGORITHM as RANDOM_CUT_FOREST
from algorithms.spec import Algorithm
from algorithms.xgboost import ALGORITHM as XGBOOST

ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        XGBOOST,
        LIGHTGBM,
        CATBOOST,
        LINEAR_LEARNER,
        KNN,
        FACTORIZATION_MACHINES,
        KMEANS,
        PCA,
        RANDOM_CUT_FOREST,
    )
}


def get(name: str) -> Algorithm:
    """The algorithm called `name`. Raises KeyError, saying what there is."""
    try:
        return ALGORITHMS[name]
    except KeyError:
        raise KeyError(f"no algorithm {name!r}; there are: {', '.join(ALGORITHMS)}") from None


def for_image(image_uri: str) -> Algorithm | None:
    """The algorithm a container image means, whatever its registry account, region, domain, tag or digest."""
    return next((a for a in ALGORITHMS.values() if a.images.includes(image_uri)), None)
