"""Readers of what a link leads to that is no usual web page, one module a kind.

``dispatch`` is their one entry.
"""
