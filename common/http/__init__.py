"""What every HTTP server of Sagewright shares: limits for slow clients, WSGI behind an event loop, the start."""
