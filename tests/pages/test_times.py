"""Times: in the zone of the person's browser, with UTC in the tooltip; and what is no longer true says since when."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now

from models_app.models import Endpoint, Event, Model, TrainingJob

AT = datetime(2026, 5, 12, 20, 41, 3, tzinfo=UTC)


@pytest.fixture
def running(finished) -> TrainingJob:
    """Half of its ten rounds took five minutes; SageMaker was heard of just now."""
    TrainingJob.objects.update(
        status=TrainingJob.Status.IN_PROGRESS,
        status_since=now() - timedelta(minutes=6),
        started=now() - timedelta(minutes=6),
        last_synced=now(),
        ended=None,
        log_done=False,
        progress={"round": 5, "at": (now() - timedelta(seconds=50)).isoformat()},
    )
    return TrainingJob.objects.get()


@pytest.mark.parametrize(
    ("zone", "clock", "tooltip"),
    [
        ("Asia/Seoul", "May 13 05:41", "2026-05-13 05:41:03 KST, 2026-05-12 20:41:03 UTC"),
        ("UTC", "May 12 20:41", "2026-05-12 20:41:03 UTC"),
        ("../../etc/passwd", "May 12 20:41", "2026-05-12 20:41:03 UTC"),
        ("Asia", "May 12 20:41", "2026-05-12 20:41:03 UTC"),
        ("Not/AZone", "May 12 20:41", "2026-05-12 20:41:03 UTC"),
    ],
)
def test_times_are_in_the_zone_that_the_browser_names(signed_in, alice, finished, zone, clock, tooltip):
    Event.objects.update(at=AT)
    browser = signed_in(alice)
    browser.cookies["zone"] = zone
    page = browser.get("/jobs/churn-0001/").text
    assert f'title="{tooltip}">{clock}</time>' in page
    browser.cookies["language"] = "ko"
    korean = browser.get("/jobs/churn-0001/").text
    assert re.search(rf'title="{re.escape(tooltip)}">[^<]*\d일 {clock.split()[-1]}</time>', korean)


def test_an_event_of_today_says_its_time_alone(signed_in, alice, finished):
    moment = now().replace(microsecond=0)
    Event.objects.update(at=moment)
    assert f">{moment:%H:%M:%S}</time>" in signed_in(alice).get("/jobs/churn-0001/").text


def test_the_zone_of_one_person_is_not_that_of_the_next(signed_in, alice, finished):
    Event.objects.update(at=AT)
    browser = signed_in(alice)
    browser.cookies["zone"] = "Asia/Seoul"
    browser.get("/jobs/churn-0001/")
    assert ">May 12 20:41</time>" in signed_in(alice).get("/jobs/churn-0001/").text


def test_time_left_runs_down_between_two_rounds(running):
    assert running.eta_seconds == pytest.approx(5 * 62 - 50, abs=2)


def test_time_left_is_not_known_of_a_job_whose_rounds_do_not_end(signed_in, alice, running):
    TrainingJob.objects.update(progress={"round": 5, "at": (now() - timedelta(hours=1)).isoformat()})
    TrainingJob.objects.update(started=now() - timedelta(hours=1, minutes=5))
    running.refresh_from_db()
    assert running.eta_seconds is None


@pytest.mark.parametrize("address", ["/jobs/churn-0001/", "/models/churn/", "/"])
def test_live_ends_when_sagemaker_is_not_heard_of(signed_in, alice, running, address):
    browser = signed_in(alice)
    browser.cookies["zone"] = "Asia/Seoul"
    page = browser.get(address).text
    assert ">Live</span>" in page and "data-silent" not in page
    heard = now() - timedelta(minutes=20)
    TrainingJob.objects.update(last_synced=heard, status_since=heard)
    page = browser.get(address).text
    since = f"{heard + timedelta(hours=9):%H:%M}</time>"
    assert ">Live</span>" not in page and ">Following</span>" not in page
    assert "data-silent>As of <time" in page and since in page
    running.refresh_from_db()
    assert running.eta_seconds is None
    if address != "/":
        assert "No word from SageMaker since" in page


def test_an_endpoint_that_settled_needs_no_news(signed_in, alice, finished):
    Endpoint.objects.update(last_synced=now() - timedelta(days=1), status_since=now() - timedelta(days=1))
    assert "No word from" not in signed_in(alice).get("/endpoints/churn/").text
    Endpoint.objects.update(status=Endpoint.Status.UPDATING)
    assert "No word from SageMaker since" in signed_in(alice).get("/endpoints/churn/").text


def test_data_that_nobody_prepares_waits(signed_in, alice, finished):
    Model.objects.update(schema={})
    TrainingJob.objects.update(status="Created", status_since=now(), preparing={"step": "", "done": 4, "total": 10})
    browser = signed_in(alice)
    assert "Preparing the data, 40 %" in browser.get("/jobs/churn-0001/").text
    TrainingJob.objects.update(status_since=now() - timedelta(minutes=2), heartbeat=now())
    assert "Preparing the data, 40 %" in browser.get("/jobs/churn-0001/").text
    TrainingJob.objects.update(heartbeat=now() - timedelta(minutes=1))
    page = browser.get("/jobs/churn-0001/").text
    assert "Waiting for a reader" in page and "Preparing the data, 40 %" not in page
