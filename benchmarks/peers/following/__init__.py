"""Synthetic members that follow the course of their room: mesh, SFU, and from one to the other.

As pages do::

    ada = await Follower.create(url, "Ada")
    async with ada, await Follower.join(url, ada.member.room_id, "Bo") as bo:
        ...
        bo.tiles[ada.id].arrivals      # every frame of Ada's camera: when, which, by which way
        bo.moments                     # hand-overs as Bo has seen them

In a mesh each pair has a connection with full ICE on both sides, DTLS and SRTP; on the SFU each
member has a ``SyntheticPeer``. Both ways carry the same packets, made once. Only synthetic members
understand each other's offers.
"""

from benchmarks.peers.following.follower import Follower, Moment
from benchmarks.peers.following.tiles import Arrival, Switch, Tile, Tiles

__all__ = ["Arrival", "Follower", "Moment", "Switch", "Tile", "Tiles"]
