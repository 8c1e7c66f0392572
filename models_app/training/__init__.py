"""Training jobs: prepare their data, launch, show, stop."""
