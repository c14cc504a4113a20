"""The shell of an SFU process: sockets, clock, tasks and logs live here."""
