"""The other side of the wire: an offline SageMaker."""
