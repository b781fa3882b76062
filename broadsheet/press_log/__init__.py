"""The numbered log of everything public that changed; stages write it, the press follows it."""
