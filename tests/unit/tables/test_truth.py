"""What is said of a table is true, for random tables, tables with faults, and files with bytes changed.

`python -m tests.fuzz` does the same for as long as it is told.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.cases import table
from tests.fuzz import faults, generate, mutate, truth

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
bounded = settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW)
seeds = st.integers(0, 2**32 - 1)


@bounded
@given(seeds)
def test_a_table_that_is_known_is_read_checked_and_prepared_as_it_is(seed):
    random = Random(seed)
    truth.generated(generate.generate(random), random)


@bounded
@given(seeds)
def test_faults_are_found_where_they_are_and_mended_by_their_fixes(seed):
    random = Random(seed)
    dirty_table = faults.dirty(random)
    if dirty_table is not None:
        faults.check(dirty_table, random)


@bounded
@given(seeds)
def test_a_real_file_with_changed_bytes_is_read_or_refused_and_what_is_said_of_it_is_true(seed):
    random = Random(seed)
    key, body, _changes = mutate.mutated(random)
    mutate.check(key, body, random)


@bounded
@given(st.binary(max_size=400), st.sampled_from(mutate.NAMES))
def test_bytes_of_nothing_in_particular_are_read_or_refused(body, key):
    mutate.check(key, body or b"\0", Random(0))


# What the long form has found


def test_names_that_come_again_as_a_whole_row_are_still_names():
    body = "plan,place,y\n" + "".join(f"{'ab'[i % 2]},{'pq'[i % 3 % 2]},{['no', 'yes'][i % 2]}\n" for i in range(40))
    joined = table(body + body, target="y")
    assert [*joined.columns] == ["plan", "place", "y"] and joined.profile.rows == 80
    assert [cell.line for cell in joined.profile.headers_within] == [42]


def test_commas_within_texts_do_not_outvote_tabs_of_which_a_few_are_missing():
    rows = [f"{i * 7 % 100}\t{('Seoul', 'Busan')[i % 2]}, KR\t2024-05-{i % 28 + 1:02}\t{i % 2}" for i in range(60)]
    rows[3], rows[9] = rows[3] + "\textra", rows[9].rpartition("\t")[0]
    tried = table("\n".join(["n\tcity\tday\ty", *rows]), "t.tsv", target="y")
    assert [*tried.columns] == ["n", "city", "day", "y"]
    assert (tried.profile.rows, tried.profile.ragged_count) == (60, 2)


def test_thousands_of_dollars_among_percents_are_no_decimals():
    cells = [f'"$1,{i % 900 + 100}"' if i % 2 else f"{i}%" for i in range(300)]
    tried = table("v,y\n" + "".join(f"{cell},{i % 2}\n" for i, cell in enumerate(cells)), target="y")
    read = tried.press("columns.numbers", "v")
    assert read.columns["v"].max >= 1101 or "v" not in read.kinds


def test_a_row_of_words_that_comes_again_makes_no_names():
    rows = ["red,low,yes", "blue,high,no", "red,high,no", "blue,low,yes"] * 10
    assert [*table("\n".join(rows)).columns] == ["#1", "#2", "#3"]


@pytest.mark.parametrize("seed", [3, 17])
def test_the_same_seed_makes_the_same_table(seed):
    assert generate.generate(Random(seed)).body == generate.generate(Random(seed)).body
