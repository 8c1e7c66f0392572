"""The address of the store, as the supervisor spells it and as a person does."""

import pytest

from console.supervisor.folder import Folder
from console.supervisor.store import Store
from engine.s3.backend import StoreAddress, store


@pytest.mark.parametrize("name", ["data", "with space & 100%", "über@home:8000"])
def test_the_socket_of_the_embedded_store_is_the_one_in_its_data_folder(tmp_path, settings, name):
    embedded = Store(Folder(tmp_path / name), 8010)
    settings.STORE_URL = embedded.url("ke/y", "se:c@ret")
    assert store() == StoreAddress("http://store", "ke/y", "se:c@ret", str(embedded.socket))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://k:s@minio:9000", StoreAddress("http://minio:9000", "k", "s")),
        ("https://k:s%2F@s3.example.com", StoreAddress("https://s3.example.com", "k", "s/")),
    ],
)
def test_an_s3_of_ones_own_is_reached_as_it_is_written(settings, url, address):
    settings.STORE_URL = url
    assert store() == address


def test_without_a_store_the_remedy_is_named(settings):
    settings.STORE_URL = ""
    with pytest.raises(RuntimeError, match="SAGEWRIGHT_STORE_URL"):
        store()
