import json
import random

import numpy as np
import polars as pl
import pytest

import algorithms
from algorithms.contract import Facts
from common.problems import Problem
from models_app.aws import s3_store
from tables import Recipe, RowEncoder, channel_writer, predictions, prepare
from tables.split import TRAIN, VALIDATION, StratifiedSplit
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.real import breast_cancer, diabetes, iris

XGBOOST = algorithms.get("xgboost")


@pytest.fixture
def prepare_parts(put, bucket, s3):
    """Prepare a table: the result, and the cells that were written, {"train": rows, "validation": rows}."""

    def run(content, key="table.csv", **fields):
        uri = put(content, key)
        folder = f"s3://{bucket}/sagewright/m-1"
        hyperparameters = {"objective": fields.pop("objective")} if "objective" in fields else {}
        ready = prepare(s3_store.locate(uri), Recipe(**fields), XGBOOST, folder, hyperparameters=hyperparameters)
        rows = {}
        for channel in ready.channels:
            if ready.channels[channel] == uri:
                continue
            body = s3.get_object(Bucket=bucket, Key=f"sagewright/m-1/{channel}/{channel}.csv")["Body"].read().decode()
            rows[channel] = [line.split(",") for line in body.splitlines()]
        return ready, rows

    return run


def refusal(prepare_parts, *args, **fields) -> Problem:
    with pytest.raises(Problem) as refused:
        prepare_parts(*args, **fields)
    return refused.value


@pytest.mark.parametrize("hosts", [2, 3])
@pytest.mark.parametrize("part_bytes", [2**28, 2000], ids=["one object each", "several objects each"])
def test_training_rows_are_dealt_to_objects_for_each_instance(put, bucket, s3, monkeypatch, part_bytes, hosts):
    monkeypatch.setattr(channel_writer, "PART_BYTES", part_bytes)
    source = s3_store.locate(put(breast_cancer(), "table.csv"))
    whole, folder = f"s3://{bucket}/sagewright/one", f"s3://{bucket}/sagewright/several"
    prepare(source, Recipe(), XGBOOST, whole)
    ready = prepare(source, Recipe(), XGBOOST, folder, shards=hosts)

    def lines(prefix: str, host: int = 0, hosts: int = 1) -> list[bytes]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"sagewright/{prefix}/")["Contents"]
        keys = [entry["Key"] for entry in listed][host::hosts]
        return [line for key in keys for line in s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()]

    assert ready.channels["train"] == f"{folder}/train/"
    shares = [lines("several/train", host, hosts) for host in range(hosts)]
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1 and sum(sizes) == 456
    assert sorted(sum(shares, [])) == sorted(lines("one/train"))
    assert lines("several/validation") == lines("one/validation")


def test_label_first_no_header_and_every_number_as_it_was_written(prepare_parts):
    ready, rows = prepare_parts(breast_cancer())
    everything = rows["train"] + rows["validation"]
    source = [line.split(",") for line in breast_cancer().splitlines()[1:]]
    assert sorted(everything) == sorted([[*row[-1:], *row[:-1]] for row in source])
    assert ready.facts == Facts("binary", 2, 456, 30, True)
    assert ready.schema["rows"] == 569
    assert (ready.schema["train_rows"], ready.schema["validation_rows"]) == (456, 113)


def test_the_held_out_rows_have_each_class_in_its_share(prepare_parts):
    ready, rows = prepare_parts(iris())
    labels = [row[0] for row in rows["validation"]]
    assert {label: labels.count(label) for label in "012"} == {"0": 10, "1": 10, "2": 10}
    assert ready.schema["classes"] == ["setosa", "versicolor", "virginica"]
    assert (ready.facts.task, ready.facts.classes) == ("multiclass", 3)


def test_a_number_to_predict_is_a_regression(prepare_parts):
    ready, rows = prepare_parts(diabetes())
    assert (ready.facts.task, ready.facts.classes) == ("regression", 0)
    assert ready.schema["classes"] == []
    assert (len(rows["train"]), len(rows["validation"])) == (354, 88)


def test_preparing_twice_gives_the_same_bytes(prepare_parts):
    assert prepare_parts(iris())[1] == prepare_parts(iris())[1]


