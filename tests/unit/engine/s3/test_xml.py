"""Documents that nobody who walks a tree by recursion would come back from."""

import pytest

from engine.auth.errors import RequestError
from engine.s3 import deletions, xml


@pytest.mark.parametrize("depth", [xml.MAX_DEPTH + 1, 100_000])
def test_elements_within_each_other_without_end_are_malformed(depth):
    body = b"<Delete>" + b"<a>" * (depth - 1) + b"</a>" * (depth - 1) + b"</Delete>"
    with pytest.raises(RequestError) as caught:
        xml.parse(body, "Delete")
    assert (caught.value.code, caught.value.status) == ("MalformedXML", 400)


def test_many_elements_beside_each_other_are_read():
    body = b"<Delete>" + b"<Object><Key>a</Key></Object>" * 1000 + b"</Delete>"
    assert len(xml.parse(body, "Delete").findall("Object")) == 1000
    assert deletions.encode_keys(xml.parse(body, "Delete")).count(b"<Key>") == 1000
