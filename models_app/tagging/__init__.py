"""Tags that people put on jobs, models and endpoints: shows, changes and sends them to SageMaker."""