def test_words_become_columns_and_booleans_zero_or_one(prepare_parts):
    lines = ["colour,old,size,label"]
    lines += [f"{'red' if i % 2 else 'blue'},{'yes' if i % 3 else 'No'},{i},{'ab'[i % 2]}" for i in range(30)]
    lines.append("NA,?,,a")
    ready, rows = prepare_parts("\n".join(lines), validation_share=0)
    assert ready.schema["features"] == ["colour=blue", "colour=red", "old", "size"]
    assert rows["train"][0] == ["0", "1", "0", "0", "0"]
    assert rows["train"][1] == ["1", "0", "1", "1", "1"]
    assert rows["train"][-1] == ["0", "0", "0", "", ""]
    assert "A column for each value: colour." in ready.fixes
    assert "True and false became 1 and 0: old." in ready.fixes
    encoder = RowEncoder(ready.schema)
    assert encoder.encode([{"colour": "red", "old": "yes", "size": "7"}]).tolist() == [[0, 1, 1, 7]]
    assert encoder.as_csv(encoder.encode([{"size": " "}], strict=False)) == b"0,0,,\n"
    assert encoder.encode([{"colour": "green"}], strict=False)[0, :2].tolist() == [0, 0]
    for values, field in (({"size": "7x"}, "size"), ({"old": "maybe"}, "old")):
        with pytest.raises(Problem) as refused:
            encoder.encode([values], strict=False)
        assert refused.value.field == field


def test_predictions_carry_the_labels_of_the_table():
    def read(classes: list[str], line: str):
        first = predictions.parse_response({"classes": classes}, line, "text/csv")[0]
        return first.label, first.probability, first.value

    assert read(["no", "yes"], "0.8\n") == ("yes", 0.8, None)
    assert read(["no", "yes"], "0.25") == ("no", 0.75, None)
    assert read(["a", "b", "c"], "0.1,0.7,0.2") == ("b", 0.7, None)
    assert read(["a", "b", "c"], "2.0") == ("c", None, None)
    assert read([], "152.5") == (None, None, 152.5)


def test_number_labels_are_counted_from_zero(prepare_parts):
    ready, rows = prepare_parts(
        "y,x\n" + "".join(f"{'-1' if i % 2 else '1.0'},{i}\n" for i in range(20)), validation_share=0
    )
    assert ready.schema["classes"] == ["-1", "1"]
    assert [row[0] for row in rows["train"][:2]] == ["1", "0"]


def test_rows_without_a_label_are_left_out_and_counted(prepare_parts):
    ready, rows = prepare_parts("x,y\n1,0\n2,\n3,1\n4,0\n5,NA\n6,1\n", validation_share=0)
    assert ready.dropped == 2
    assert [row[1] for row in rows["train"]] == ["1", "3", "4", "6"]


def test_what_already_fits_is_used_in_place(prepare_parts):
    ready, rows = prepare_parts("".join(f"{i % 2},{i / 7},{i}\n" for i in range(50)), validation_share=0)
    assert rows == {} and list(ready.channels) == ["train"] and ready.channels["train"].endswith("/table.csv")
    assert ready.schema["train_rows"] == 50


@pytest.mark.parametrize("text", ["1,2,3\n2,3,4\n1,4,5\n", "0,2,\n1,NA,4\n0,1,2\n", "0;2\n1;3\n0;4\n"])
def test_what_nearly_fits_is_rewritten(prepare_parts, text):
    ready, rows = prepare_parts(text, validation_share=0)
    assert ready.channels["train"].endswith("/train/")
    assert {row[0] for row in rows["train"]} == {"0", "1"}


def test_gzip_parquet_and_utf16_become_the_same_rows(prepare_parts):
    plain = prepare_parts(iris())[1]
    assert prepare_parts(iris(), "t.csv.gz")[1] == plain
    assert prepare_parts(iris().encode("utf-16"), "t16.csv")[1] == plain
    import io

    import polars as pl

    out = io.BytesIO()
    pl.read_csv(io.StringIO(iris())).write_parquet(out)
    again = prepare_parts(out.getvalue(), "t.parquet")[1]
    assert np.array_equal(np.array(again["train"], float), np.array(plain["train"], float))


def test_doubles_of_parquet_survive_as_text(prepare_parts):
    import io

    import polars as pl

    values = [random.Random(1).uniform(-1e-7, 1e7) * 10.0**k for k in range(-12, 12)]
    out = io.BytesIO()
    pl.DataFrame({"x": values, "target": [i % 2 for i in range(24)]}).write_parquet(out)
    _, rows = prepare_parts(out.getvalue(), "t.parquet", validation_share=0)
    assert [float(row[1]) for row in rows["train"]] == values


