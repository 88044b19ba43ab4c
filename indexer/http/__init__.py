"""One polite, bounded exchange with a web server: what fetch.py is made of."""
