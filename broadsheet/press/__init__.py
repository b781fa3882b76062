"""Renders everything public into the pressed store."""
