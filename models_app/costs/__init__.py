"""What jobs and endpoints cost by day."""
