# Copyright 2026 the Weft authors. MIT license.

# Sends values of all plain kinds to a manager and has them come back: from a method, and through a queue.
# Usage: client_values.py PORT

import math
import sys

from common import connect, equal, run

VALUES = [
    None,
    True,
    False,
    0, 1, -1, 255, 256, 65535, 65536, -65536,
    2 ** 31 - 1, 2 ** 31, -2 ** 31, -2 ** 31 - 1,
    2 ** 53 - 1, 2 ** 53, 2 ** 53 + 1, -2 ** 53, 2 ** 63, -2 ** 63, 2 ** 64 - 1, 10 ** 100, -10 ** 3000,
    0.5, -0.5, 1e300, -1e-300, 5e-324, 1.7976931348623157e308, math.pi, math.inf, -math.inf,
    '', 'text', 'with \0 and \n', 'äöü', '漢字', '😀', '\ud800', 'a\udfffb', 'x' * 70000,
    b'', b'bytes', bytes(range(256)), b'\0' * 70000,
    (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),)),
    [], [1], [1, [2, [3]]], list(range(2500)),
    {}, {'a': 1}, {'a': {'b': {}}}, {'__proto__': 1, 'constructor': 2, 'toString': 3},
    {1: 'one', 'two': 2, None: 3, 2.5: 4, (1, (2, 3)): 5, b'raw': 6}, {i: i for i in range(2500)},
    set(), {1, 2, 'three'}, frozenset(), frozenset([1, 'two']),
    {frozenset([1]), frozenset([2])}, {frozenset([1]): (2,)},
    [None, True, 1, 2.5, 'three', b'four', (5, [6]), {'seven': {8}}, frozenset([9])],
]


def same(actual, expected):
    """Whether two values are equal, and so are the types of all their parts."""
    assert type(actual) is type(expected), '%r is not %r' % (actual, expected)
    equal(actual, expected)
    if isinstance(expected, (tuple, list)):
        for one, other in zip(actual, expected):
            same(one, other)
    elif isinstance(expected, dict):
        for (key, value), (other_key, other) in zip(actual.items(), expected.items()):
            same(key, other_key)
            same(value, other)


def by_a_method(m):
    echo = m.get_echo()
    for value in VALUES:
        same(echo.echo(value), value)
    same(echo.all(*VALUES), VALUES)


def by_a_queue(m):
    q = m.get_queue()
    for value in VALUES:
        q.put(value)
    for value in VALUES:
        same(q.get(), value)


def floats_stay_equal(m):
    # Integral ones arrive as int, as JavaScript has one type for both.
    echo, q = m.get_echo(), m.get_queue()
    for value in 1.0, -3.0, 2.0 ** 60, 1e308:
        equal(echo.echo(value), value)
        q.put(value)
        equal(q.get(), value)
    assert math.isnan(echo.echo(math.nan))
    equal(math.copysign(1, echo.echo(-0.0)), -1.0)
    same(echo.float(3), 3.0)


def bytes_of_other_kinds(m):
    equal(bytes(m.get_echo().echo(bytearray(b'abc'))), b'abc')


def a_value_that_is_in_itself(m):
    for way in m.get_echo().echo, through(m.get_queue()):
        loop = [1]
        loop.append(loop)
        back = way(loop)
        assert back[0] == 1 and back[1] is back, back
        table = {}
        table['self'] = table
        back = way(table)
        assert back['self'] is back, back
        part = ['shared']
        back = way([part, part])
        assert back[0] is back[1], back


def through(q):
    def way(value):
        q.put(value)
        return q.get()
    return way


def large(m):
    q = m.get_queue()
    for size in 16380, 16384, 16385, 1 << 20, 20 << 20:
        q.put(b'x' * size)
    for size in 16380, 16384, 16385, 1 << 20, 20 << 20:
        equal(len(q.get()), size)


def errors_are_raised(m):
    echo = m.get_echo()
    for name, expected, args in [
        ('range', ValueError, ('too far',)),
        ('type', TypeError, ('not that',)),
        ('key', KeyError, ('name', )),
        ('plain', RuntimeError, ('broken',)),
        ('not_an_error', RuntimeError, ('just text',)),
        ('async', ZeroDivisionError, ('division by zero',)),
    ]:
        try:
            echo.throw(name)
        except Exception as error:
            assert type(error) is expected, repr(error)
            equal(error.args, args)
        else:
            raise AssertionError(name)
    equal(echo.echo('still there'), 'still there')


def keywords_come_last(m):
    equal(m.get_echo().all(1, two=2, three=[3]), [1, {'two': 2, 'three': [3]}])


ALL = [
    by_a_method,
    by_a_queue,
    floats_stay_equal,
    bytes_of_other_kinds,
    a_value_that_is_in_itself,
    large,
    errors_are_raised,
    keywords_come_last,
]
SHORT = [by_a_method, by_a_queue, errors_are_raised]

if __name__ == '__main__':
    run(SHORT if 'short' in sys.argv else ALL, connect(sys.argv[1], 'get_queue', 'get_echo'))
