"""What every page shares: rendering, lists, the shell, pictures, error pages."""
