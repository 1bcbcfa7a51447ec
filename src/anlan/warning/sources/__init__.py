"""Where messages of others come from."""
