"""News of people's things: once for each person and event, in the bell, on the page, by e-mail and by webhook."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from threading import Barrier

import pytest
from django.core import mail
from django.db import connections, transaction
from django.utils.timezone import now

from models_app.models import (
    Delivery,
    Endpoint,
    Notification,
    NotificationChoices,
    TrainingJob,
    TransformJob,
    TuningJob,
)
from models_app.notifications import announce, guarded_http, tasks
from models_app.notifications.senders import BACK_OFF
from models_app.notifications.webhook import signature
from models_app.sync import jobs
from models_app.sync.logs import keep_error_lines

HTMX = {"HX-Request": "true"}
HOOK = "https://chat.example.com/hook"


@pytest.fixture(autouse=True)
def quiet(settings):
    settings.CLAIM_HEARTBEAT = 600.0  # its thread has a connection of its own, which a test's transaction locks out


@pytest.fixture
def running(broken) -> TrainingJob:
    """Alice's job of the model labels, in progress."""
    TrainingJob.objects.update(status="InProgress", failure_reason="")
    return TrainingJob.objects.select_related("model").get()


def fail(job: TrainingJob, reason: str = "AlgorithmError: Exit Code: 137") -> bool:
    return jobs._move(job, {"TrainingJobStatus": "Failed", "FailureReason": reason})


def test_a_failure_is_told_once_however_often_it_is_heard_of(running, alice, bob):
    second = TrainingJob.objects.get()
    assert fail(running) and not fail(second)
    announce.job_ended(TrainingJob.objects.get())

    note = Notification.objects.get()
    assert (note.user, note.kind, note.name, note.job) == (alice, "job.failed", "labels-0001", running)
    assert note.detail == TrainingJob.objects.get().status_note


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_tell_of_the_same_event_at_once_tell_it_once(running, alice):
    NotificationChoices.objects.create(user=alice, webhook_url=HOOK, webhook_secret="whsec_c2VjcmV0")  # noqa: S106
    TrainingJob.objects.update(status="Failed", failure_reason="ClientError: no", ended=now())
    start = Barrier(4)

    def tell(_) -> None:
        job = TrainingJob.objects.get()
        start.wait()
        announce.job_ended(job)
        connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        assert list(workers.map(tell, range(4))) == [None] * 4
    assert Notification.objects.get().deliveries.count() == 1


def test_a_move_that_is_undone_tells_nobody(running):
    with pytest.raises(RuntimeError), transaction.atomic():
        fail(running)
        raise RuntimeError("the worker died")
    assert not Notification.objects.exists()


def test_a_fault_in_telling_keeps_no_row_from_moving(running, monkeypatch):
    monkeypatch.setattr(announce, "recipients", lambda *_, **__: 1 / 0)
    assert fail(running) and TrainingJob.objects.get().status == "Failed"


def test_the_headline_is_the_one_of_page_and_list_in_the_readers_language(running, alice, signed_in):
    fail(running, "AlgorithmError: Exit Code: 1")
    running.lines.create(number=1, at=now(), text="MemoryError: Unable to allocate 9 GiB")
    keep_error_lines(running)  # CloudWatch was late
    browser = signed_in(alice)

    headline = TrainingJob.objects.get().failure.headline
    for address in ("/notifications/", "/jobs/", "/jobs/labels-0001/"):
        assert headline in unescape(browser.get(address).text), address
    browser.cookies["language"] = "ko"
    korean = browser.get("/notifications/").text
    assert "labels-0001" in korean and headline not in unescape(korean)


def test_what_is_deployed_by_itself_is_told_when_it_answers(running, alice, signed_in):
    running.model.endpoint = endpoint = Endpoint.objects.create(name="e", model=running.model, owner=alice)
    running.model.save()
    assert jobs._move(running, {"TrainingJobStatus": "Completed"})
    assert not Notification.objects.exists()
    endpoint.move_to("Creating")
    endpoint.move_to("InService")
    endpoint.move_to("Updating")
    endpoint.move_to("InService")
    endpoint.move_to("Updating")
    endpoint.move_to("Failed", failure_reason="The model did not answer /ping")
    assert [note.kind for note in Notification.objects.order_by("id")] == ["model.deployed", "endpoint.failed"]
    page = signed_in(alice).get("/notifications/").text
    assert '<a href="/models/labels/"><b>labels</b></a> is deployed' in page
    assert 'Endpoint <a href="/endpoints/e/"><b>e</b></a> failed' in page


def test_a_model_that_is_not_deployed_and_a_limit_are_told(running, alice):
    running.model.deploy_when_done = False
    running.model.save()
    TrainingJob.objects.update(secondary_status="MaxRuntimeExceeded")
    limited = TrainingJob.objects.get()
    limited.move_to("Stopped")
    TrainingJob.objects.update(status="InProgress")
    jobs._move(running, {"TrainingJobStatus": "Completed"})
    assert {note.kind for note in Notification.objects.all()} == {"job.limit_reached", "model.ready"}


