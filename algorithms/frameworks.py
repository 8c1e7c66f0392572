"""The framework images of AWS that run a person's own code."""

from algorithms.images import Images
from algorithms.xgboost.registries import ACCOUNTS  # scikit-learn's are the same (SageMaker SDK 2.257, sklearn.json)

BOOSTED_TREES = Images(repository="sagemaker-xgboost", tag="1.7-1", accounts=ACCOUNTS)
SCIKIT_LEARN = Images(repository="sagemaker-scikit-learn", tag="1.2-1-cpu-py3", accounts=ACCOUNTS)
