"""The one AWS address: S3 passed through, predictions answered, everything else handed to the control plane."""
