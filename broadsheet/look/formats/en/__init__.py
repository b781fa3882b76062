"""British English, as newspapers write it."""
