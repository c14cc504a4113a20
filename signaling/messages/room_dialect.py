"""Everything that is said in the room dialect: about rooms and people, and about media."""

from typing import TypeAlias

from signaling.messages import media, notices, requests

ClientMessage: TypeAlias = requests.ClientMessage | media.MediaRequest
"""What a client may send."""

ServerMessage: TypeAlias = notices.ServerMessage | media.MediaNotice
"""What a client may receive."""
