"""The gateway: one AWS address for S3, predictions and the control plane."""
