"""What the declarations of JumpStart's algorithms for tables share: channels, formats, the parameter of tuning."""

from algorithms.spec import ChannelSpec, Text

_TRAINING = ("text/csv", "application/x-parquet")

CHANNELS = (
    ChannelSpec("train", "The rows to learn from, the label first; also called training.", True, _TRAINING),
    ChannelSpec("training", "Another name of the channel train.", False, _TRAINING),
    ChannelSpec("validation", "Rows held back to judge it on; else a fifth of train is.", False, _TRAINING),
)
TUNING_METRIC = Text(name="_tuning_objective_metric", help="Set by SageMaker itself, never by a person.", internal=True)
CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf")
ACCEPTS = ("application/json", "application/json;verbose", "application/jsonlines", "text/csv")
