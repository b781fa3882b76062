"""House ads in named slots."""
