"""Deletes what the lifecycle rules of buckets say has expired, through S3 of the gateway like every other caller.

Repeatable at any time. What is written while it runs stays: an object is deleted with the ETag that was listed, a
version by its id.
"""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.utils.timezone import now as present

from engine import store
from engine.models import BucketSetting
from engine.s3.lifecycle_rules import Rule, parse

log = logging.getLogger(__name__)
AT_ONCE = 1000  # keys; S3's limit for DeleteObjects
UNPRINTABLE = re.compile("[\x00-\x1f\ufffe\uffff]")  # XML, in which lists of keys are sent, has none of these
Item = dict[str, Any]  # a version, a delete marker or an upload, as boto3 returns it


def expire(now: datetime | None = None) -> None:
    """Do for every bucket what its rules say at `now`, by default the present. What fails is logged, and done later."""
    rows = BucketSetting.objects.filter(name=BucketSetting.Name.LIFECYCLE).exclude(document="")
    for bucket, document in rows.values_list("bucket", "document"):
        try:
            _expire(bucket, parse(json.loads(document)["rules"]), now or present())
        except (ClientError, BotoCoreError) as error:
            log.warning("the lifecycle rules of %s are not done: %s", bucket, error)


def _expire(bucket: str, rules: list[Rule], now: datetime) -> None:
    s3 = store.client()
    aborting = [rule for rule in rules if rule.abort_days is not None]
    for upload in _uploads(s3, bucket, aborting):
        if any(rule.includes(upload["Key"], 0) and rule.aborts(upload["Initiated"], now) for rule in aborting):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            log.info("%s: the upload of %s is aborted by a lifecycle rule", bucket, upload["Key"])
    expired = (item for versions in _keys(s3, bucket, rules) for item in _expired(s3, bucket, versions, rules, now))
    while items := list(islice(expired, AT_ONCE)):
        _delete(s3, bucket, items)


def _delete(s3, bucket: str, items: list[Item]) -> None:
    """Delete at most AT_ONCE `items`, as DeleteObjects takes them."""
    errors: list[tuple[str, str]] = []
    together = [item for item in items if not UNPRINTABLE.search(item["Key"])]
    if together:
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": together, "Quiet": True})
        errors += [(error["Key"], error["Code"]) for error in answer.get("Errors", [])]
    for item in items:
        if UNPRINTABLE.search(item["Key"]):
            try:
                s3.delete_object(
                    Bucket=bucket, **{"IfMatch" if name == "ETag" else name: v for name, v in item.items()}
                )
            except ClientError as error:
                errors.append((item["Key"], error.response["Error"]["Code"]))
    log.info("%s: %d objects or versions have expired", bucket, len(items) - len(errors))
    for key, code in errors[:10]:
        log.warning("%s: %r has expired and is not deleted: %s", bucket, key, code)


def _uploads(s3, bucket: str, rules: list[Rule]) -> Iterator[Item]:
    if rules:
        pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=_common_prefix(rules))
        for page in pages:
            yield from page.get("Uploads", [])


def _keys(s3, bucket: str, rules: list[Rule]) -> Iterator[list[Item]]:
    """The versions and delete markers of each key that a rule may be about, the current one first."""
    acting = [r for r in rules if r.removes_markers or (r.days, r.date, r.noncurrent_days) != (None, None, None)]
    if not acting:
        return
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=_common_prefix(acting))
    pairs = ((page.get("Versions", []), page.get("DeleteMarkers", [])) for page in pages)
    items = (item for versions, markers in pairs for item in sorted(versions + markers, key=_order))
    for _, versions in groupby(items, key=lambda item: item["Key"]):
        yield list(versions)


def _common_prefix(rules: list[Rule]) -> str:
    """What the prefixes of all rules begin with."""
    first, last = min(rule.prefix for rule in rules), max(rule.prefix for rule in rules)
    return first[: next((at for at, sign in enumerate(first) if not last.startswith(sign, at)), len(first))]


def _order(item: Item) -> tuple:
    """S3's order, which boto3 loses: it lists versions and delete markers apart."""
    return item["Key"].encode(), not item["IsLatest"], -item["LastModified"].timestamp()


def _expired(s3, bucket: str, versions: list[Item], rules: list[Rule], now: datetime) -> Iterator[Item]:
    """What of one key has expired, as DeleteObjects takes it."""
    for newer, item in enumerate(versions):
        key, size = item["Key"], item.get("Size", 0)
        matching = [rule for rule in rules if rule.includes(key, size)]
        is_marker = "ETag" not in item
        if newer:  # the one before it is what took its place
            since = versions[newer - 1]["LastModified"]
            due = [rule for rule in matching if rule.expires_noncurrent(since, newer - 1, now)]
        elif is_marker:
            due = [rule for rule in matching if len(versions) == 1 and _removes(rule, item, now)]
        else:
            due = [rule for rule in matching if rule.expires(item["LastModified"], now)]
        if not due or not any(_has_tags(s3, bucket, item, rule) for rule in due):
            continue
        if newer or is_marker:
            yield {"Key": key, "VersionId": item["VersionId"]}
        else:
            yield {"Key": key, "ETag": item["ETag"]}


def _removes(rule: Rule, marker: Item, now: datetime) -> bool:
    """Whether it removes a delete marker without versions behind it: if it says so, or if an object would expire."""
    return rule.removes_markers or (rule.days is not None and rule.expires(marker["LastModified"], now))


def _has_tags(s3, bucket: str, item: Item, rule: Rule) -> bool:
    if not rule.tags:
        return True
    if "ETag" not in item:  # a delete marker
        return False
    version = {"VersionId": item["VersionId"]} if item.get("VersionId", "null") != "null" else {}
    answer = s3.get_object_tagging(Bucket=bucket, Key=item["Key"], **version)
    return rule.tags <= {(tag["Key"], tag["Value"]) for tag in answer["TagSet"]}
