"""The column that is taken for the target, how sure that is, and the columns that are left out by themselves."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

import preflight
from jobs.spec import JobSpec
from preflight.fixes import apply_fix
from tables import Folder, Recipe, inspect, locate, prepare
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS

CASES = Folder(Path(__file__).parents[2] / "corpus")
ROWS = 60
chosen = random.Random(1)
KINDS = {
    "float": lambda i: f"{chosen.random() * 100:.3f}",
    "binary": lambda i: str(i % 2),
    "yes": lambda i: ("yes", "no")[i % 2],
    "class": lambda i: ("red", "green", "blue")[i % 3],
    "count": lambda i: str(i * 7 % 40),
    "id": lambda i: str(1000 + 7 * i),
    "code": lambda i: f"C{i * 7919:06}",
    "date": lambda i: f"2024-01-{i % 28 + 1:02}",
    "text": lambda i: f"note number {i}",
    "row": str,
    "digit": lambda i: str(i % 5),
}


def table(columns: str, header: bool = True, delimiter: str = ",") -> str:
    pairs = [column.rsplit(":", 1) for column in columns.split()]
    lines = [[name for name, _ in pairs]] if header else []
    lines += [[KINDS[kind](i) for _, kind in pairs] for i in range(ROWS)]
    return "".join(delimiter.join(line) + "\n" for line in lines)


FLOATS = " ".join(f"x{i}:float" for i in range(20))
SURE = {
    "fault first of twenty floats": (f"fault:binary {FLOATS}", "fault"),
    "label first": (f"label:class {FLOATS}", "label"),
    "target in the middle": (f"a:float target:float {FLOATS}", "target"),
    "the only binary, last": (f"{FLOATS} z:binary", "z"),
    "the only classes, last": (f"{FLOATS} kind:class", "kind"),
    "binary last beside a binary": ("sex:binary age:count height:float z:yes", "z"),
    "is_fraud": (f"amount:float is_fraud:binary {FLOATS}", "is_fraud"),
    "churned first": ("churned:binary months:count spend:float", "churned"),
    "isFraud in capitals": (f"isFraud:binary {FLOATS}", "isFraud"),
    "y": (f"y:float {FLOATS}", "y"),
    "price last": ("rooms:count area:float price:float", "price"),
    "default last": ("age:count income:float default:yes", "default"),
    "Korea: 이탈여부": ("성별:yes 나이:count 이탈여부:binary 금액:float", "이탈여부"),
    "Korea: 정답": ("정답:class 점수:float 등급수:count", "정답"),
    "Japan: 目的変数": (f"目的変数:binary {FLOATS}", "目的変数"),
    "China: 标签": (f"标签:binary {FLOATS}", "标签"),
    "Germany: klasse": ("klasse:class alter:count einkommen:float", "klasse"),
    "France: cible": ("cible:binary âge:count revenu:float", "cible"),
    "Spain: objetivo": ("edad:count objetivo:binary renta:float", "objetivo"),
    "Portugal: ALVO": ("IDADE:count ALVO:binary RENDA:float", "ALVO"),
    "Russia: цель": ("цель:binary возраст:count доход:float", "цель"),
    "Turkey: hedef": ("hedef:class yaş:count gelir:float", "hedef"),
    "Poland: etykieta": ("etykieta:class wiek:count dochód:float", "etykieta"),
    "an id last": (f"{FLOATS} bought:binary customer_id:code", "bought"),
    "a date last": (f"{FLOATS} z:binary when:date", "z"),
}


@pytest.mark.parametrize("name", SURE)
def test_a_target_that_leaves_no_doubt_is_taken(folder, keep, name):
    columns, wanted = SURE[name]
    inspection = inspect(folder, keep(table(columns)))
    assert (inspection.target_suggestion, inspection.is_target_sure) == (wanted, True)


UNSURE = {
    "twenty floats": FLOATS,
    "a binary among floats, not last": "a:float smoker:yes b:float charges_total:float",
    "two binaries in the middle": "a:float p:binary q:binary b:float",
    "classes last, a binary before": "p:binary a:float kind:class",
    "floats and a date": "when:date a:float b:float c:float",
    "classes only": "a:class b:digit c:class d:digit e:float",
}


@pytest.mark.parametrize("name", UNSURE)
def test_a_target_in_doubt_waits_for_a_person(folder, keep, name):
    uri = keep(table(UNSURE[name]))
    report = preflight.run(JobSpec(data_uri=uri), folder)
    assert report.blocks and len(report.of("target.guess")) == 1
    finding = report.of("target.guess")[0]
    assert finding.field == "target" and finding.fixes
    job = apply_fix(JobSpec(data_uri=uri), finding.fixes[0].changes)
    assert not preflight.run(job, folder).of("target.guess")


def test_a_header_that_is_read_as_data_is_the_one_error(folder, keep):
    job = JobSpec(data_uri=keep(table("kind:yes a:float b:float")), recipe=Recipe(has_header=False))
    errors = [finding.id for finding in preflight.run(job, folder).findings if finding.level == "err"]
    assert errors == ["format.header"]


def test_an_algorithm_without_a_target_needs_none(folder, keep):
    uri = keep(table(FLOATS))
    assert not preflight.run(JobSpec(data_uri=uri, algorithm="kmeans"), folder).of("target.guess")


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ("a:float b:float c:float", "#1"),
        ("a:binary b:float c:float", "#1"),
        ("a:float b:float c:binary", "#3"),
        ("a:class b:count c:float d:binary", "#4"),
        ("a:yes b:count c:float d:float", "#1"),
    ],
)
def test_without_names_the_label_is_first_unless_the_last_is_one(folder, keep, columns, wanted):
    inspection = inspect(folder, keep(table(columns, header=False)), Recipe(has_header=False))
    assert inspection.target_suggestion == wanted


LEFT_OUT = {
    "id": ("id:row a:float b:class y:binary", ["id"]),
    "PassengerId": ("PassengerId:id a:float y:binary", ["PassengerId"]),
    "customer_id of texts": ("customer_id:code a:float y:binary", ["customer_id"]),
    "Order No": ("order_no:id a:float y:binary", ["order_no"]),
    "uuid": ("uuid:code a:float y:binary", ["uuid"]),
    "Unnamed: 0": ("row_id:row a:float y:binary", ["row_id"]),
    "rownames of R": ("rownames:row a:float y:binary", ["rownames"]),
    "Korea: 번호": ("번호:row a:float y:binary", ["번호"]),
    "Japan: 番号": ("番号:row a:float y:binary", ["番号"]),
    "China: 编号": ("编号:code a:float y:binary", ["编号"]),
    "two of them": ("id:row customer_key:code a:float y:binary", ["id", "customer_key"]),
    "the year is none": ("year:row a:float y:binary", []),
    "a count is none": ("visits:count a:float y:binary", []),
    "a repeated id is none": ("shop_id:digit a:float y:binary", []),
    "an id alone stays": ("id:row y:binary", []),
    "an id as the target stays": ("id:row a:float b:class", ["id"]),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_column_that_only_tells_rows_apart_is_left_out_until_taken_back(folder, keep, name):
    columns, wanted = LEFT_OUT[name]
    uri = keep(table(columns))
    target = "y" if "y:" in columns else "b"
    recipe = Recipe(target=target, validation="none")
    assert list(inspect(folder, uri, recipe).left_out) == wanted

    def features(recipe: Recipe) -> set[str]:
        schema = prepare(locate(folder, uri), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made").schema
        return {column["name"] for column in schema["columns"] if column["role"] == "feature"}

    everything = {column.rsplit(":", 1)[0] for column in columns.split()} - {target}
    assert features(recipe) == everything - set(wanted)
    assert features(Recipe(target=target, validation="none", included=wanted)) == everything
    messages = [
        f for f in preflight.run(JobSpec(data_uri=uri, recipe=recipe), folder).findings if f.id == "columns.unique"
    ]
    assert all(f"{one} is left out" in messages[0].text for one in wanted)


def test_the_target_is_never_left_out(folder, keep):
    uri = keep(table("id:row a:float b:class"))
    assert inspect(folder, uri, Recipe(target="id")).left_out == {}


@pytest.mark.parametrize("name", ["species", "label", "target", "정답", "is_label", "Class", "churned"])
def test_an_answer_is_left_out_where_nothing_is_predicted(folder, keep, name):
    uri = keep(table(f"a:float b:float {name}:class"))
    assert list(inspect(folder, uri, supervised=False).left_out) == [name]
    ready = prepare(locate(folder, uri), Recipe(validation="none"), ALGORITHMS["clusters"], f"s3://{BUCKET}/made")
    assert [c["name"] for c in ready.schema["columns"] if c["role"] == "feature"] == ["a", "b"]


def test_an_ordinary_class_stays_where_nothing_is_predicted(folder, keep):
    assert inspect(folder, keep(table("a:float colour:class")), supervised=False).left_out == {}


@pytest.mark.parametrize("index", ["row numbers", "names"])
def test_the_index_of_a_pandas_table_is_left_out(folder, index):
    import pyarrow as pa
    import pyarrow.parquet as pq

    key = list(range(40)) if index == "row numbers" else [f"shop {i}" for i in range(40)]
    frame = pa.table({"a": [i / 3 for i in range(40)], "y": [i % 2 for i in range(40)], "__index_level_0__": key})
    frame = frame.replace_schema_metadata({"pandas": '{"index_columns": ["__index_level_0__"], "columns": []}'})
    pq.write_table(frame, folder.root / BUCKET / "t.parquet")
    assert list(inspect(folder, f"s3://{BUCKET}/t.parquet").left_out) == ["__index_level_0__"]


def test_the_reported_index_is_left_out():
    inspection = inspect(CASES, "s3://cases/I06-pandas-index-level-0/t.parquet")
    assert (
        list(inspection.left_out) == ["__index_level_0__"] and inspection.column("__index_level_0__").role == "excluded"
    )


def test_an_index_that_a_writer_did_not_declare_is_known_by_its_name(folder):
    frame = pl.DataFrame({"a": [i / 3 for i in range(40)], "y": [i % 2 for i in range(40)]})
    frame.with_columns(pl.Series("__index_level_0__", range(40))).write_parquet(folder.root / BUCKET / "t.parquet")
    assert list(inspect(folder, f"s3://{BUCKET}/t.parquet").left_out) == ["__index_level_0__"]
