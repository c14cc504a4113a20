"""The shell: sockets, the clock, the page, the REST API."""
