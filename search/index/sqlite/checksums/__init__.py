"""Checksums of what an index stores, of rows and of the segments of its full text."""
