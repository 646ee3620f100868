"""The drill: a backup is restored, replayed to a known moment, and compared with its source as of that moment."""
