"""What a person reads of encodings: bytes that do not fit, other readings."""

from __future__ import annotations

import preflight
from jobs.spec import JobSpec
from preflight.finding import Report
from tables import Recipe, locate, scan
from tables.encodings import TITLES
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.encoded_tables import CASES, case, encoded, table


def report(uri: str, store=CASES, **how) -> Report:
    return preflight.run(JobSpec(data_uri=uri, recipe=Recipe(**how)), store, None)


def test_a_byte_that_does_not_fit_is_named_with_row_and_column():
    findings = report("s3://cases/F02-utf8-french-one-bad-byte/t.csv", target="cible").of("format.encoding")
    assert case("F02-utf8-french-one-bad-byte/t.csv").column("nom").top[0] in ("René", "Hélène", "Garçon")
    assert len(findings) == 1 and findings[0].column == "nom" and findings[0].row and "\ufffd" in findings[0].value


def test_a_byte_far_down_is_named_once_the_whole_table_is_read(folder, keep, monkeypatch):
    from tables import text_chunks

    monkeypatch.setattr(text_chunks, "CHUNK", 1000)
    lines = [f"{i},{'café' if i % 2 else 'thé'},{i % 2}\n".encode() for i in range(1000)]
    lines[700] = "700,thé,0\n".encode("latin-1")
    uri = keep(b"n,drink,y\n" + b"".join(lines))
    profile = scan(locate(folder, uri))
    assert (profile.undecodable, profile.undecodable_column) == (1, "drink")
    assert (profile.undecodable_cell.row, profile.undecodable_cell.line) == (701, 702)


def test_a_second_object_of_another_encoding_gives_the_same_words(folder, keep):
    for key, encoding in (("a", "utf-8"), ("b", "latin-1"), ("c", "utf-16"), ("d", "utf-8-sig")):
        keep(
            "ville,n,y\n".encode(encoding) + "".join(f"Orléans,{i},{i % 2}\n" for i in range(30)).encode(encoding)
            if encoding != "utf-16"
            else ("ville,n,y\n" + "".join(f"Orléans,{i},{i % 2}\n" for i in range(30))).encode("utf-16"),
            f"d/{key}.csv",
        )
    profile = scan(locate(folder, f"s3://{BUCKET}/d/"))
    assert profile.rows == 120 and profile.column("ville").values == {"Orléans": 120} and not profile.undecodable
    assert [file["encoding"] for file in profile.files] == ["utf-8", "cp1252", "utf-16", "utf-8-sig"]
    findings = report(f"s3://{BUCKET}/d/", folder, target="y").of("format.encoding")
    assert [finding.file.rpartition("/")[2] for finding in findings] == ["b.csv"]


def test_reported_second_objects_are_read_as_the_first():
    with_mark = scan(locate(CASES, "s3://cases/F05-second-file-has-bom/d/"))
    assert with_mark.rows == 200 and [column.name for column in with_mark.columns] == ["a", "b", "y"]
    latin = scan(locate(CASES, "s3://cases/F06-second-file-latin1/d/"))
    assert not latin.undecodable and not any("\ufffd" in value for value in latin.column("a").values)
    assert report("s3://cases/F06-second-file-latin1/d/", target="y").of("format.encoding")


def test_an_encoding_that_a_person_chose_holds_for_every_object(folder, keep):
    keep("ville,y\nOrléans,1\nNîmes,0\n", "d/a.csv")
    keep("ville,y\nOrléans,1\nNîmes,0\n".encode("latin-1"), "d/b.csv")
    profile = scan(locate(folder, f"s3://{BUCKET}/d/"), Recipe(encoding="latin-1"))
    assert profile.column("ville").distinct == 4 and not profile.undecodable


def test_other_readings_are_offered_with_words_as_they_would_be(folder, keep):
    uri = keep(encoded(table("Poland", 80), "iso8859_2"))
    findings = report(uri, folder, target="miasto").of("format.encoding")[0]
    assert findings.fixes and all(fix.changes["recipe.encoding"] in TITLES for fix in findings.fixes)
    assert all(": " in fix.label for fix in findings.fixes)


def test_korean_needs_no_warning_and_is_told(folder, keep):
    checked = report(keep(encoded(table("Korea", 80), "cp949")), folder, target="구매")
    assert not checked.of("format.encoding")
    answer = next(finding for finding in checked.findings if finding.id == "format.encoding")
    assert answer.handled and "CP949" in answer.text and "여자" in answer.text
