"""A small SFU of our own on mediasoup's npm package, among the servers that are compared."""
