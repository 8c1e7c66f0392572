"""The records of batch transform: JSONPath as SageMaker has it, cutting into requests, putting answers together."""

import csv
import json
import sys

import pytest

from engine.records import assemble, split
from engine.records.filters import Filter, NoMatch
from engine.records.settings import DataSettings, InputFile

ROW = ["a", "b", "c", "d"]
THING = {"id": 7, "x": [1, 2, 3], "y": {"z": [{"w": 5}, {"w": 6}]}}


@pytest.mark.parametrize(
    ("expression", "record", "result"),
    [
        ("$", ROW, ROW),
        ("$[1:]", ROW, ["b", "c", "d"]),
        ("$[0,-1]", ROW, ["a", "d"]),
        ("$[-2]", ROW, "c"),
        ("$[1:3]", ROW, ["b", "c"]),
        ("$.x", THING, [1, 2, 3]),
        ("$['x'][0]", THING, 1),
        ("$.x[1:]", THING, [2, 3]),
        ("$['id','x']", THING, {"id": 7, "x": [1, 2, 3]}),
        ("$.y.z[*].w", THING, [5, 6]),
        ("$.y.z[0].w", THING, 5),
        ("$.y.z[9:]", THING, []),
    ],
)
def test_a_filter_leaves_what_sagemaker_leaves(expression, record, result):
    assert Filter(expression).apply(record) == result


@pytest.mark.parametrize("expression", ["$..w", "$[?@.a == 1]", "x", "$[", "$.y..z", ""])
def test_what_sagemaker_does_not_offer_is_no_filter(expression):
    with pytest.raises(ValueError, match="JSONPath|operator"):
        Filter(expression)


@pytest.mark.parametrize("expression", ["$.none", "$[9]", "$['none','neither']"])
def test_a_record_without_what_the_filter_names_is_refused(expression):
    with pytest.raises(NoMatch, match="matches nothing"):
        Filter(expression).apply(THING if "none" in expression else ROW)


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """The requests that a file with this content is cut into, and the reason why it is not."""

    def cut(content: bytes, **settings) -> tuple[list[bytes], str]:
        (tmp_path / "input/config").mkdir(parents=True)
        (tmp_path / "file").write_bytes(content)
        DataSettings((InputFile("file", "bucket/file"),), **{"content_type": "text/csv"} | settings).write(tmp_path)
        monkeypatch.setattr(sys, "argv", ["split", str(tmp_path)])
        assert split.main() == 0
        if (error := tmp_path / "requests/0.error").exists():
            return [], error.read_text()
        data, _, *lines = (tmp_path / "requests/0.plan").read_text().splitlines()
        body = (tmp_path / json.loads(data)).read_bytes()
        positions = [tuple(map(int, line.split())) for line in lines]
        return [body[offset : offset + size] for offset, size, _ in positions], ""

    return cut


@pytest.mark.parametrize(
    ("content", "settings", "requests"),
    [
        (b"1\n2\n3", {"is_split": True}, [b"1\n2\n3"]),
        (b"1\n2\n3", {"is_split": True, "payload": 4}, [b"1\n2\n", b"3"]),
        (b"1\r\n\n2\n\n", {"is_split": True, "is_multi_record": False}, [b"1", b"2"]),
        (b"1\n\n2\n", {"is_split": True}, [b"1\n", b"2\n"]),
        (b"1\n2\n", {}, [b"1\n2\n"]),
        (b"", {}, []),
        (b"\n\n", {"is_split": True}, []),
        (b'9,"a,b"\n8,"c""d"\n', {"is_split": True, "input_filter": "$[1:]"}, [b'"a,b"\n"c""d"\n']),
        (b'9,"a\rb"\n', {"is_split": True, "input_filter": "$[1:]"}, [b'"a\rb"\n']),
        (b"9," + b"x" * 2**18, {"is_split": True, "input_filter": "$[1]"}, [b"x" * 2**18 + b"\n"]),
        (b"", {"input_filter": "$[1:]"}, []),
        (b'{"a":1}\n{"a":2}\n', {"content_type": "application/jsonlines", "input_filter": "$.a"}, [b"1\n2\n"]),
    ],
    ids=range(12),
)
def test_a_file_is_cut_into_requests(plan, content, settings, requests):
    assert plan(content, **settings) == (requests, "")


@pytest.mark.parametrize(
    ("content", "settings", "reason"),
    [
        (b"12345\n", {"is_split": True, "payload": 3}, "Too much data for max payload size"),
        (b"12345\n", {"payload": 3}, "Too much data for max payload size"),
        (b'1,"a\n', {"is_split": True, "input_filter": "$[0]"}, "a record cannot be read as CSV"),
        (b"\xff,1\n", {"is_split": True, "input_filter": "$[0]"}, "a record cannot be read as CSV"),
        (b"1\n", {"is_split": True, "input_filter": "$[3]"}, "matches nothing"),
        (b"no gzip", {"is_gzipped": True}, "cannot be decompressed"),
        (b"[" * 9999 + b"]" * 9999, {"content_type": "application/json", "input_filter": "$[0]"}, "recursion depth"),
        (b'{"a":1e400}', {"content_type": "application/json", "input_filter": "$.a"}, "cannot be written as JSON"),
        (b'{"a":NaN}', {"content_type": "application/json", "input_filter": "$.a"}, "NaN is no JSON"),
    ],
    ids=range(9),
)
def test_a_file_that_cannot_be_cut_has_a_reason(plan, content, settings, reason):
    assert reason in plan(content, **settings)[1]


