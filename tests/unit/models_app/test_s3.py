import io
import uuid

import pytest

from models_app import aws
from models_app.aws import s3 as storage
from models_app.aws.s3_store import STORE
from models_app.problems import Missing, Problem


def test_buckets_are_made_listed_and_deleted(s3):
    storage.create_bucket("made-by-a-test")
    assert "made-by-a-test" in [bucket.name for bucket in storage.buckets()]
    with pytest.raises(Problem, match="already exists") as taken:
        storage.create_bucket("made-by-a-test")
    assert taken.value.field == "name"
    storage.ensure_bucket("made-by-a-test")
    storage.delete_bucket("made-by-a-test")
    assert "made-by-a-test" not in [bucket.name for bucket in storage.buckets()]


@pytest.mark.parametrize("name", ["ab", "Upper", "a_b", "-ab", "a..b", "192.168.0.1", "x" * 64, ""])
def test_ill_formed_bucket_names_are_refused_with_the_rule(s3, name):
    with pytest.raises(Problem, match="3 to 63 characters"):
        storage.create_bucket(name)


def test_a_full_bucket_is_not_deleted(put, bucket):
    put("1,2\n")
    with pytest.raises(Problem, match="is not empty"):
        storage.delete_bucket(bucket)


def test_objects_are_listed_by_folder_read_and_deleted(put, bucket):
    put("1,2\n", "a/b.csv")
    put("3\n", "a/c/d.csv")
    listing = storage.objects(bucket, "a/")
    assert (listing.prefixes, [o.name for o in listing.objects], listing.next_token) == (["a/c/"], ["b.csv"], "")
    stored_object = storage.open_object(bucket, "a/b.csv")
    assert (b"".join(stored_object.body_iter), stored_object.size, stored_object.filename) == (b"1,2\n", 4, "b.csv")
    storage.delete_objects(bucket, ["a/b.csv", "a/c/d.csv", "never/was"])
    assert storage.objects(bucket, "", delimiter="").objects == []
    storage.delete_bucket(bucket)


def test_uploads_above_eight_megabytes_go_in_parts(bucket, s3):
    storage.upload(bucket, "big.bin", io.BytesIO(b"x" * 9 * 1024 * 1024), "application/octet-stream")
    assert s3.head_object(Bucket=bucket, Key="big.bin")["ETag"].strip('"').endswith("-2")


def test_what_is_not_there_is_missing(bucket):
    for ask in (
        lambda: storage.objects("nowhere-at-all", ""),
        lambda: storage.open_object(bucket, "none"),
        lambda: storage.upload("nowhere-at-all", "x", io.BytesIO(b"x")),
    ):
        with pytest.raises(Missing):
            ask()


@pytest.mark.parametrize("size", [3, 9 * 1024 * 1024], ids=["small", "in parts"])
def test_what_is_prepared_makes_its_bucket_and_asks_for_it_no_more(s3, tmp_path, size):
    bucket, requests = f"made-{uuid.uuid4().hex[:12]}", []
    aws.client("s3").meta.events.register("before-call.s3", lambda model, **_: requests.append(model.name), "test")
    (tmp_path / "rows.csv").write_bytes(b"x" * size)
    try:
        for key in ("a", "b"):
            requests.clear()
            with (tmp_path / "rows.csv").open("rb") as body:
                STORE.put(bucket, key, body, "text/csv")
            assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == size
        assert "HeadBucket" not in requests
    finally:
        aws.client("s3").meta.events.unregister("before-call.s3", unique_id="test")
        storage.delete_objects(bucket, ["a", "b"])
        storage.delete_bucket(bucket)
