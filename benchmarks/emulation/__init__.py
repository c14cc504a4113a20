"""Networks that are not there, emulated in userspace, without netem.

``wires_process`` delays UDP between sockets of one machine and needs no privileges.
``link_process`` gives a client a network of its own, which a plan changes, and needs root.
"""
