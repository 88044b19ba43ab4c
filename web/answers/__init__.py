"""Answers composed of quotes by a language model that the user names."""
