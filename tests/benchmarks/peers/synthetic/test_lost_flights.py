from benchmarks.peers.synthetic.dtls_association import FIRST_RETRY, DtlsAssociation, Identity


def test_a_lost_flight_is_repeated_as_soon_as_browsers_do() -> None:
    client = DtlsAssociation(Identity(), [], 0.0)
    hello = list(client.out)
    client.out.clear()
    assert hello
    client.tick(FIRST_RETRY / 2)
    assert not client.out
    client.tick(FIRST_RETRY)
    assert client.out == hello
    client.out.clear()
    client.tick(2 * FIRST_RETRY)
    assert not client.out
    client.tick(3 * FIRST_RETRY)
    assert client.out == hello
