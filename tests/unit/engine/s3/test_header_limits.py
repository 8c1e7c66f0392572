"""Headers that S3 refuses are refused, though the store would take them in silence."""

import pytest

from engine.auth.errors import RequestError
from engine.s3 import header_limits, part_checksums
from engine.s3.call import Call

META = "x-amz-meta-"


def check(**headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    header_limits.check(Call(None, "b", "/b/k", named, []))


def refusal(**headers: str) -> tuple[str, int]:
    with pytest.raises(RequestError) as refused:
        check(**headers)
    return refused.value.code, refused.value.status


@pytest.mark.parametrize("name", sorted(header_limits.UNSUPPORTED))
def test_a_header_that_nothing_acts_on_is_not_implemented(name):
    assert refusal(**{name: "0"}) == ("NotImplemented", 501)


def test_metadata_has_two_kilobytes_of_names_and_values():
    check(**{f"{META}a": "x" * 1000, f"{META}b": "y" * 1046})
    assert refusal(**{f"{META}a": "x" * 1000, f"{META}b": "y" * 1047}) == ("MetadataTooLarge", 400)


def test_tags_are_few_and_short():
    check(x_amz_tagging="&".join(f"k{n}=v" for n in range(10)))
    check(x_amz_tagging=f"{'k' * 128}={'%C3%BC' * 256}")
    for tagging in ("&".join(f"k{n}=v" for n in range(11)), f"{'k' * 129}=v", f"k={'v' * 257}", "=v"):
        assert refusal(x_amz_tagging=tagging) == ("InvalidTag", 400)


def test_a_canned_acl_is_one_of_s3s():
    check(x_amz_acl="bucket-owner-full-control")
    assert refusal(x_amz_acl="nonsense") == ("InvalidArgument", 400)


def complete(*numbers: str) -> bytes:
    parts = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>e</ETag></Part>" for number in numbers)
    return f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()


def test_the_parts_of_an_upload_ascend():
    part_checksums.check_order(complete("1", "1", "2", "10"))
    for numbers, code in (
        (("2", "1"), "InvalidPartOrder"),
        ((), "MalformedXML"),
        (("x",), "MalformedXML"),
        (("9" * 40,), "MalformedXML"),
    ):
        with pytest.raises(RequestError) as refused:
            part_checksums.check_order(complete(*numbers))
        assert refused.value.code == code


def test_a_response_header_has_no_control_characters():
    named = 'inline; filename="à"'.encode().decode("latin-1")
    header_limits.check(Call(None, "b", "/b/k", {}, [], query={"response-content-disposition": named}))
    for value in ("a\0b", "a\r\nb"):
        with pytest.raises(RequestError) as refused:
            header_limits.check(Call(None, "b", "/b/k", {}, [], query={"response-content-type": value}))
        assert refused.value.status == 400
