"""Writes the pages of docs/reference/ from argument specs, plugin documentation, data and SQL comments."""
