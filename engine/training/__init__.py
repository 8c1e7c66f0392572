"""Training jobs in the control plane: their transitions, and the queue of those that wait for a worker."""
