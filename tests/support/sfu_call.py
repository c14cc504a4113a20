"""A call of two on the SFU, on the stage."""

from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Client, Stage


class Call:
    """A room on the SFU with two members in it, who have entered."""

    def __init__(self, limits: Limits | None = None, workers: int = 1) -> None:
        self.fakes = [FakeWorker(f"worker-{number}", number) for number in range(workers)]
        self.stage = Stage(SwitchboardConfig(limits=limits or Limits()), workers=self.fakes)
        self.ann_client = self.stage.connect()
        self.room_id = self.ann_client.create(mode="sfu", instance="a")["id"]
        self.ann = Visitor(self.ann_client, self.room_id)
        self.bob = self.joiner("b")
        self.quiet()

    @property
    def worker(self) -> FakeWorker:
        return self.fakes[0]

    def joiner(self, instance: str) -> Visitor:
        client = self.stage.connect()
        client.join(self.room_id, instance=instance)
        return Visitor(client, self.room_id)

    def quiet(self) -> None:
        for client in self.stage.clients.values():
            client.take()


def told(client: Client) -> list[str]:
    """The types of what has come since, in order."""
    return [str(frame["type"]) for frame in client.take()]
