"""Tags of an endpoint configuration by which console and engine agree on columns that data capture masks.

SageMaker's API has no member for it. Amazon SageMaker takes the tags and captures whole requests, so whoever asks must
see MASKED_TAG in ListTags before an endpoint uses the configuration.
"""

from collections.abc import Mapping

MASK_TAG = "sagewright:mask"  # the mask (tables.masking), in as many tags as it needs: MASK_TAG-1, MASK_TAG-2, ...
MASKED_TAG = "aws:sagewright:masked-columns"  # what the engine's ListTags says: how many it masks. Nobody can set it
MAX_TAGS, MAX_VALUE = 20, 256  # tags of one mask, and characters of each


def to_tags(mask: str) -> dict[str, str]:
    """The tags that carry an encoded mask. Raises ValueError for one that does not fit."""
    parts = [mask[at : at + MAX_VALUE] for at in range(0, len(mask), MAX_VALUE)]
    if len(parts) > MAX_TAGS:
        raise ValueError(f"a mask has {MAX_TAGS * MAX_VALUE} characters at most")
    return {f"{MASK_TAG}-{number}": part for number, part in enumerate(parts, 1)}


def of_tags(tags: Mapping[str, str]) -> str:
    """The encoded mask that tags carry; "" for none."""
    parts: list[str] = []
    while (part := tags.get(f"{MASK_TAG}-{len(parts) + 1}")) is not None:
        parts.append(part)
    return "".join(parts)
