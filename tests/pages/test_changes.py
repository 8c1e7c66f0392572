"""Who may change nothing learns nothing: the answer for a row that exists is the one for a missing row."""

from django.test import Client

from models_app.models import TrainingJob


def test_a_row_that_exists_answers_as_a_missing_one_to_who_may_change_nothing(signed_in, alice, vera, bob):
    TrainingJob.objects.create(name="hers", owner=alice)
    to_sign_in = [Client().post(f"/jobs/{name}/stop/").url for name in ("hers", "none")]
    assert to_sign_in[0].replace("hers", "none") == to_sign_in[1]
    refused = [signed_in(vera).post(f"/jobs/{name}/stop/") for name in ("hers", "none")]
    assert [answer.status_code for answer in refused] == [403, 403]
    mains = [answer.text.partition("<main")[2].partition("</main>")[0] for answer in refused]
    assert mains[0] and mains[0] == mains[1]
    own = signed_in(bob).post("/jobs/hers/stop/")
    assert own.status_code == 403 and "Only the person who started job hers" in own.text
    assert signed_in(bob).post("/jobs/none/stop/").status_code == 404
