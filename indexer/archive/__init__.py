"""Ways to the posts that a feed no longer shows: what backfill.py is made of."""
