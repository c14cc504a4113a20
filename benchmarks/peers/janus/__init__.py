"""Janus with its VideoRoom plugin, as Debian packages it, among the servers that are compared."""
