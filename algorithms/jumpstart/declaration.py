"""What the declarations of JumpStart's algorithms for tables share: channels and formats."""

from algorithms.spec import ChannelSpec

_TRAINING = ("text/csv", "application/x-parquet")

CHANNELS = (
    ChannelSpec("train", "The rows to learn from, the label first; also called training.", True, _TRAINING),
    ChannelSpec("training", "Another name of the channel train.", False, _TRAINING),
    ChannelSpec("validation", "Rows held back to judge it on; else a fifth of train is.", False, _TRAINING),
)
CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf")
ACCEPTS = ("application/json", "application/json;verbose", "application/jsonlines", "text/csv")
