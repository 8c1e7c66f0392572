"""What news reaches whom: the bell, e-mail and webhooks."""
