"""Fetching memory before it is needed (pure: compiled into the loop; changes nothing but the time it takes).

A device's row is a dozen kilobytes, and a batch mostly goes from device to device: without this the loop waits for
memory longer than it calculates. Lines are asked for two samples ahead, into the processor's second cache.
"""

# Compiled by numba, or called back by it while it compiles; neither has types.
# ruff: noqa: ANN001, ANN201, ANN202, ARG001 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call, call-arg"

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from agent.health.compiled import part

LINE = np.uint64(16)
"""Numbers of four bytes in a line of the processor's cache."""
_READ, _SECOND_CACHE, _DATA = 0, 2, 1  # in the first cache it would push out what is being worked on


@intrinsic
def _fetch(context, array, index):
    """Ask for the line that holds an entry of an array; a place outside of it is no error."""

    def generate(target, builder, signature, arguments):
        data = target.make_array(signature.args[0])(target, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), cgutils.voidptr_t)
        how = [ir.Constant(ir.IntType(32), value) for value in (_READ, _SECOND_CACHE, _DATA)]
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] + [ir.IntType(32)] * 3)
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0"), [place, *how])
        return target.get_dummy_value()

    return types.void(array, index), generate


@part
def fetch(array, start, count):
    """Ask for ``count`` numbers of an array of float32, from ``start`` on."""
    for place in range(start, start + count, LINE):
        _fetch(array, place)
