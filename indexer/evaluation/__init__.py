"""The quality of an index: questions with known answers, figures, comparisons."""
