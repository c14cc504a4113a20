"""What signaling and SFU workers say to each other: the only thing they share."""
