"""The HTTP server: waitress, with limits for clients and lines in which they take turns.

Knows nothing of what is asked but its address.
"""

from web.server.listener import Server

__all__ = ["Server"]
