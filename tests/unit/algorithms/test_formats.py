"""The data formats: what is written is read back, and what is broken is named."""

import gzip
import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from algorithms.formats import ubjson
from algorithms.formats.arrow_values import copy_numbers
from algorithms.formats.csv_table import read_csv, sniff_delimiter
from algorithms.formats.files import data_files, open_data
from algorithms.formats.parquet_table import read_parquet
from algorithms.formats.protobuf import block
from algorithms.formats.recordio import (
    Sparse,
    Tensor,
    read_frames,
    read_record,
    read_table,
    write_record,
    write_sparse_table,
    write_table,
)  # fmt: skip
from algorithms.spec import Channel, UserError
from tests.unit.tables.lying_parquet import parquet

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_recordio_reads_back_what_was_written(dtype, rows):
    x, y = RANDOM.normal(size=(rows, 5)).astype(dtype), RANDOM.normal(size=rows).astype(dtype)
    features, labels = read_table(write_table(x, y, dtype))
    assert np.array_equal(features, x.astype("f4")) and np.array_equal(labels, y.astype("f4"))
    features, labels = read_table(write_table(x, dtype=dtype))
    assert np.array_equal(features, x.astype("f4")) and not len(labels)


def test_recordio_has_the_bytes_of_sagemakers_own_writer():
    # From sagemaker.amazon.common.write_numpy_to_dense_tensor (SDK v2) for the row [1.0, 2.0] with label 3.
    body = bytes.fromhex("0a160a0676616c756573120c120a0a080000803f00000040")
    body += bytes.fromhex("12120a0676616c756573120812060a0400004040")
    framed = bytes.fromhex("0a23d7ce") + len(body).to_bytes(4, "little") + body + b"\0" * (-len(body) % 4)
    assert write_table(np.array([[1, 2]]), [3]) == framed
    features, labels = read_table(framed)
    assert features.tolist() == [[1, 2]] and labels.tolist() == [3]


def test_recordio_reads_sparse_records_and_unpacked_numbers():
    data = b"".join(
        write_record(
            {"values": Tensor(np.array(v, "<f4"), np.array(k), (300,))}, {"values": Tensor(np.array([y], "<f4"))}
        )
        for v, k, y in (([1, 2], [0, 299], 1), ([], [], 0), ([5], [7], 1))
    )
    features, labels = read_table(data)
    assert isinstance(features, Sparse) and features.width == 300 and labels.tolist() == [1, 0, 1]
    assert features.columns.tolist() == [0, 299, 7] and features.starts.tolist() == [0, 2, 2, 3]
    # field 1 of a Float32Tensor as two single floats instead of one packed block
    tensor = b"\x0d" + np.float32(4).tobytes() + b"\x0d" + np.float32(5).tobytes()
    value = b"\x12" + bytes([len(tensor)]) + tensor
    entry = b"\x0a\x06values\x12" + bytes([len(value)]) + value
    assert read_record(b"\x0a" + bytes([len(entry)]) + entry).features["values"].values.tolist() == [4, 5]


def test_recordio_of_unpacked_numbers_takes_little_more_memory_than_its_parts():
    """Each number is a part of its own: six megabytes of them took 700 MB."""
    count = 100_000
    numbers = (b"\x0d" + np.float32(1.5).tobytes()) * count
    record = block(1, block(1, b"values") + block(2, block(2, numbers)))
    tracemalloc.start()
    values = read_record(record).features["values"].values
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(values) == count and (values == 1.5).all()
    assert peak < 350 * count


def test_recordio_reads_whole_numbers_also_negative_ones():
    framed = write_record({"values": Tensor(np.array([-1, 300], "<i4"))})
    assert read_table(framed)[0].tolist() == [[-1, 300]]


@pytest.mark.parametrize("cut", [3, 9, 30])
def test_recordio_that_is_cut_off_or_something_else_is_refused(cut):
    whole = write_table(RANDOM.normal(size=(3, 4)), [1, 2, 3])
    with pytest.raises(ValueError, match="cut off"):
        list(map(read_record, read_frames(whole[:-cut])))
    with pytest.raises(ValueError, match="magic"):
        read_table(b"1,2,3\n4,5,6\n")


