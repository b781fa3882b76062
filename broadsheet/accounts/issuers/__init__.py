"""Signing in with an account that the reader has elsewhere (OpenID Connect)."""
