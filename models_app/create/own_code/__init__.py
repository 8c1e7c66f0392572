"""The Create model form for people's own code: editor, hyperparameters of the signature, trial."""
