"""A hyperparameter tuning job: what it searches beside its training job, its checks, its plan and its programs."""
