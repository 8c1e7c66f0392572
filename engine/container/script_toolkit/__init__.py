"""SageMaker's script mode inside the sandbox. It imports nothing of ours: it runs in the environment of the script."""
