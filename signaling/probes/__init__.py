"""What this machine and the servers around it are like: facts, gathered over real sockets."""
