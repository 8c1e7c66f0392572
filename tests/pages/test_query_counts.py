"""The baseline of queries: how many each page asks when its lists are full. More is a decision, not an accident."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.lists import rows

BASELINE = {
    "/": 20,  # with the budget, and the slowest endpoints
    "/models/": 16,
    "/models/?f=auc>0.9&sort=-auc": 21,
    "/models/iris-model-0/": 16,
    "/jobs/": 16,
    "/jobs/?q=iris+knn&cols=name,auc,eta": 19,
    "/jobs/?cols=name,cost,owner,instance": 16,  # the cost reads a field that is left out otherwise
    "/jobs/iris-xgboost-0/": 16,
    "/endpoints/": 13,
    "/endpoints/iris-model-0/": 10,
    "/search/?q=iris": 13,
    "/models/create/": 12,
    "/notifications/": 11,
    "/preferences/": 10,
    "/people/": 10,
}


@pytest.mark.django_db
def test_no_page_asks_more_queries_than_the_baseline_says(signed_in, ada, drought):
    rows.fill(jobs=150, models=30, endpoints=30, live=8)
    browser, parameters = signed_in(ada), {}
    for address in BASELINE:
        browser.get(address)  # fills what a process keeps
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200, address
        parameters[address] = len(queries)
    assert {address: count for address, count in parameters.items() if count > BASELINE[address]} == {}


@pytest.mark.django_db
def test_a_filter_by_values_names_the_jobs_or_texts_where_they_are_few(signed_in, ada, drought):
    """PostgreSQL cannot tell how few they are, and would walk through all jobs."""
    rows.fill(jobs=60, models=5, endpoints=1, live=1)
    browser = signed_in(ada)
    for address in ("/jobs/?f=auc>=0.9", "/jobs/?f=auc>2", "/jobs/?f=objective~LOGISTIC"):
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            found = browser.get(address).context["list"]
        asked = [query["sql"] for query in queries if '"models_app_jobvalue"' in query["sql"]]
        assert not [sql for sql in asked if "LIKE" in sql], address
        if "auc" in address:
            assert not [sql for sql in asked if '"models_app_trainingjob"' in sql], address
        assert bool(found.rows) == (address != "/jobs/?f=auc>2")
