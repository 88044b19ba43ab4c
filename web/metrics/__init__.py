"""Figures of the running server for Prometheus; they name no question and no client."""