def test_only_the_owner_is_told_and_administrators_who_want_everybodys(running, alice, bob, ada, vera):
    for person in (ada, bob):
        NotificationChoices.objects.create(user=person, everybodys=True)
    fail(running)
    assert {note.user: note.of_another for note in Notification.objects.all()} == {alice: False, ada: True}


def test_a_job_found_as_failed_is_news_for_a_day(alice):
    fields = {"external": True, "status": "Failed", "owner": alice, "failure_reason": "ClientError: no"}
    announce.job_ended(TrainingJob.objects.create(name="old", ended=now() - timedelta(days=2), **fields))
    announce.job_ended(TrainingJob.objects.create(name="new", ended=now(), **fields))
    assert [note.name for note in Notification.objects.all()] == ["new"]


def test_the_bell_counts_and_an_action_marks_as_read_and_leads_on(running, alice, bob, signed_in):
    fail(running)
    browser, pk = signed_in(alice), Notification.objects.get().pk
    assert 'aria-label="Notifications, 1 new"' in browser.get("/").text
    panel = browser.get("/notifications/", headers=HTMX).text
    assert "<html" not in panel and "Mark all as read" in panel and "labels-0001" in panel
    assert 'id="bell"' not in panel, "the focus goes back to the bell, so it stays the same element"
    assert signed_in(bob).post(f"/notifications/{pk}/open/").status_code == 404
    assert browser.post(f"/notifications/{pk}/open/").url == "/jobs/labels-0001/"
    assert 'aria-label="Notifications"' in browser.get("/notifications/bell/", headers=HTMX).text
    running.delete()
    assert browser.post(f"/notifications/{pk}/open/").url == "/notifications/"
    assert "labels-0001" in browser.get("/notifications/").text, "what it was about is gone, the news is not"


def test_all_are_marked_as_read_and_lists_are_bounded(alice, signed_in):
    Notification.objects.bulk_create(
        Notification(user=alice, event=f"e{n}", kind="job.failed", name=f"j{n}") for n in range(60)
    )
    browser = signed_in(alice)
    first = browser.get("/notifications/")
    assert len(first.context["new"]) == 50
    assert len(browser.get(f"/notifications/?before={first.context['older']}").context["new"]) == 10
    assert len(browser.get("/notifications/", headers=HTMX).context["new"]) == 20
    assert browser.get("/notifications/?show=mine").status_code == 200
    assert browser.get("/notifications/?show=nothing").status_code == 404
    read = browser.post("/notifications/read/", headers=HTMX).text
    assert 'id="bell"' in read and "tb-count" not in read
    assert not browser.get("/notifications/").context["new"]


def test_old_notifications_are_pruned(alice):
    for name, days in (("old", 31), ("young", 29)):
        Notification.objects.create(user=alice, event=name, kind="test", name=name, at=now() - timedelta(days=days))
    tasks.prune()
    assert [note.name for note in Notification.objects.all()] == ["young"]


def test_e_mail_comes_once_in_the_persons_language(running, alice, settings):
    settings.EMAIL_HOST = "mail.example.com"
    alice.email = "alice@example.com"
    alice.save()
    NotificationChoices.objects.create(user=alice, language="ko")
    fail(running)
    for _ in range(3):
        tasks.deliver(Delivery.objects.get().pk)

    assert len(mail.outbox) == 1 and Delivery.objects.get().status == "Sent"
    message = mail.outbox[0]
    assert message.to == ["alice@example.com"] and "failed" not in message.subject and "labels-0001" in message.subject
    assert "http://127.0.0.1:8000/jobs/labels-0001/" in message.body


@pytest.fixture
def hook(alice, monkeypatch) -> list[tuple]:
    """Alice's webhook: what it was sent; the first answer in `answers` is given next."""
    NotificationChoices.objects.create(user=alice, webhook_url=HOOK, webhook_secret="whsec_c2VjcmV0")  # noqa: S106
    sent: list[tuple] = []

    def post(url, body, headers, allowed):
        sent.append((url, body, headers))
        return answers.pop(0) if answers else 204

    answers: list[int] = [503, 302]
    monkeypatch.setattr(guarded_http, "post", post)
    return sent


def test_a_webhook_is_signed_and_tried_again_under_the_same_id(running, hook):
    fail(running)
    delivery = Delivery.objects.get()
    for number in range(3):
        Delivery.objects.update(due=now() - timedelta(seconds=1))
        tasks.deliver(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.status == ("Sent" if number == 2 else "Queued"), delivery.problem
        if number < 2:
            tasks.deliver(delivery.pk)  # a doubled message, while it is not due
            assert timedelta(0) < delivery.due - now() <= timedelta(seconds=BACK_OFF[number])
    tasks.deliver(delivery.pk)

    assert len(hook) == 3 and len({headers["webhook-id"] for _, _, headers in hook}) == 1
    url, body, headers = hook[-1]
    assert url == HOOK and json.loads(body)["type"] == "job.failed"
    assert json.loads(body)["data"]["name"] == "labels-0001" and "detail" in json.loads(body)["data"]
    key, at = headers["webhook-id"], int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signature("whsec_c2VjcmV0", key, at, body)


def test_a_webhook_that_never_takes_it_is_given_up_with_a_reason(running, hook, monkeypatch):
    monkeypatch.setattr(guarded_http, "post", lambda *_: 500)
    fail(running)
    for _ in range(len(BACK_OFF) + 3):
        Delivery.objects.update(due=now() - timedelta(seconds=1))
        tasks.deliver(Delivery.objects.get().pk)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempt) == ("Failed", len(BACK_OFF) + 1)
    assert delivery.problem == "The receiver of the webhook did not take it."


