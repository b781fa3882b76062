"""Staff and readers: one user model, sign-in, the outbox of mail."""
