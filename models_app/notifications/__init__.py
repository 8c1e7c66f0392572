"""Notifications by bell, e-mail and webhook."""