def test_kinds_and_channels_are_chosen_each(running, alice, hook, signed_in):
    browser = signed_in(alice)
    assert browser.get("/preferences/").context["news"][0][2][0][2] is True
    answer = browser.post("/notifications/choices/", {"news": ["job.failed webhook"]}, headers=HTMX)
    assert "Saved." in answer.text and "<html" not in answer.text
    fail(running)
    note = Notification.objects.get()
    assert (note.in_bell, [d.channel for d in note.deliveries.all()]) == (False, ["webhook"])
    assert "labels-0001" not in browser.get("/notifications/").text


def test_a_webhooks_secret_is_shown_once_and_bad_addresses_never_kept(alice, signed_in):
    browser = signed_in(alice)
    for url in ("http://chat.example.com/x", "ftp://x/", "https://u:p@x.example/", "https://[::1", "nonsense"):
        answer = browser.post("/notifications/webhook/", {"webhook_url": url})
        assert answer.status_code == 422 and not NotificationChoices.objects.filter(webhook_url=url).exists(), url
    page = browser.post("/notifications/webhook/", {"webhook_url": HOOK}).text
    secret = NotificationChoices.objects.get().webhook_secret
    assert secret.startswith("whsec_") and secret in page
    assert secret not in browser.get("/preferences/").text
    browser.post("/notifications/webhook/", {"webhook_url": HOOK, "renew": "1"})
    assert NotificationChoices.objects.get().webhook_secret not in ("", secret)
    assert browser.post("/notifications/test/", follow=True).text.count("A test is on its way")
    assert Delivery.objects.get().channel == "webhook"
    browser.post("/notifications/webhook/", {"webhook_url": HOOK, "remove": "1"})
    assert NotificationChoices.objects.get().webhook_url == ""


def test_preferences_are_for_who_is_signed_in_and_say_what_is_off(alice, client, signed_in):
    assert client.get("/preferences/").url == "/"
    browser = signed_in(alice)
    assert "No mail server is set (SAGEWRIGHT_MAIL_SERVER)" in browser.get("/preferences/").text
    assert browser.post("/notifications/email/", {"email": "no address"}).status_code == 422
    browser.post("/notifications/email/", {"email": "alice@example.com"})
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    browser.cookies["zone"] = "Asia/Seoul"
    assert "Of this device, Asia/Seoul" in browser.get("/preferences/").text
    answer = browser.post("/preferences/", {"clock": "utc", "language": "ko"}, headers=HTMX)
    assert answer["HX-Refresh"] and NotificationChoices.objects.get(user=alice).language == "ko"


def test_the_page_that_asks_for_an_own_password_asks_for_nothing_else(alice, signed_in):
    """A script of it would be led back to it, and the form with the new password would be lost."""
    alice.person.one_time_password = True
    alice.person.save()
    page = signed_in(alice).get("/password/").text
    assert "/notifications/" not in page


def test_the_end_of_a_tuning_job_and_of_a_batch_prediction_is_told_and_no_try_is(alice, signed_in):
    tuning = TuningJob.objects.create(name="tune", owner=alice, objective="validation:auc", best=0.97)
    assert tuning.move_to("Completed", ended=now())
    batch = TransformJob.objects.create(name="rows", owner=alice, status="Collecting")
    assert batch.move_to("Completed", ended=now())
    failed = TuningJob.objects.create(name="bad", owner=alice)
    assert failed.move_to("Failed", failure_reason="ClientError: All training jobs failed.", ended=now())
    arn = "arn:aws:sagemaker:x:1:hyper-parameter-tuning-job/tune"
    trial = TrainingJob.objects.create(
        name="tune-001", owner=alice, external=True, status="InProgress", described={"TuningJobArn": arn}
    )
    assert trial.move_to("Completed", ended=now())
    announce.work_ended(tuning)
    kinds = {note.name: note.kind for note in Notification.objects.filter(user=alice)}
    assert kinds == {"tune": "tuning.completed", "rows": "batch.completed", "bad": "job.failed"}
    page = signed_in(alice).get("/notifications/").text
    assert "/tuning/tune/" in page and "/batch/rows/" in page and "/tuning/bad/" in page
    assert "The best try: AUC 0.9700." in page and "tune-001" not in page
