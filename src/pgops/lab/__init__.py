"""The partition lab: its tables filled, partitioned, queried, written to, and re-partitioned meanwhile."""
