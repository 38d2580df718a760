# Copyright 2026 the Weft authors. MIT license.

# Uses queues that a manager serves, as if they were Python's own.
# Usage: client_queue.py PORT

import queue
import sys
import threading
import time
from multiprocessing import get_context
from multiprocessing.managers import RemoteError

from common import KEY, connect, equal, raises, run, trust

NAMES = ('new_queue', 'new_bounded', 'new_lifo', 'new_priority', 'get_shared')


def calls_positional_and_keyword(m):
    q = m.new_queue()
    q.put('a')
    q.put('b', True)
    q.put('c', True, 1)
    q.put('d', block=False)
    q.put('e', timeout=1)
    q.put(item='f', block=True, timeout=None)
    q.put('g', False, None)
    q.put_nowait('h')
    q.put_nowait(item='i')
    equal([q.qsize(), q.empty(), q.full()], [9, False, False])
    equal(q.get(), 'a')
    equal(q.get(True), 'b')
    equal(q.get(True, 1), 'c')
    equal(q.get(False), 'd')
    equal(q.get(block=False), 'e')
    equal(q.get(timeout=1.5), 'f')
    equal(q.get(True, None), 'g')
    equal(q.get(block=True, timeout=None), 'h')
    equal(q.get_nowait(), 'i')
    equal([q.qsize(), q.empty()], [0, True])


def empty_is_itself(m):
    q = m.new_queue()
    raises(queue.Empty, q.get_nowait)
    raises(queue.Empty, q.get, False)
    raises(queue.Empty, q.get, block=False)
    raises(queue.Empty, q.get, False, 10)
    raises(queue.Empty, q.get, timeout=0)
    for args, kwargs in ((True, 0.05), {}), ((), {'timeout': 0.05}):
        start = time.monotonic()
        raises(queue.Empty, q.get, *args, **kwargs)
        assert time.monotonic() - start >= 0.045


def full_is_itself(m):
    q = m.new_bounded()
    q.put(1)
    q.put(2)
    equal([q.full(), q.qsize()], [True, 2])
    raises(queue.Full, q.put_nowait, 3)
    raises(queue.Full, q.put, 3, False)
    raises(queue.Full, q.put, 3, block=False)
    raises(queue.Full, q.put, 3, timeout=0)
    for args, kwargs in ((3, True, 0.05), {}), ((3,), {'timeout': 0.05}):
        start = time.monotonic()
        raises(queue.Full, q.put, *args, **kwargs)
        assert time.monotonic() - start >= 0.045
    equal([q.get(), q.get(), q.empty()], [1, 2, True])


def bad_calls_are_errors(m):
    q = m.new_queue()
    raises(ValueError, q.get, timeout=-1)
    raises(ValueError, q.get, True, -0.1)
    raises(TypeError, q.get, timeout='soon')
    raises(TypeError, q.get, True, 1, 2, 3)
    raises(TypeError, q.get, until=5)
    raises(TypeError, q.put)
    raises(TypeError, q.put, 1, item=2)
    q.put(1)
    equal(q.get(), 1)
    b = m.new_bounded()
    b.put(1)
    b.put(2)
    raises(ValueError, b.put, 3, timeout=-1)
    raises(RemoteError, q._callmethod, 'no_such_method')
    raises(RemoteError, q._callmethod, '__class__')
    raises(RemoteError, q._callmethod, 'constructor')


def joins(m):
    q = m.new_queue()
    q.join()
    for i in range(5):
        q.put(i)
    done = []

    def work():
        # A connection of its own, as each thread has.
        for _ in range(5):
            done.append(q.get())
            q.task_done()

    worker = threading.Thread(target=work)
    worker.start()
    q.join()
    equal(done, [0, 1, 2, 3, 4])
    worker.join()
    q.join()
    raises(ValueError, q.task_done)


def waits_are_ended(m):
    q = m.new_queue()
    got = []
    getters = [threading.Thread(target=lambda: got.append(q.get())) for _ in range(4)]
    for getter in getters:
        getter.start()
    for i in range(4):
        q.put(i)
    for getter in getters:
        getter.join()
    equal(sorted(got), [0, 1, 2, 3])

    b = m.new_bounded()
    putter = threading.Thread(target=lambda: [b.put(i) for i in range(20)])
    putter.start()
    equal([b.get() for _ in range(20)], list(range(20)))
    putter.join()


