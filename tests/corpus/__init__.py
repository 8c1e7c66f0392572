"""Bad jobs and clean tables, made from real tables that packages ship, and what preflight says of them."""