def test_recordio_of_unequal_rows_is_refused():
    with pytest.raises(ValueError, match="same number of features"):
        read_table(write_table(np.ones((1, 3))) + write_table(np.ones((1, 4))))


def test_csv_reads_numbers_and_missing_values_exactly(tmp_path):
    x = RANDOM.normal(size=(500, 6)).astype("f4")
    x[RANDOM.random(x.shape) < 0.1] = np.nan
    lines = [",".join("" if np.isnan(v) else repr(float(v)) for v in row) for row in x]
    path = tmp_path / "a.csv"
    for ending in ("\n", "\r\n"):
        path.write_text(ending.join(lines), newline="")
        assert np.array_equal(read_csv(path, ","), x, equal_nan=True)
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert np.array_equal(read_csv(path, ",", "Gzip"), x, equal_nan=True)


def test_csv_takes_odd_but_honest_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1, +2 ,.5,1e-10\nNA,,nan,4.\n")
    expected = np.array([[1, 2, 0.5, 1e-10], [np.nan, np.nan, np.nan, 4]], "f4")
    assert np.array_equal(read_csv(path, ","), expected, equal_nan=True)


def test_csv_of_one_line_without_a_line_break_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1,2,3")
    assert read_csv(path, ",").tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            "False,54,3,999\n1,2,3,4\n",
            "Non-numeric value 'F' found in the header line 'False,54,3,999...' of file 'a.csv'. CSV format require no "
            "header line in it. If header line is already removed, XGBoost does not accept non-numeric value "
            "in the data.",
        ),
        ("y,x1,x2\n1,2,3\n", "Non-numeric value 'y' found in the header line 'y,x1,x2...' of file 'a.csv'."),
        (
            "1,2,3\n1,red,3\n",
            "Non-numeric value 'red' found in line 2, column 2 of file 'a.csv'. XGBoost does not accept",
        ),
        ("1,2,3\n1,12ab,3\n", "Non-numeric value '12ab' found in line 2, column 2"),
        ("1,2,3\n1,2024-05-06,3\n", "Non-numeric value '2024-05-06' found in line 2, column 2"),
        ("1,2,3\n1,45%,3\n", "Non-numeric value '45%' found in line 2"),
        ("1,2,3\n1,1_000,3\n", "Non-numeric value '1_000' found in line 2"),
        ('1,2,3\n1,"2",3\n', "Non-numeric value '\"2\"' found in line 2"),
        (
            "1,2,3\n1,2\n",
            "Failed to load csv data with exception:\nline 2 of file 'a.csv' has 2 columns, the first line has 3",
        ),
        ("1,2,3\n\n1,2,3,4\n", "Failed to load csv data with exception:\nline 3 of file 'a.csv' has 4 columns"),
    ],
)
def test_the_first_fault_in_a_csv_is_named(tmp_path, content, text):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(UserError) as caught:
        read_csv(path, ",")
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(("line", "delimiter"), [("1,2,3", ","), ("1;2;3", ";"), ("1\t2\t3", "\t"), ("1 2 3", " ")])
def test_the_delimiter_is_sniffed_on_the_first_line(tmp_path, line, delimiter):
    (tmp_path / "a.csv").write_text(line + "\n")
    assert sniff_delimiter(tmp_path / "a.csv") == delimiter


@pytest.mark.parametrize("content", [b"17\n18\n", b"0.5\n0.7\n", gzip.compress(b"1,2\n", mtime=0)])
def test_a_delimiter_that_cannot_be_found_is_said(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UserError, match="^Could not determine delimiter on line "):
        sniff_delimiter(tmp_path / "a.csv")


