import io
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.problems import Problem
from tables import Profile, Recipe, inspect, locate, scan, text_chunks
from tables.dialect import PLAIN
from tables.distinct import DistinctCounter, DuplicateCounter

HEAD = "id,colour,when,gap,y\n"


def row(i: int) -> str:
    return f"{i},{'red' if i % 3 else 'blue'},2024-01-{i % 28 + 1:02},{'' if i % 10 == 0 else i % 7},{i % 2}\n"


@pytest.fixture
def small_pieces(monkeypatch):
    """Many blocks of a small table, so that what is between them is tested."""
    monkeypatch.setattr(text_chunks, "CHUNK", 1000)


def test_figures_are_those_of_the_whole_table(folder, keep, small_pieces):
    uri = keep(HEAD + "".join(map(row, range(3000))))
    steps = []
    profile = scan(locate(folder, uri), progress=lambda done, total: steps.append((done, total)))
    kinds = {c.name: (c.kind, c.distinct, c.missing) for c in profile.columns}
    assert kinds == {
        "id": ("number", kinds["id"][1], 0), "colour": ("category", 2, 0), "when": ("datetime", 28, 0),
        "gap": ("number", 7, 300), "y": ("number", 2, 0),
    }  # fmt: skip
    assert abs(kinds["id"][1] - 3000) < 200
    number = profile.column("id")
    assert (number.min, number.max, number.mean) == (0, 2999, pytest.approx(1499.5))
    assert number.std == pytest.approx(np.arange(3000).std()) and number.whole
    assert profile.column("gap").first_missing.row == 1 and profile.column("gap").first_missing.line == 2
    assert profile.column("colour").values == {"red": 2000, "blue": 1000}
    assert (profile.rows, profile.complete, profile.duplicates) == (3000, True, 0)
    assert len(steps) > 20 and steps == sorted(steps) and steps[-1][0] == steps[-1][1] == profile.size
    assert profile.files == [
        {"uri": uri, "etag": profile.etag, "size": profile.size, "rows": 3000, "encoding": "utf-8"}
    ]
    assert Profile.from_json(json.loads(json.dumps(profile.as_json()))) == profile


def test_faults_are_found_with_their_rows_and_lines_across_blocks_files_and_quotes(folder, keep, small_pieces):
    first = HEAD + "".join(map(row, range(500))) + '1,"a\nb",2024-01-01,$3,1\n1,2\n\n' + "".join(map(row, range(500)))
    keep(first, "d/a.csv")
    keep(HEAD + "".join(map(row, range(100))) + HEAD + "7,x,2024-01-01,12ab,inf\n9,8,7,6,5,4\n", "d/b.csv")
    profile = scan(locate(folder, "s3://local-tables/d/"))
    gap = profile.column("gap")
    money, code = gap.odd["currency"][0], gap.odd["unit"][0]
    assert (money.row, money.line, money.value) == (501, 502, "$3") and money.file.endswith("d/a.csv")
    assert (code.row, code.line, code.value) == (1103, 103, "12ab") and code.file.endswith("d/b.csv")
    assert profile.column("y").odd["infinite"][0].value == "inf"
    assert [(cell.row, cell.line) for cell in profile.ragged] == [(502, 504), (1104, 104)]
    assert profile.ragged[0].value.startswith("2 cells instead of 5: 1,2")
    assert [(cell.row, cell.line) for cell in profile.headers_within] == [(1103, 102)]
    assert (profile.rows, profile.ragged_count, profile.blank_lines) == (1104, 2, 1)


def test_repeated_rows_and_leaks_are_found(folder, keep):
    text = "x,copy,noise,y\n" + "".join(
        f"{i},{(i * 37) % 101 % 2},{(i * 7919) % 13},{(i * 37) % 101 % 2}\n" for i in range(400)
    )
    profile = scan(locate(folder, keep(text + "5,1,1,1\n5,1,1,1\n5,1,1,1\n")))
    assert profile.duplicates == 2 and profile.repeated_example.row == 402
    assert profile.leaks == {"copy": 1.0}
    line = "x,twice,z,y\n" + "".join(f"{i},{i * 2.5 + 1},{i % 9},{i * 2.5 + (i % 2) / 100}\n" for i in range(400))
    assert set(scan(locate(folder, keep(line))).leaks) == {"x", "twice"}


def test_rows_that_the_validation_location_has_too_are_counted(folder, keep):
    train = locate(folder, keep(HEAD + "".join(map(row, range(200)))))
    held = locate(folder, keep("y,id,colour,when,gap\n" + "".join(
        "{4},{0},{1},{2},{3}".format(*row(i).strip().split(",")) + "\n" for i in range(150, 260)
    ), "held.csv"))  # fmt: skip
    assert scan(train, validation=held).shared_with_validation == 50


