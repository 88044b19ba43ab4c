"""An answer as text for a terminal. Searches nothing."""
