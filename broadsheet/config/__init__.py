"""Settings, addresses, the command, the processes."""
