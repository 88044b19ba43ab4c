"""The examination of an index, and what of it can be derived again."""
