"""The registry accounts of the PyTorch images that JumpStart's LightGBM and CatBoost run in, by region.

Facts from the SageMaker SDK (image_uri_config/pytorch.json, 1.9.0, the version in JumpStart's published specification).
"""

_COMMON_ACCOUNT = "763104351884"

ACCOUNTS = {
    **dict.fromkeys(
        (
            "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
            "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2",
            "us-west-1", "us-west-2",
        ),
        _COMMON_ACCOUNT,
    ),
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-northeast-3": "364406365360",
    "cn-north-1": "727897471807",
    "cn-northwest-1": "727897471807",
    "eu-south-1": "692866216735",
    "me-south-1": "217643126080",
    "us-gov-west-1": "442386744353",
    "us-iso-east-1": "886529160074",
}  # fmt: skip
