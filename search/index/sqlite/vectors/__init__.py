"""The vectors of the embedded home: a base file of codes, and a tail that is read from the
rows.

The rows are true; everything here is derived from them, and nothing of it is an answer
before the rows' own vectors were compared.
"""
