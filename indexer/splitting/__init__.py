"""Blocks into passages: what split.py is made of."""
