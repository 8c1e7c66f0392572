"""The model card: purpose, training data, quality, weaknesses and how to call the model."""
