"""Saving: pages and blogs that a person or program leaves for the indexer."""
