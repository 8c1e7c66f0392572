"""Lines on which an expression or Python's sniffer of delimiters could try for hours."""

import time

import pytest

from algorithms.contract import UserError
from algorithms.formats import csv_table
from jobs.spec import JobSpec
from preflight import read_job_data
from preflight.raw_csv import sniff_delimiter
from tables import Folder, Recipe

LINES = {"quotes": ',"' * 100_000, "letters": ',"x' * 100_000, "an open quote": '"' + "x," * 200_000}


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_quotes_is_looked_at_in_seconds(tmp_path, name):
    line = LINES[name]
    file = tmp_path / "bucket" / "a.csv"
    file.parent.mkdir()
    file.write_text(f"{line}\n1,2\n")
    began = time.process_time()
    sniff_delimiter(line)
    try:
        csv_table.sniff_delimiter(file)
    except UserError as e:
        assert "Could not determine delimiter" in str(e)
    data = read_job_data(
        JobSpec(name="n", data_uri="s3://bucket/a.csv", recipe=Recipe(prepare=False)), Folder(tmp_path)
    )
    assert data.raw_tables["train"].rows >= 1
    assert time.process_time() - began < 15
