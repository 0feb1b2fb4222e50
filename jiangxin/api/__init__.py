"""Doors for machines: other systems do here what people do on pages, by the same operations."""