def test_parquet_reads_numbers_and_refuses_text(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"y": [True, False], "a": [1, None], "b": [0.5, 2.5]}), path)
    assert np.array_equal(read_parquet(path), np.array([[1, 1, 0.5], [0, np.nan, 2.5]], "f4"), equal_nan=True)
    pq.write_table(pa.table({"y": [1.0], "colour": ["red"]}), path)
    with pytest.raises(UserError, match="Failed to load parquet data with exception:\n.*column 'colour' is string"):
        read_parquet(path)
    path.write_bytes(b"not parquet")
    with pytest.raises(UserError, match="Failed to load parquet data with exception:"):
        read_parquet(path)


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.int64()], ids=str)
def test_numbers_are_copied_as_arrow_converts_them(kind):
    numbers = np.array([7, 0, 2, 1, 3, 4, 5, 6, 8, 9]).astype(kind.to_pandas_dtype())
    for missing in ([], [1, 3, 9], range(10)):
        values = pa.array(numbers, mask=np.isin(np.arange(10), missing))
        for part in (values, values[3:], values[3:4], values[:0]):
            out = np.empty(len(part), "f4")
            copy_numbers(part, out)
            assert np.array_equal(out, part.to_numpy(zero_copy_only=False), equal_nan=True)


def test_truth_is_copied_as_one_and_zero():
    out = np.empty(9, "f4")
    copy_numbers(pa.array([True, False, None] * 4)[3:], out)
    assert np.array_equal(out, [1, 0, np.nan] * 3, equal_nan=True)


def test_rows_that_a_parquet_file_only_tells_of_are_no_numbers_to_train_on(tmp_path):
    """They were whatever the memory held before, and a job completed with them."""
    (tmp_path / "a.parquet").write_bytes(parquet([], rows=1000))
    with pytest.raises(
        UserError, match="file 'a.parquet': its footer tells of 1,000 rows, and its columns hold another"
    ):
        read_parquet(tmp_path / "a.parquet")


def test_files_are_found_three_folders_deep_without_hidden_ones(tmp_path):
    for name in ("b.csv", "a/c.csv", "a/b/d.csv", "a/b/c/too-deep.csv", ".hidden", "_SUCCESS", "empty.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if name == "empty.csv" else "1,2\n")
    files = data_files(Channel("train", tmp_path))
    assert [str(path.relative_to(tmp_path)) for path in files] == ["a/b/d.csv", "a/c.csv", "b.csv"]


def test_a_plain_file_in_a_gzip_channel_is_refused(tmp_path):
    file = tmp_path / "train.csv"
    file.write_text("1,2\n0,3\n")
    with pytest.raises(UserError, match=r"'train.csv' is not packed with gzip.*Leave CompressionType out"):
        open_data(file, "Gzip")
    with open_data(file, None) as stream:
        assert stream.read() == b"1,2\n0,3\n"


@pytest.mark.parametrize("value", [None, 2**63, {1, 2}, [object()]])
def test_ubjson_refuses_what_it_has_no_type_for(value):
    with pytest.raises(ValueError, match="UBJSON has no"):
        ubjson.dumps({"a": value})


def test_ubjson_reads_what_it_writes():
    document = {"text": "é", "list": [1, -2, 0.5, "x", []], "array": np.array([1.5, -2], np.float32), "empty": {}}
    again = ubjson.loads(ubjson.dumps(document))
    assert again["array"].tolist() == [1.5, -2] and again | {"array": 0} == document | {"array": 0}
    for end in range(1, len(ubjson.dumps(document))):
        with pytest.raises(ValueError):
            ubjson.loads(ubjson.dumps(document)[:end])


@pytest.mark.parametrize("width", [1, 128, 129, 16384, 16385, 2**18])
@pytest.mark.parametrize("labelled", [True, False])
def test_sparse_records_of_one_layout_are_those_of_the_general_writer(width, labelled):
    random = np.random.default_rng(width)
    columns = random.integers(0, width, (50, 3))
    values = random.normal(size=(50, 3)).astype(np.float32)
    labels = random.normal(size=50).astype(np.float32) if labelled else None
    written = write_sparse_table(values, columns, width, labels)
    singly = b"".join(
        write_record(
            {"values": Tensor(values[i], columns[i], (width,))},
            {"values": Tensor(labels[i : i + 1])} if labels is not None else None,
        )
        for i in range(50)
    )
    (ours, ours_y), (theirs, theirs_y) = read_table(written), read_table(singly)
    for name in ("starts", "columns", "values", "width"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    np.testing.assert_array_equal(ours_y, theirs_y)
