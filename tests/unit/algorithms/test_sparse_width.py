"""A few bytes that name a column far away are refused with the line, the rule and the fix, by every reader."""

import io
import struct

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from algorithms.amazon.channel_data import ChannelRows, check_width
from algorithms.amazon.request_parsing import parse_rows
from algorithms.contract import InvocationError, UserError
from algorithms.formats import request_bodies
from algorithms.formats.recordio import MAGIC, Tensor, write_record
from algorithms.formats.sparse_width import MAX_COLUMNS
from algorithms.formats.wide_index import _CHUNK, find_wide_index
from tests.unit.algorithms.test_xgboost_faults import refusal

FAR = 4_000_000_000
RECORDIO = "application/x-recordio-protobuf"


def record(index: int, width: int = 0) -> bytes:
    keys = np.array([index], np.uint64)
    return write_record(
        {"values": Tensor(np.array([1.0], "<f4"), keys, (width,) if width else ())},
        {"values": Tensor(np.array([1.0], "<f4"))},
    )


@pytest.mark.parametrize("index", [MAX_COLUMNS, FAR, 2**32 + 1, 10**30], ids=["first", "far", "wraps", "long"])
def test_a_line_of_libsvm_with_an_index_too_high(job, index):
    job.put("train", f"0 1:2\n1 1:1 {index}:1\n", content_type="libsvm")
    text = refusal(job)
    assert text.startswith("Failed to load libsvm data with exception:\nLine 2 of file ")
    assert "the highest that is read is 16,777,215" in text and "without gaps" in text


@pytest.mark.parametrize("body", [record(FAR), record(1, FAR), record(2**63)], ids=["key", "shape", "int64"])
def test_a_record_with_a_key_or_a_shape_too_high(job, body):
    job.put("train", body, content_type="recordio-protobuf", name="train.pbr")
    assert refusal(job).startswith("Failed to load recordio-protobuf data with exception:\n")
    with pytest.raises((ValueError, OverflowError)):
        request_bodies.recordio_rows(body, 3)
    with pytest.raises(InvocationError):
        parse_rows(body, RECORDIO, 3, (RECORDIO,))


def test_a_record_names_its_number_the_rule_and_the_fix():
    with pytest.raises(ValueError, match=r"record 2 has the feature index 4,000,000,000, and the highest .* 16,777,21"):
        request_bodies.recordio_rows(record(0) + record(FAR), 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1 0:1 16777215:1\n", None),
        (b"1 0:1 16777216:1\n", (1, 2**24)),
        (b"1 00000016777216:1", (1, 2**24)),
        (b"1\t99999999:1", (1, 99_999_999)),
        (b"1 1:99999999 # 99999999:1\n12345678 1:2\n", None),
        (b"99999999:99999999 1:2", None),
        (b"1 qid:99999999 1:2", None),
        (b"", None),
        (b"\n" * 7 + b"1 99999999:1", (8, 99_999_999)),
    ],
)
def test_only_indices_of_features_are_looked_at(text, expected):
    assert find_wide_index(io.BytesIO(text)) == expected


@pytest.mark.parametrize("before", range(_CHUNK - 12, _CHUNK + 3))
def test_an_index_that_two_chunks_share_is_read_whole(before):
    lines = b"1 1:2\n" * (before // 6)
    text = lines + b" " * (before - len(lines)) + b"1 99999999:1\n0 1:2\n"
    assert find_wide_index(io.BytesIO(text)) == (before // 6 + 1, 99_999_999)


def test_a_feature_dim_that_no_row_has_is_refused_before_a_model_of_that_size_is_made():
    rows = ChannelRows(csr_matrix(([1.0], [2], [0, 1]), shape=(1, 3)))
    with pytest.raises(UserError, match="feature_dim is 2,000,000,000, and rows have at most 16,777,216 features"):
        check_width(rows, "train", 2_000_000_000)


def test_a_frame_that_claims_more_than_there_is():
    with pytest.raises(ValueError, match="cut off"):
        request_bodies.recordio_rows(struct.pack("<II", MAGIC, 0x1FFFFFFF) + b"\n\x01x", 3)
