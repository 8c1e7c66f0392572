"""The model card: what a model is for, what it learned from, how good it is, where it is weak, and how it is called."""
