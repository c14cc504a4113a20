"""A server whose API is JSON over HTTP: those that we wrote ourselves around a library."""

from typing import Any

import aiohttp

from benchmarks.peers.contestant import RefusedByServer

Json = dict[str, Any]


class HttpApi:
    """Requests to a server.

    Args:
        client: makes them.
        url: of the server, without a slash at the end.
    """

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self._client = client
        self._url = url

    async def post(self, path: str, body: Json) -> Json:
        """The answer to a request.

        Raises:
            RefusedByServer: it is not one of success.
        """
        async with self._client.post(f"{self._url}/{path}", json=body) as response:
            if response.status != 200:
                raise RefusedByServer(f"{path}: {(await response.text()).strip()}")
            answer: Json = await response.json()
            return answer
