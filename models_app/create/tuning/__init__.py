"""The Create model form as a tuning job: ranges beside the hyperparameters, and how they are searched."""