def test_libsvm_is_used_in_place(prepare_parts):
    ready, _ = prepare_parts("1 1:0.5 3:2\n0 2:1.25\n2 1:1\n", "t.libsvm")
    assert (ready.content_type, ready.facts.classes) == ("text/libsvm", 3)


def test_the_schema_lies_beside_the_data(prepare_parts, s3, bucket):
    ready, _ = prepare_parts(iris())
    document = json.loads(s3.get_object(Bucket=bucket, Key="sagewright/m-1/schema.json")["Body"].read())
    assert document == ready.schema


def test_what_cannot_be_learned_is_refused_by_name(prepare_parts):
    many = "x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(100)) + "12ab,1\n"
    assert "'12ab' in data row 101" in refusal(prepare_parts, many).message
    words = "x,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(20))
    problem = refusal(prepare_parts, words, objective="reg:squarederror")
    assert (problem.field, "column y holds text" in problem.message) == ("target", True)
    three = "x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(20))
    assert "has 3" in refusal(prepare_parts, three, objective="binary:logistic").message


def test_data_that_changed_after_it_was_looked_at_is_refused(prepare_parts, put):
    uri = put(iris(), "other.csv")
    with pytest.raises(Problem, match="has changed since"):
        s3_store.locate(uri).require_etag("before")


def test_many_rows_pass_in_small_pieces(prepare_parts, put, bucket):
    text = "a,b,y\n" + "".join(f"{i % 97},{i % 13},{i % 2}\n" for i in range(300_000))
    steps = []
    uri = put(text)
    recipe = Recipe(target="y", validation_share=0.1)
    prepare(
        s3_store.locate(uri),
        recipe,
        XGBOOST,
        f"s3://{bucket}/big",
        lambda done, total: steps.append(done / total),
    )
    assert len(steps) >= 2 and steps == sorted(steps) and steps[-1] == 1


def test_the_split_keeps_a_row_of_each_class_to_learn_from():
    split = StratifiedSplit({0: 100, 1: 1}, 0.5, seed=1)
    classes = np.array([0] * 100 + [1])
    held = np.concatenate([split.parts(classes[:30]), split.parts(classes[30:])])
    assert (held[:100] == VALIDATION).sum() == 50 and held[100] == TRAIN


def test_the_same_rows_are_held_out_whatever_the_classes_are_called():
    classes = np.array([0, 1, 1, 0, 1, 1, 0, 1] * 20)
    counts = {0: int((classes == 0).sum()), 1: int((classes == 1).sum())}
    one = StratifiedSplit(counts, 0.25, seed=3).parts(classes)
    other = StratifiedSplit({0: counts[1], 1: counts[0]}, 0.25, seed=3).parts(1 - classes)
    assert (one == other).all() and one.sum() == 40


@pytest.mark.parametrize(("shards", "blocks"), [(2, [1, 1, 1, 0, 50, 50, 50, 50, 1]), (3, [2, 70, 70, 70, 70, 70, 1])])
def test_instances_get_the_same_number_of_rows_of_objects_that_end_in_between(
    folder, tmp_path, monkeypatch, shards, blocks
):
    monkeypatch.setattr(channel_writer, "PART_BYTES", 400)
    writers = [
        channel_writer.ChannelWriter(
            folder, f"s3://{BUCKET}/t/", "train", False, True, tmp_path, shard=f"-{number:02d}"
        )
        for number in range(1, shards + 1)
    ]
    writer = channel_writer.DividedWriter(writers, "train", f"s3://{BUCKET}/t/")
    for rows in blocks:
        writer.write(pl.DataFrame({"y": [0] * rows, "x": [*range(rows)]}, schema={"y": pl.Int64, "x": pl.Int64}))
    writer.close([])
    keys = sorted(o.key for o in folder.list_objects(BUCKET, "t/"))
    assert len(keys) > shards
    sizes = [
        sum(len((folder.root / BUCKET / key).read_text().splitlines()) for key in keys[host::shards])
        for host in range(shards)
    ]
    assert max(sizes) - min(sizes) <= 1 and sum(sizes) == sum(blocks)
