"""The share log: an append-only tree of entries that hold nothing personal, and encrypted segments beside it."""
