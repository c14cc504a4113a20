"""Networks that are not there, emulated in userspace: no netem, no privileges."""
