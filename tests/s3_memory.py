"""An S3 client of a test: objects in memory, which can be damaged, refused, or end the program."""

import io
from dataclasses import dataclass, field

from botocore.exceptions import ClientError


@dataclass
class MemoryS3:
    """`fails` is called with each operation and key before it is done, `reads` changes what a reader gets."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fails = staticmethod(lambda operation, key: None)
    reads = staticmethod(lambda key, data: data)

    def put_object(self, *, Bucket: str, Key: str, Body, **_) -> dict:  # noqa: N803  boto3's names
        self.fails("put", Key)
        self.objects[f"{Bucket}/{Key}"] = Body if isinstance(Body, bytes) else Body.read()
        return {}

    def get_object(self, *, Bucket: str, Key: str, **_) -> dict:  # noqa: N803
        self.fails("get", Key)
        if f"{Bucket}/{Key}" not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "The key does not exist."}}, "GetObject")
        return {"Body": io.BytesIO(self.reads(Key, self.objects[f"{Bucket}/{Key}"]))}
