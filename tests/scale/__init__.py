"""The processes of docker-compose.yml without Docker: its own commands, on Debian's PostgreSQL and Redis."""
