"""People's own code as a training job: what it says of itself, and what its launch sends. Never imports that code."""
