from benchmarks.peers.following.tiles import Switch, Tile, Tiles


def test_a_tile_shows_the_first_way_that_comes() -> None:
    tile = Tile()
    assert tile.source is None
    tile.want("sfu")
    tile.take(1.0, 5, "mesh")
    assert tile.source == "mesh"


def test_a_tile_changes_over_with_the_first_frame_by_the_wanted_way() -> None:
    tile = Tile()
    tile.take(1.0, 5, "mesh")
    tile.take(1.1, 6, "sfu")  # nobody wants it yet
    tile.want("sfu")
    assert tile.source == "mesh"
    tile.take(1.2, 7, "mesh")
    tile.take(1.3, 7, "sfu")
    tile.take(1.4, 8, "mesh")
    assert tile.switches == [Switch(1.0, "mesh"), Switch(1.3, "sfu")]
    assert (tile.last("mesh"), tile.last("sfu")) == (1.4, 1.3)


def test_tiles_of_newcomers_want_what_all_want() -> None:
    tiles = Tiles()
    tiles["ada"].take(0.0, 1, "mesh")
    tiles.want("sfu")
    for one in ("ada", "bo"):
        tiles[one].take(1.0, 2, "mesh")
        tiles[one].take(1.1, 2, "sfu")
        assert tiles[one].source == "sfu"
