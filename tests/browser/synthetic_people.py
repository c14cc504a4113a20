"""People without browsers, who receive all that others publish."""

from benchmarks.browser import synthetic_people

BITS_PER_SECOND = 80_000


class SyntheticPeople(synthetic_people.SyntheticPeople):
    """Members of a room, each of whom publishes sound and picture and receives all others."""

    def __init__(self, url: str, room_id: str, count: int) -> None:
        super().__init__(url, room_id, count, BITS_PER_SECOND)

    def receive_everybody(self, others: int) -> None:
        """Subscribe to all that so many others publish, and wait until all of it arrives."""
        self._do(self._receive_everybody(others))

    def expect_no_loss(self) -> None:
        """Check that nothing of what was received so far went missing."""
        for peer in self._peers:
            for subscription in peer.subscriptions:
                log = subscription.stream.log
                assert log.lost == 0, (log.lost, log.received, log.duplicates)
                assert log.duplicates == 0

    async def _receive_everybody(self, others: int) -> None:
        for peer, member in zip(self._peers, self._members, strict=True):
            producers = await member.enter()
            assert len(producers) == 2 * others, producers
            known = {subscription.consumption.producer_id for subscription in peer.subscriptions}
            for producer in producers:
                if producer.id not in known:
                    await peer.subscribe(producer.id)
        for peer in self._peers:
            await peer.until(lambda one=peer: all(s.received > 5 for s in one.subscriptions))  # type: ignore[misc]
