"""ORTC: what is sent how, agreed on without SDP. Pure, and in the shapes that clients speak."""
