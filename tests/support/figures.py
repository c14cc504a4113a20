"""Figures of a worker that has counted nothing yet."""

from sfu.control.figures import (
    BATCH_BOUNDS,
    LAG_BOUNDS,
    MESSAGE_BOUNDS,
    DataFigures,
    Figures,
    HeldFigures,
    MediaFigures,
    PortFigures,
    ProcessFigures,
    Spread,
    TransportFigures,
)


def no_figures() -> Figures:
    return Figures(
        process=ProcessFigures(loop_lag=Spread.within(LAG_BOUNDS)),
        held=HeldFigures(),
        transports=TransportFigures(),
        port=PortFigures(
            batches=Spread.within(BATCH_BOUNDS), messages=Spread.within(MESSAGE_BOUNDS)
        ),
        media=MediaFigures(),
        data=DataFigures(),
    )