@pytest.fixture
def assembled(plan, tmp_path, monkeypatch):
    """The output, or the reason why there is none, for a file and the answers to its requests."""

    def put_together(content: bytes, answers: list[bytes], answer_type: str = "text/csv", **settings) -> bytes | str:
        plan(content, **settings)
        target, folder = tmp_path / "target", tmp_path / "output/data"
        target.mkdir()
        folder.mkdir(parents=True)
        (folder / "0.answers").write_bytes(b"".join(answers))
        (folder / "0.sizes").write_text("".join(f"{len(answer)} {answer_type}\n" for answer in answers))
        (folder / "0.done").touch()
        monkeypatch.setattr(sys, "argv", ["assemble", str(tmp_path), str(target)])
        assert assemble.main() == 0
        if (error := target / "0.error").exists():
            return error.read_text()
        return (target / "0.out").read_bytes()

    return put_together


def test_answers_follow_one_another_with_or_without_lines(assembled):
    assert assembled(b"1\n2\n", [b"0.1"], is_split=True) == b"0.1"


def test_a_line_ends_every_answer_once(assembled):
    single = {"is_split": True, "is_multi_record": False, "has_lines": True}
    assert assembled(b"1\n2\n", [b"0.1", b"0.2\n"], **single) == b"0.1\n0.2\n"


def test_a_row_is_joined_with_its_prediction(assembled):
    join = {"is_split": True, "has_lines": True, "joins": True}
    assert assembled(b'1,"a,b"\n2,c\n', [b"0.1,x\n0.2,y\n"], **join) == b'1,"a,b",0.1,x\n2,c,0.2,y\n'


def test_what_is_joined_comes_out_as_it_was(assembled):
    join = {"is_split": True, "has_lines": True, "joins": True}
    assert assembled(b'1,"a\rb"\r\n', [b"0.5"], **join) == b'1,"a\rb",0.5\n'


def test_the_limit_of_a_cell_stays_that_of_the_process(assembled):
    limit = csv.field_size_limit()
    assert assembled(b"x" * 2 * limit, [b"0.5"], is_split=True, joins=True) == b"x" * 2 * limit + b",0.5\n"
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("value", ["123456789012345678901234567890", "[" * 300 + "]" * 300, '"\u6f22"', "0.1"])
@pytest.mark.parametrize("is_split", [True, False])
def test_json_is_joined_without_a_change(assembled, value, is_split):
    join = {"content_type": "application/jsonlines", "is_split": is_split, "joins": True}
    argument, answers = f'{{"x":{value}}}\n{{"x":2}}\n', [b'{"p":1}\n{"p":2}\n']
    result = assembled(argument.encode(), answers, "application/jsonlines", **join).decode()
    assert result == (f'{{"x":{value},"SageMakerOutput":{{"p":1}}}}\n{{"x":2,"SageMakerOutput":{{"p":2}}}}\n')


@pytest.mark.parametrize(
    ("answers", "content_type", "reason"),
    [
        ([b"0.1\n"], "text/csv", "gave 1 predictions for 2 records"),
        ([b"[0.1, 0.2]"], "application/json", "gave 1 predictions for 2 records"),
        ([b"1\n2\n"], "application/json", "both must be CSV, or both JSON"),
        ([b"1\n2\n"], "application/x-npy", "only CSV, JSON and JSON Lines can be filtered or joined"),
    ],
    ids=range(4),
)
def test_answers_that_are_no_records_of_the_input_are_refused(assembled, answers, content_type, reason):
    assert reason in assembled(b"1\n2\n", answers, content_type, is_split=True, joins=True, has_lines=True)


def test_json_is_joined_as_an_object(tmp_path, monkeypatch):
    settings = {"joins": True, "output_filter": "$['SageMakerInput','SageMakerOutput']"}
    (tmp_path / "input/config").mkdir(parents=True)
    (tmp_path / "file").write_bytes(b"[1, 2]")
    DataSettings((InputFile("file", "bucket/file"),), "application/json", **settings).write(tmp_path)
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests/0.plan").write_text('"file"\n"file"\n0 6 1\n')
    (tmp_path / "output/data").mkdir(parents=True)
    for name, text in (("answers", '{"p": 1}'), ("sizes", "8 application/json\n"), ("done", "")):
        (tmp_path / f"output/data/0.{name}").write_text(text)
    (tmp_path / "target").mkdir()
    monkeypatch.setattr(sys, "argv", ["assemble", str(tmp_path), str(tmp_path / "target")])
    assert assemble.main() == 0
    assert json.loads((tmp_path / "target/0.out").read_text()) == {
        "SageMakerInput": [1, 2],
        "SageMakerOutput": {"p": 1},
    }
