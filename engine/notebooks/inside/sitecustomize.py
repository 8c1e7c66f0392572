"""Runs at the start of every Python of an instance: finds our packages, and leads AWS's addresses to the engine.

Some libraries give botocore an address of AWS for STS or IAM, whatever AWS_ENDPOINT_URL says. They get the engine's.
"""

import importlib.abc
import importlib.util
import os
import sys

AWS = ("amazonaws.com", "amazonaws.com.cn", "api.aws")


def _use_engine(session_module):
    create = session_module.Session.create_client

    def create_client(self, *arguments, **options):
        address = options.get("endpoint_url") or ""
        host = address.partition("://")[2].partition("/")[0].partition(":")[0]
        if host.endswith(AWS):
            options["endpoint_url"] = None
        return create(self, *arguments, **options)

    setattr(session_module.Session, create.__name__, create_client)


class _Finder(importlib.abc.MetaPathFinder):
    """Adds to botocore.session once it is imported, and is gone afterwards."""

    def find_spec(self, name, path=None, target=None):
        if name != "botocore.session":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            _use_engine(module)

        setattr(spec.loader, load.__name__, exec_module)
        return spec


sys.path.append("/opt/sagewright/packages")  # last: what a person installs goes first
if os.environ.get("AWS_ENDPOINT_URL"):
    sys.meta_path.insert(0, _Finder())
