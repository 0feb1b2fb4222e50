"""Writes of the training chapter, by noun."""
