"""Browsing S3 for training data, as a page and as a dialog."""

import pytest

pytestmark = pytest.mark.stack
HTMX = {"HX-Request": "true"}


def test_without_javascript_it_is_a_page_whose_choice_leads_back(signed_in, alice, lake, table):
    page = signed_in(alice).get("/s3/browse/", {"bucket": lake.bucket, "prefix": "shared/", "pick": table}).text
    assert "<html" in page
    assert 'action="/models/create/"' in page
    assert f'value="{table}"' in page and "checked" in page
    assert "diagnosis" in page  # the preview of what is picked


def test_htmx_gets_the_dialog_alone(signed_in, alice, lake):
    part = signed_in(alice).get("/s3/browse/", headers=HTMX).text
    assert "<html" not in part
    assert part.lstrip().startswith("<dialog")
    assert lake.bucket in part


def test_what_is_no_table_cannot_be_chosen(signed_in, alice, lake):
    lake.put("in/readme.md", "hello")
    page = signed_in(alice).get("/s3/browse/", {"bucket": lake.bucket, "prefix": f"{lake.folder}in/"}).text
    assert "Not a data file" in page


def test_buckets_are_found_by_how_they_begin(signed_in, alice, lake):
    assert lake.bucket in signed_in(alice).get("/s3/browse/", {"find": "lake-"}).text
    assert "No bucket begins like this." in signed_in(alice).get("/s3/browse/", {"find": "zzz"}).text


def test_a_bucket_that_is_gone_is_said_in_place(signed_in, alice, lake):
    response = signed_in(alice).get("/s3/browse/", {"bucket": "never-made"})
    assert response.status_code == 200
    assert "There is no bucket called never-made" in response.text


def test_without_storage_the_dialog_offers_another_try(signed_in, alice, drought):
    assert "Retry" in signed_in(alice).get("/s3/browse/", headers=HTMX).text


def test_inspecting_gives_preview_target_and_summary(signed_in, alice, table):
    part = signed_in(alice).get("/s3/inspect/", {"data_uri": table, "target": "gone"}, headers=HTMX).text
    assert '<option value="diagnosis" selected>' in part
    assert 'id="summary" hx-swap-oob="true"' in part
    assert "60 rows, 3 columns" in part
    assert "no such column" not in part  # the target of the file before is no mistake of this one


def test_inspecting_what_is_not_there_says_what_and_how_to_mend_it(signed_in, alice, lake):
    part = signed_in(alice).get("/s3/inspect/", {"data_uri": f"s3://{lake.bucket}/no.csv"}, headers=HTMX).text
    assert 'class="ferr"' in part and "no.csv" in part


def test_inspecting_without_htmx_is_the_form_itself(signed_in, alice, table):
    response = signed_in(alice).get("/s3/inspect/", {"data_uri": table, "target": "radius"})
    assert response.url.startswith("/models/create/?data=s3")


def test_rows_that_cannot_be_chosen_say_why(signed_in, vera, lake):
    for key, body in {"a.csv": "a\n1\n", "b.zip": "PK", "c.pdf": "%PDF", "_d.csv": "a\n1\n", "e.csv": ""}.items():
        lake.put(key, body)
    page = signed_in(vera).get(f"/s3/browse/?bucket={lake.bucket}&prefix={lake.folder}").text
    for why in ("Archive: unpack it first", "Not a data file", "Hidden from SageMaker", "Empty"):
        assert page.count(why) == 1
    assert page.count(" disabled") == 4


def test_objects_are_sorted_as_asked(signed_in, vera, lake):
    for key, rows in {"a.csv": 1, "b.csv": 50, "c.csv": 9}.items():
        lake.put(key, "x\n" * rows)
    browser, address = signed_in(vera), f"/s3/browse/?bucket={lake.bucket}&prefix={lake.folder}"

    def order(sort: str) -> str:
        page = browser.get(f"{address}&sort={sort}").text
        return "".join(sorted("abc", key=lambda name: page.index(f'aria-label="{name}.csv"')))

    assert (order(""), order("-name"), order("size"), order("-size")) == ("abc", "cba", "acb", "bca")
    assert 'aria-sort="descending"' in browser.get(f"{address}&sort=-size").text


def test_what_was_used_before_is_offered_again(signed_in, alice, bob, finished, lake):
    uri = finished.data_uri
    assert uri.startswith("s3://")
    assert f"pick={uri.replace(':', '%3A')}" in signed_in(alice).get("/s3/browse/").text
    assert "Recent locations" not in signed_in(bob).get("/s3/browse/").text
