"""How well an index answers: questions with known answers, figures, comparisons."""
