"""Who is listened to, and what of us is looked at: notices to members who have entered a router."""

from signaling.messages.notices import FromServer


class ActiveSpeakers(FromServer, tag="active-speakers", omit_defaults=False, kw_only=True):
    """Who speaks: to those who enter, and to all when it has changed.

    Attributes:
        dominant: The member who has the floor, or had it last; null before anybody spoke, or when
            that member publishes no voice any more.
        speakers: Members by when they had the floor last, the latest first.
        loudest_only: Whether only the loudest voices are forwarded now: then that nothing comes of
            a microphone means nothing.
    """

    room_id: str
    dominant: str | None
    speakers: list[str]
    loudest_only: bool


class LayersWanted(FromServer, tag="layers-wanted", kw_only=True):
    """How many spatial layers of our producer anybody may want, the lowest first; 0: none.

    The others need not be sent, until it is said that they are wanted again.
    """

    room_id: str
    producer_id: str
    spatial_layers: int