def other_orders(m):
    q = m.new_lifo()
    for i in range(3):
        q.put(i)
    equal([q.get(), q.get(), q.get()], [2, 1, 0])
    q = m.new_priority()
    for item in (3, 'c'), (1, 'a'), (2, 'b'):
        q.put(item)
    equal([q.get(), q.get(), q.get()], [(1, 'a'), (2, 'b'), (3, 'c')])
    for item in 3, 1, 2:
        q.put(item)
    equal([q.get(), q.get(), q.get()], [1, 2, 3])


def what_is_not_data_is_refused(m):
    q = m.new_queue()

    class Local(object):
        pass

    for bad in run, Shape(), Shape, len, [1, {'deep': (Shape(),)}]:
        error = raises(RemoteError, q.put, bad)
        assert 'UnpicklingError' in str(error), str(error)
    # What Python itself cannot pickle never gets there.
    try:
        q.put(Local())
    except (AttributeError, Exception) as error:
        assert not isinstance(error, RemoteError), error
    q.put('still here')
    equal([q.qsize(), q.get()], [1, 'still here'])


def shows(m):
    q = m.new_queue()
    q.put(1)
    assert repr(q).startswith("<AutoProxy[new_queue] object, typeid 'new_queue' at 0x"), repr(q)
    assert str(q).startswith('Queue'), str(q)
    equal(q.get(), 1)


def a_proxy_goes_through_a_queue(m):
    trust()
    q, other = m.new_queue(), m.new_queue()
    q.put(other)
    q.put({'reply': [other]})
    other.put('before')
    same = q.get()
    equal([type(same), same._token.id], [type(other), other._token.id])
    equal(same.get(), 'before')
    q.get()['reply'][0].put('after')
    equal(other.get(), 'after')


def closed_is_told(m):
    q = m.new_queue()
    q.put(1)
    q.shutdown()
    error = catch(q.put, 2)
    equal(q.get(), 1)
    for error in error, catch(q.get), catch(q.get_nowait):
        assert isinstance(error, RuntimeError) or type(error).__name__ == 'ShutDown', repr(error)


def catch(function, *args):
    try:
        return 'returned %r' % (function(*args),)
    except Exception as error:
        return error


def threads_and_processes_at_once(m):
    trust()
    q, results = m.new_queue(), m.new_queue()
    threads = [threading.Thread(target=square, args=(q, results)) for _ in range(4)]
    forked = [get_context('fork').Process(target=square, args=(q, results)) for _ in range(2)]
    spawned = get_context('spawn').Process(target=square_here, args=(q, results, KEY))
    # Before there are threads, which do not go along with a fork.
    for worker in forked + [spawned] + threads:
        worker.start()
    workers = threads + forked + [spawned]
    for i in range(200):
        q.put(i)
    for _ in workers:
        q.put(None)
    equal(sorted(results.get() for _ in range(200)), sorted(i * i for i in range(200)))
    for worker in workers:
        worker.join()
    equal([worker.exitcode for worker in forked + [spawned]], [0, 0, 0])
    equal([q.qsize(), results.qsize()], [0, 0])


def square(q, results):
    while True:
        n = q.get()
        if n is None:
            return
        results.put(n * n)


def square_here(q, results, key):
    square(q, results)


class Shape(object):
    pass


ALL = [
    calls_positional_and_keyword,
    empty_is_itself,
    full_is_itself,
    bad_calls_are_errors,
    joins,
    waits_are_ended,
    other_orders,
    what_is_not_data_is_refused,
    shows,
    a_proxy_goes_through_a_queue,
    closed_is_told,
    threads_and_processes_at_once,
]
SHORT = [calls_positional_and_keyword, empty_is_itself, full_is_itself, joins, other_orders]

if __name__ == '__main__':
    run(SHORT if 'short' in sys.argv else ALL, connect(sys.argv[1], *NAMES))
