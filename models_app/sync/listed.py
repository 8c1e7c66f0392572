"""Reads the lists of SageMaker, newest first."""

from collections.abc import Callable

from models_app import aws

PAGE = 100


def listed(
    operation: str, key: str, pages: int, stop: Callable[[list[dict]], bool] = lambda page: False
) -> tuple[list[dict], bool]:
    """Summaries of at most `pages`, newest first, and whether these are all. `stop(page)` ends it after that page."""
    summaries: list[dict] = []
    paginator = aws.client("sagemaker").get_paginator(operation)
    with aws.plain_errors():
        for number, page in enumerate(
            paginator.paginate(SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": PAGE}), 1
        ):
            summaries += page[key]
            if number >= pages or stop(page[key]):
                return summaries, not page.get("NextToken")
    return summaries, True
