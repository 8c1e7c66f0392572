"""Buckets and their objects: looking, uploading, downloading, deleting."""

import secrets

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

pytestmark = pytest.mark.stack


def file(name: str, body: bytes = b"a,b\n1,2\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body, content_type="text/csv")


def test_the_list_names_every_bucket(signed_in, vera, lake):
    page = signed_in(vera).get("/buckets/").text
    assert lake.bucket in page
    assert "Create bucket" not in page  # a viewer looks only


def test_without_storage_the_page_says_so_and_offers_another_try(signed_in, alice, drought):
    response = signed_in(alice).get("/buckets/")
    assert response.status_code == 200
    assert "No answer from" in response.text
    assert "Retry" in response.text


@pytest.mark.parametrize("name", ["", "ab", "Big", "a_b", "192.168.1.1", "-a-b-", "x" * 64])
def test_an_ill_formed_bucket_name_is_answered_with_the_rule(signed_in, alice, lake, name):
    response = signed_in(alice).post("/buckets/-/create/", {"name": name})
    assert response.status_code == 422
    assert "3 to 63 characters" in response.text
    assert 'aria-invalid="true"' in response.text
    assert f'value="{name}"' in response.text


def test_a_taken_bucket_name_is_answered_with_a_free_one(signed_in, alice, lake):
    response = signed_in(alice).post("/buckets/-/create/", {"name": lake.bucket})
    assert response.status_code == 422
    assert f"{lake.bucket} already exists" in response.text


def test_a_bucket_is_made_and_an_empty_one_deleted(signed_in, alice, lake):
    browser, name = signed_in(alice), f"made-{secrets.token_hex(4)}"
    assert browser.post("/buckets/-/create/", {"name": name}).url == f"/buckets/{name}/"
    assert "Delete bucket" in browser.get(f"/buckets/{name}/delete/").text
    response = browser.post(f"/buckets/{name}/delete/", follow=True)
    assert f"Successfully deleted bucket {name}." in response.text


def test_a_bucket_with_objects_stays(signed_in, alice, lake):
    lake.put("a.csv", "a,b\n")
    browser, address = signed_in(alice), reverse("bucket_delete", args=[lake.bucket])
    assert "is not empty" in browser.get(address).text
    response = browser.post(address)
    assert response.status_code == 422
    assert "is not empty" in response.text
    assert lake.keys() == ["a.csv"]


def test_a_bucket_that_is_not_there_is_a_page_with_words(signed_in, vera, lake):
    response = signed_in(vera).get("/buckets/never-made/")
    assert response.status_code == 404
    assert "There is no bucket called never-made" in response.text


def test_a_folder_shows_its_folders_and_objects(signed_in, vera, lake):
    lake.put("in/a.csv", "a,b\n1,2\n")
    lake.put("in/deep/b.csv", "a,b\n1,2\n")
    page = signed_in(vera).get(f"/buckets/{lake.bucket}/?prefix={lake.folder}in/").text
    assert "a.csv" in page and "deep/" in page
    assert "b.csv" not in page
    text = signed_in(vera).get(f"/buckets/{lake.bucket}/?prefix={lake.folder}in/&find=zzz").text
    assert "No matches" in text


def test_a_chosen_file_shows_its_columns(signed_in, alice, lake):
    lake.put("in/a.csv", "age,churned\n1,yes\n2,no\n3,yes\n")
    page = signed_in(alice).get(f"/buckets/{lake.bucket}/?prefix={lake.folder}in/&key={lake.folder}in/a.csv").text
    assert "churned" in page
    assert f"/models/create/?data=s3%3A//{lake.bucket}/{lake.folder}in/a.csv" in page


def test_several_files_are_uploaded_at_once(signed_in, alice, lake):
    where = reverse("objects_upload", args=[lake.bucket])
    response = signed_in(alice).post(
        where, {"prefix": f"{lake.folder}new/", "files": [file("a.csv"), file("b.csv")]}, follow=True
    )
    assert "Uploaded 2 objects." in response.text
    assert lake.keys() == ["new/a.csv", "new/b.csv"]


def test_the_upload_script_is_answered_with_addresses(signed_in, alice, lake):
    where = reverse("objects_upload", args=[lake.bucket])
    response = signed_in(alice).post(
        where, {"prefix": lake.folder, "files": [file("a.csv")]}, headers={"accept": "application/json"}
    )
    assert response.json() == {"uris": [f"s3://{lake.bucket}/{lake.folder}a.csv"]}


@pytest.mark.parametrize("prefix", ["../up", "a//b/", "./here"])
def test_a_key_that_storage_would_stumble_over_is_refused_before_anything_is_stored(signed_in, alice, lake, prefix):
    where = reverse("objects_upload", args=[lake.bucket])
    response = signed_in(alice).post(
        where, {"prefix": f"{lake.folder}{prefix}", "files": [file("a.csv")]}, headers={"accept": "application/json"}
    )
    assert response.status_code == 422
    assert "between two slashes" in response.json()["message"]
    assert lake.keys() == []


def test_an_upload_without_a_file_says_what_is_missing(signed_in, alice, lake):
    response = signed_in(alice).post(reverse("objects_upload", args=[lake.bucket]), follow=True)
    assert "Choose a file to upload." in response.text


def test_a_download_is_streamed_and_never_shown_as_a_page_of_ours(signed_in, vera, lake):
    lake.put("in/é <x>.html", b"<script>alert(1)</script>")
    response = signed_in(vera).get(
        reverse("object_download", args=[lake.bucket]), {"key": f"{lake.folder}in/é <x>.html"}
    )
    assert response.streaming
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"


def test_a_download_of_nothing_is_not_found(signed_in, vera, lake):
    assert signed_in(vera).get(reverse("object_download", args=[lake.bucket]), {"key": "no"}).status_code == 404


def test_deleting_asks_first_and_takes_folders_whole(signed_in, alice, lake):
    for key in ("in/a.csv", "in/deep/b.csv", "in/deep/c.csv", "keep.csv"):
        lake.put(key, "a\n")
    browser, where = signed_in(alice), reverse("objects_delete", args=[lake.bucket])
    chosen = {"prefix": f"{lake.folder}in/", "key": [f"{lake.folder}in/a.csv", f"{lake.folder}in/deep/"]}
    page = browser.post(where, chosen).text
    assert "Delete 3 objects" in page and "in/deep/c.csv" in page
    assert len(lake.keys()) == 4
    response = browser.post(where, chosen | {"confirmed": "yes"}, follow=True)
    assert "Deleted 3 objects." in response.text
    assert lake.keys() == ["keep.csv"]


def test_deleting_nothing_says_to_choose(signed_in, alice, lake):
    response = signed_in(alice).post(reverse("objects_delete", args=[lake.bucket]), follow=True)
    assert "Choose the objects to delete first." in response.text


@pytest.mark.parametrize("name", ["objects_upload", "objects_delete", "bucket_delete"])
def test_a_viewer_changes_nothing(signed_in, vera, lake, name):
    assert signed_in(vera).post(reverse(name, args=[lake.bucket])).status_code == 403


def test_a_download_that_s3_refuses_is_no_outage(signed_in, vera, lake):
    response = signed_in(vera).get(reverse("object_download", args=[lake.bucket]), {"key": "k" * 1025})
    assert response.status_code == 422


def test_a_download_without_a_key_is_not_found(signed_in, vera):
    assert signed_in(vera).get("/buckets/data/download/").status_code == 404


def test_a_long_table_and_its_size_are_written_as_everywhere(signed_in, alice, lake):
    lake.put("in/long.csv", "a,b\n" + "1,2\n" * 8000)
    page = signed_in(alice).get(f"/buckets/{lake.bucket}/?prefix={lake.folder}in/&key={lake.folder}in/long.csv").text
    assert "<dd>8,000</dd>" in page and "32.0 kB" in page
