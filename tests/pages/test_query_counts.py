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
