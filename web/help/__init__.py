"""The operators in a question, on a page of its own."""
