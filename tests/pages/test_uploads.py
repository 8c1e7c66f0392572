"""Uploads in parts: begun, gone on with, finished, given up; and by whom."""

import secrets
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from django.utils.timezone import now

from models_app import aws
from models_app.data import parts, uploads
from models_app.models import Upload

pytestmark = pytest.mark.stack
MIB = 1024 * 1024


@pytest.fixture
def file() -> bytes:
    """A bit more than two parts."""
    return secrets.token_bytes(2 * parts.PART + 1000)


def begin(browser, lake, length: int, **changed):
    parameters = {"prefix": lake.folder, "name": "big.csv", "size": length, "modified": 1_700_000_000_000} | changed
    return browser.post(f"/buckets/{lake.bucket}/uploads/", parameters)


def part(browser, begun: dict, number: int, file: bytes):
    start = (number - 1) * begun["part_size"]
    piece = file[start : start + begun["part_size"]]
    return browser.put(f"/uploads/{begun['id']}/parts/{number}/", piece, content_type="application/octet-stream")


def stored(lake) -> bytes:
    return lake.s3.get_object(Bucket=lake.bucket, Key=lake.folder + "big.csv")["Body"].read()


def test_a_file_in_parts_is_the_same_file(signed_in, alice, lake, file):
    browser = signed_in(alice)
    begun = begin(browser, lake, len(file)).json()
    assert begun["missing"] == [1, 2, 3] and begun["done"] == 0
    for number in (3, 1, 2):  # in whatever order
        assert part(browser, begun, number, file).status_code == 204
    finished = browser.post(f"/uploads/{begun['id']}/finish/")
    assert finished.json() == {"uri": f"s3://{lake.bucket}/{lake.folder}big.csv"}
    assert stored(lake) == file
    assert browser.post(f"/uploads/{begun['id']}/finish/").json() == finished.json()  # the answer was lost


def test_it_goes_on_at_the_first_missing_part(signed_in, alice, lake, file):
    browser = signed_in(alice)
    first = begin(browser, lake, len(file)).json()
    part(browser, first, 2, file)
    again = begin(browser, lake, len(file)).json()
    assert again == first | {"missing": [1, 3], "done": parts.PART}
    assert begin(browser, lake, len(file), modified=5).json()["id"] != first["id"]  # the file has changed since
    for number in again["missing"]:
        part(browser, again, number, file)
    browser.post(f"/uploads/{again['id']}/finish/")
    assert stored(lake) == file


def test_a_new_form_finds_what_an_earlier_one_began(signed_in, alice, lake, file):
    browser = signed_in(alice)
    first = begin(browser, lake, len(file), prefix="uploads/aaaa/", first="yes").json()
    again = begin(browser, lake, len(file), prefix="uploads/bbbb/", first="yes").json()
    assert (again["id"], again["prefix"]) == (first["id"], "uploads/aaaa")
    # the others of the same batch go where the first one went
    assert begin(browser, lake, 5, name="b.csv", prefix=again["prefix"]).json()["prefix"] == "uploads/aaaa"
    assert begin(browser, lake, len(file)).json()["id"] != first["id"]  # a folder of one's own choice is meant
    page = browser.get("/models/create/").text
    assert "Unfinished uploads" in page and "0% of 16.8 MB is there" in page
    assert "Unfinished uploads" in browser.get(f"/buckets/{lake.bucket}/?prefix={lake.folder}").text
    browser.post(f"/uploads/{first['id']}/cancel/")


def test_what_is_there_already_is_not_sent_again(signed_in, alice, lake):
    browser, parameters = signed_in(alice), {"prefix": "uploads/cccc/", "first": "yes", "name": "small.csv"}
    first = begin(browser, lake, 6, **parameters).json()
    browser.put(f"/uploads/{first['id']}/parts/1/", b"a,b\n1\n", content_type="application/octet-stream")
    uri = browser.post(f"/uploads/{first['id']}/finish/").json()["uri"]
    again = begin(browser, lake, 6, **parameters | {"prefix": "uploads/dddd/"}).json()
    assert again == first | {"missing": [], "done": 6}
    assert browser.post(f"/uploads/{again['id']}/finish/").json()["uri"] == uri
    lake.s3.delete_object(Bucket=lake.bucket, Key="uploads/cccc/small.csv")
    assert begin(browser, lake, 6, **parameters).json()["missing"] == [1]


def test_an_upload_that_is_finished_before_its_time_says_what_is_missing(signed_in, alice, lake, file):
    browser = signed_in(alice)
    begun = begin(browser, lake, len(file)).json()
    part(browser, begun, 1, file)
    answer = browser.post(f"/uploads/{begun['id']}/finish/")
    assert (answer.status_code, answer.json()["message"]) == (409, "Part 2 is missing.")


def test_a_part_of_the_wrong_length_is_not_taken(signed_in, alice, lake, file):
    browser = signed_in(alice)
    begun = begin(browser, lake, len(file)).json()
    answer = browser.put(f"/uploads/{begun['id']}/parts/1/", b"abc", content_type="application/octet-stream")
    assert answer.status_code == 409 and "3 bytes instead of 8388608" in answer.json()["message"]
    answer = browser.put(f"/uploads/{begun['id']}/parts/4/", b"abc", content_type="application/octet-stream")
    assert answer.status_code == 422 and "no part 4" in answer.json()["message"]
    assert uploads.parts_of(Upload.objects.get(pk=begun["id"])) == {}


