"""Limits of SageMaker's that the console and the engine both keep. No Django."""

# Bytes of a request to InvokeEndpoint: docs.aws.amazon.com/general/latest/gr/sagemaker.html
INVOCATION_BODY = 6 * 1024 * 1024

TRAINING_INSTANCES = 20  # of one training job here, as in a new account of AWS
