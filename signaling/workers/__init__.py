"""The shell towards the SFU: worker processes, and the connections to them."""
