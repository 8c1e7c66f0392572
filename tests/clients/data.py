"""What the clients' programs share: a role, tables of scikit-learn, and a word about each check. Stand-alone."""

import io
import os
import sys
import time
import uuid

ROLE = os.environ.get("SAGEMAKER_ROLE", "arn:aws:iam::123456789012:role/SageMakerRole")
REGION = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")


def unique(prefix: str) -> str:
    return f"{prefix}-{time.strftime('%m%d%H%M%S')}-{uuid.uuid4().hex[:5]}"


def check(condition: object, what: str) -> None:
    print(("ok   " if condition else "FAIL ") + what, flush=True)
    if not condition:
        sys.exit(1)


def cancer():
    """Rows and labels, shuffled."""
    import numpy as np
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    order = np.random.RandomState(7).permutation(len(y))
    return x[order], y[order]


def as_csv(x, y=None) -> str:
    """The label first, no header."""
    import numpy as np

    stream = io.StringIO()
    np.savetxt(stream, x if y is None else np.column_stack([y, x]), delimiter=",", fmt="%.10g")
    return stream.getvalue()
