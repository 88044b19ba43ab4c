"""The desk between web and indexer, which never import each other: requests that the one
leaves for the other, the token to leave one, and the state of the last run."""
