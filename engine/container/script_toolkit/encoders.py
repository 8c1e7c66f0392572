"""Reads request bodies into arrays and writes predictions, in the formats of the frameworks' containers.

AWS's toolkits read .npy with pickles allowed, so that a request can run code. Here it cannot.
"""

import io
import json
from typing import Any

NPY, CSV, JSON, NPZ = "application/x-npy", "text/csv", "application/json", "application/x-npz"
LIBSVM = ("text/libsvm", "text/x-libsvm")
TEXT = (CSV, JSON)


class UnsupportedFormat(Exception):
    """Nobody reads or writes this content type."""

    def __init__(self, content_type: str):
        super().__init__(
            f"Content type {content_type} is not supported by this framework.\n\nPlease implement input_fn to to "
            "deserialize the request data or an output_fn to serialize the response. For more information, see the "
            "SageMaker Python SDK README."
        )


def decode(body: Any, content_type: str) -> Any:
    """The array of a body; of CSV and JSON with 32-bit floats, as the frameworks' containers have it."""
    import numpy as np

    if content_type == NPY:
        return np.load(io.BytesIO(body), allow_pickle=False)
    if content_type == NPZ:
        loaded = np.load(io.BytesIO(body), allow_pickle=False)
        return loaded[loaded.files[0]] if len(loaded.files) == 1 else {name: loaded[name] for name in loaded.files}
    if content_type == CSV:
        return np.genfromtxt(io.StringIO(body), dtype=np.float32, delimiter=",")
    if content_type == JSON:
        return np.array(json.loads(body), dtype=np.float32)
    raise UnsupportedFormat(content_type)


def encode(prediction: Any, accept: str) -> Any:
    """The body of a prediction, in the first format of `accept` that there is. Raises UnsupportedFormat."""
    import numpy as np

    chosen = choose_format(accept)
    if chosen == JSON:
        return json.dumps(prediction, default=_plain)
    if chosen == CSV:
        text = io.StringIO()
        np.savetxt(text, np.asarray(prediction), delimiter=",", fmt="%s")
        return text.getvalue()
    stream = io.BytesIO()
    if chosen == NPY:
        np.save(stream, np.asarray(prediction), allow_pickle=False)
    else:
        np.savez(stream, np.asarray(prediction))
    return stream.getvalue()


def choose_format(accept: str) -> str:
    """The first content type of `accept` that `encode` writes. Raises UnsupportedFormat."""
    for part in accept.split(","):
        content_type = part.split(";")[0].strip().lower()
        if content_type in (JSON, CSV, NPY, NPZ):
            return content_type
    raise UnsupportedFormat(accept)


def matrix(body: Any, content_type: str) -> Any:
    """The matrix that a boosting framework takes, of a body: CSV, LibSVM or .npy."""
    import numpy as np
    import xgboost

    if content_type in LIBSVM:
        return xgboost.DMatrix(_libsvm(body.decode() if isinstance(body, bytes) else body))
    if content_type not in (CSV, NPY):
        raise UnsupportedFormat(content_type)
    rows = np.atleast_2d(decode(body, content_type))
    lines = [line for line in body.splitlines() if line.strip()] if content_type == CSV else rows
    return xgboost.DMatrix(rows.reshape(len(lines), -1))  # a column of numbers is one feature, and no row


def _libsvm(text: str) -> Any:
    """Rows of `label? index:value ...`; indices are from 0, as the container reads them."""
    from scipy.sparse import csr_matrix

    values, columns, ends = [], [], [0]
    for line in filter(str.strip, text.splitlines()):
        for pair in line.split("#")[0].split():
            index, colon, value = pair.partition(":")
            if colon:
                columns.append(int(index))
                values.append(float(value))
        ends.append(len(values))
    return csr_matrix((values, columns, ends))


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON; convert it in output_fn")