def test_a_cancelled_upload_leaves_nothing(signed_in, alice, lake, file):
    browser = signed_in(alice)
    begun = begin(browser, lake, len(file)).json()
    part(browser, begun, 1, file)
    answer = browser.post(f"/uploads/{begun['id']}/cancel/", headers={"Accept": "application/json"})
    assert answer.status_code == 204
    assert not Upload.objects.exists() and lake.keys() == []
    listed = lake.s3.list_multipart_uploads(Bucket=lake.bucket).get("Uploads", [])
    assert not [u for u in listed if u["Key"].startswith(lake.folder)]
    assert part(browser, begun, 1, file).status_code == 404


def test_what_s3_has_forgotten_is_begun_anew(signed_in, alice, lake, file):
    browser = signed_in(alice)
    begun = begin(browser, lake, len(file)).json()
    uploads.abort(Upload.objects.get(pk=begun["id"]))
    answer = part(browser, begun, 1, file)
    assert answer.status_code == 410 and "Upload the file again" in answer.json()["message"]
    assert begin(browser, lake, len(file)).json()["id"] != begun["id"]


def test_an_empty_file_is_an_empty_object(signed_in, alice, lake):
    browser = signed_in(alice)
    begun = begin(browser, lake, 0).json()
    assert begun["missing"] == []
    assert browser.post(f"/uploads/{begun['id']}/finish/").status_code == 200
    assert stored(lake) == b""


def test_nobody_touches_the_upload_of_another(signed_in, alice, bob, lake, file):
    begun = begin(signed_in(alice), lake, len(file)).json()
    other = signed_in(bob)
    assert begin(other, lake, len(file)).json()["id"] != begun["id"]
    assert part(other, begun, 1, file).status_code == 404
    assert other.post(f"/uploads/{begun['id']}/finish/").status_code == 404
    assert other.post(f"/uploads/{begun['id']}/cancel/").status_code == 404


REFUSED = {
    "a key with dots": ({"name": "../x.csv"}, 422, "not . or .. either"),
    "a name too long": ({"name": "x" * 300}, 422, "longer than 255 characters"),
    "a size that is none": ({"size": "many"}, 400, "whole numbers"),
    "a negative size": ({"size": -1}, 422, "5 TiB"),
    "more than S3 keeps": ({"size": 6 * 1024**4}, 422, "5 TiB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_kept_is_refused_in_words(signed_in, alice, lake, case):
    changed, status, words = REFUSED[case]
    answer = begin(signed_in(alice), lake, 5, **changed)
    assert answer.status_code == status and words in answer.json()["message"]
    assert not Upload.objects.exists()


def test_a_bucket_that_is_not_there_is_named(signed_in, alice, lake):
    answer = signed_in(alice).post("/buckets/never-made/uploads/", {"name": "a", "size": 1, "modified": 1})
    assert answer.status_code == 422 and "There is no bucket called never-made" in answer.json()["message"]


def test_without_storage_another_try_is_worth_it(signed_in, alice, drought):
    answer = signed_in(alice).post("/buckets/some-bucket/uploads/", {"name": "a", "size": 1, "modified": 1})
    assert answer.status_code == 503


def test_a_full_disk_is_said_at_once_and_another_try_is_not_made(signed_in, alice, monkeypatch):
    def full(*_, **__):
        with aws.plain_errors():
            error = {"Code": "InsufficientStorage", "Message": "The disk of the object store is nearly full."}
            raise ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": 507}}, "UploadPart")

    monkeypatch.setattr(uploads, "begin", full)
    answer = signed_in(alice).post("/buckets/some-bucket/uploads/", {"name": "a", "size": 1, "modified": 1})
    assert answer.status_code == 507, "static/upload.js tries again after every other 5xx"
    assert "Make room" in answer.json()["message"] and "resume" in answer.json()["message"]


@pytest.mark.parametrize("size", [0, 1, parts.PART, parts.PART + 1, 100 * 1024**3, parts.MAX_BYTES])
def test_parts_are_few_enough_for_s3_and_add_up(size):
    upload = Upload(size=size, part_size=parts.part_size(size))
    count = parts.part_count(upload)
    assert count <= parts.MAX_PARTS and 5 * MIB <= upload.part_size <= 5 * 1024 * MIB
    assert sum(parts.bytes_of_part(upload, number) for number in range(1, count + 1)) == size


def test_what_was_left_a_week_ago_is_given_up(signed_in, alice, lake, file):
    browser = signed_in(alice)
    old, young = (begin(browser, lake, len(file), name=name).json() for name in ("old.csv", "young.csv"))
    Upload.objects.filter(pk=old["id"]).update(created=now() - timedelta(days=8))
    uploads.sweep()
    assert list(Upload.objects.values_list("pk", flat=True)) == [young["id"]]


def test_what_still_grows_after_a_week_is_kept(signed_in, alice, lake, file):
    browser = signed_in(alice)
    begun = begin(browser, lake, len(file)).json()
    part(browser, begun, 1, file)
    Upload.objects.update(created=now() - timedelta(days=8))
    uploads.sweep()
    assert Upload.objects.filter(pk=begun["id"]).exists()