def test_a_step_that_raises_ends_the_scan(folder, keep, small_pieces):
    class Cancelled(Exception):
        pass

    def step(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        scan(locate(folder, keep(HEAD + "".join(map(row, range(500))))), progress=step)


def test_an_object_replaced_while_it_is_read_is_refused(folder, keep):
    source = locate(folder, keep(HEAD + row(1)))
    keep(HEAD + row(1) + row(2))
    with pytest.raises(Problem, match="has changed since"):
        scan(source)


def test_a_large_object_is_inspected_by_its_head_and_a_few_looks_into_it(folder, keep, monkeypatch):
    from tables import table_head

    monkeypatch.setattr(table_head, "HEAD_BYTES", 20_000)
    monkeypatch.setattr(table_head, "SPREAD_BYTES", 5_000)
    monkeypatch.setattr(table_head, "LARGE", 100_000)
    late = "".join(f"{i},{'$3' if i == 19_999 else i % 9},{i % 2}\n" for i in range(20_000))
    inspection = inspect(folder, keep("a,b,y\n" + late))
    assert (
        not inspection.complete and 1000 < inspection.rows_seen < 20_000 and abs(inspection.rows_total - 20_000) < 4000
    )
    assert inspection.column("b").problem.startswith("Column b holds numbers, but '$3' is an amount of money")
    assert inspection.profile.column("b").odd["currency"][0].row == 0


def test_korean_and_unmarked_wide_texts_are_recognised(folder, keep):
    text = "이름,도시,라벨\n" + "".join(f"김{i % 7},서울,{i % 2}\n" for i in range(40))
    for encoding in ("cp949", "utf-16-le", "utf-8"):
        inspection = inspect(folder, keep(text.encode(encoding)))
        assert (inspection.encoding, inspection.columns[0].name, inspection.rows_seen) == (encoding, "이름", 40)
    french = "prénom,âge,y\n" + "".join(f"Hélène,{i},{i % 2}\n" for i in range(40)) + "5 €,3,1\n"
    assert inspect(folder, keep(french.encode("cp1252"))).encoding == "cp1252"


def test_json_lines_keep_the_union_of_their_keys_in_order(folder, keep):
    text = '{"a": 1, "b": "x"}\n{"b": "y", "c": true, "a": 2.5}\n' * 30 + "broken\n"
    inspection = inspect(folder, keep(text, "t.jsonl"))
    assert [c.name for c in inspection.columns] == ["a", "b", "c"] and inspection.format == "jsonlines"
    assert inspection.column("c").missing == 30 and inspection.profile.ragged[0].line == 61
    with pytest.raises(Problem, match="Key a of .* holds lists or objects"):
        inspect(folder, keep('{"a": [1]}\n{"a": [2]}\n', "t.jsonl"))


def test_parquet_says_how_many_rows_it_has_and_its_types_become_cells(folder, keep):
    out = io.BytesIO()
    moments = pl.datetime_range(
        pl.datetime(2013, 1, 1), pl.datetime(2013, 1, 2), "1h", eager=True, time_zone="Asia/Seoul"
    )
    frame = pl.DataFrame({
        "when": moments, "day": moments.dt.date(), "cat": pl.Series(["a", "b"] * 12 + ["a"], dtype=pl.Categorical),
        "money": pl.Series(["1.50"] * 25).cast(pl.Decimal(10, 2)), "flag": [True, None] * 12 + [False], "y": range(25),
    })  # fmt: skip
    frame.write_parquet(out)
    text = inspect(folder, keep(out.getvalue(), "t.parquet"))
    assert [c.type for c in text.columns] == ["datetime", "datetime", "binary", "float", "binary", "int"]
    assert (text.rows_total, text.complete) == (25, True) and text.rows[0][0] == "2012-12-31 15:00:00"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text(alphabet='ab,"\n\r é', max_size=6), min_size=3, max_size=3), min_size=1, max_size=30))
def test_pieces_put_together_are_the_text_and_each_ends_with_a_row(rows):
    import csv

    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    text = out.getvalue().encode()
    ends = text_chunks.row_ends(text, PLAIN)
    assert len(ends) == len(rows)
    start = 0
    for end, wanted in zip(ends, rows, strict=True):
        one = next(csv.reader(io.StringIO(text[start : end + 1].decode(), newline="")))
        assert one == wanted
        start = int(end) + 1


def test_estimates_stay_near_the_truth_in_bounded_memory(monkeypatch):
    distinct = DistinctCounter()
    for start in range(0, 300_000, 50_000):
        distinct.add(pl.Series(range(start, start + 60_000)))
    assert len(distinct.sample) <= DistinctCounter.CAPACITY and abs(distinct.estimate() / 310_000 - 1) < 0.08
    monkeypatch.setattr(DuplicateCounter, "CAPACITY", 20_000)
    repeats, numbers = DuplicateCounter(), pl.Series(list(range(100_000)) + list(range(10_000)))
    repeats.add(numbers.hash().to_numpy(), 0)
    assert sum(map(len, repeats.hashes)) <= 20_000
    assert abs(repeats.finish()[0] / 10_000 - 1) < 0.15


@pytest.mark.parametrize("different", [3, 40, 10_000])
def test_repeated_rows_are_counted_and_the_first_of_them_is_named(different):
    hashes = np.random.default_rng(different).integers(0, different, 300).astype(np.uint64)
    repeats, observed = DuplicateCounter(), set()
    repeats.add(hashes[:100], 0)
    repeats.add(hashes[100:], 100)
    repeated = [row for row, value in enumerate(hashes.tolist()) if value in observed or observed.add(value)]
    assert repeats.finish() == (len(repeated), repeated[0] if repeated else None)
    assert repeats.count_shared(hashes) == 300


def test_values_of_a_number_are_counted_where_it_is_predicted(folder, keep):
    rows = "".join(f"{i % 150},{i % 90},{i % 2}\n" for i in range(300))
    uri = keep("many,few,y\n" + rows)
    profile = scan(locate(folder, uri), Recipe(target="y"))
    assert [(c.distinct, c.values is None) for c in profile.columns] == [(150, True), (90, False), (2, False)]
    predicted = scan(locate(folder, uri), Recipe(target="many")).column("many")
    assert predicted and len(predicted.values or ()) == 150
    last = keep("y,many\n" + "".join(f"{i * 0.7:.1f},{i % 150}\n" for i in range(300)), "guessed.csv")
    guessed = inspect(folder, last)
    label = guessed.profile and guessed.profile.column(guessed.target_suggestion)
    assert label and len(label.values or ()) == label.distinct
