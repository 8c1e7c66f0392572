"""Tags of a notebook instance by which console and engine agree on what SageMaker's API has no member for."""

IDLE_TAG = "sagewright:idle-stop"  # minutes without activity after which an instance stops; without it, never
KEEP_TAG = "sagewright:keep-until"  # epoch seconds before which an idle instance does not stop
MEASURED_PREFIX = "aws:sagewright:"  # of what the engine's ListTags says that it measured; nobody can set these
