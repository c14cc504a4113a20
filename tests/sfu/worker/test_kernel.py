"""The layouts, against the same structures spelled out for a C compiler's rules."""

import ctypes

import numpy as np
import pytest

from sfu.worker import kernel

pytestmark = pytest.mark.skipif(not kernel.HAS_BATCHES, reason="64-bit Linux only")


class MessageHeader(ctypes.Structure):
    _fields_ = [  # type: ignore[mutable-override]
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("iovec", ctypes.c_void_p),
        ("iovec_length", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class Message(ctypes.Structure):
    _fields_ = [("header", MessageHeader), ("length", ctypes.c_uint)]  # type: ignore[mutable-override]


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]  # type: ignore[mutable-override]


def test_message_is_laid_out_as_in_c() -> None:
    fields = kernel.MESSAGE.fields
    assert fields is not None
    assert kernel.MESSAGE.itemsize == ctypes.sizeof(Message)
    for name, *_ in MessageHeader._fields_:
        field = getattr(MessageHeader, name)
        assert (fields[name][1], fields[name][0].itemsize) == (field.offset, field.size)
    assert fields["length"][1] == Message.length.offset


def test_iovec_is_laid_out_as_in_c() -> None:
    fields = kernel.IOVEC.fields
    assert fields is not None
    assert kernel.IOVEC.itemsize == ctypes.sizeof(Iovec)
    assert [fields[name][1] for name in ("base", "length")] == [0, Iovec.length.offset]


def test_addresses_are_of_the_rows() -> None:
    rows = np.zeros((4, 24), np.uint8)
    assert kernel.addresses_of(rows).tolist() == [row.ctypes.data for row in rows]


def test_segmentation_is_tried_without_harm() -> None:
    assert kernel.segmentation_works() in {True, False}
