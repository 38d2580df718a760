# Copyright 2026 the Weft authors. MIT license.

# Uses what a manager serves by the proxies of multiprocessing.managers, and by those that Python makes by itself.
# Usage: client_types.py PORT

import sys
import threading
import time
from multiprocessing import managers
from multiprocessing.managers import RemoteError

from common import connect, equal, raises, run

TYPES = {
    'new_lock': managers.AcquirerProxy,
    'new_rlock': managers.AcquirerProxy,
    'new_semaphore': managers.AcquirerProxy,
    'new_event': managers.EventProxy,
    'new_condition': managers.ConditionProxy,
    'new_barrier': managers.BarrierProxy,
    'new_dict': managers.DictProxy,
    'new_list': managers.ListProxy,
    'new_value': managers.ValueProxy,
    'new_array': managers.ArrayProxy,
    'new_namespace': managers.NamespaceProxy,
}


class Others:
    """Runs functions in threads, and gives what they return."""

    def __init__(self, *functions):
        self.results = [None] * len(functions)
        self.threads = [
            threading.Thread(target=self.work, args=item) for item in enumerate(functions)
        ]
        for thread in self.threads:
            thread.start()

    def work(self, index, function):
        try:
            self.results[index] = function()
        except Exception as error:
            self.results[index] = error

    def join(self):
        for thread in self.threads:
            thread.join()
        return self.results


def elsewhere(function, *args):
    """What a function returns in another thread, which has a connection of its own."""
    return Others(lambda: function(*args)).join()[0]


def lock(m):
    lock = m.new_lock()
    equal(lock.acquire(), True)
    equal(lock.acquire(False), False)
    equal(lock.acquire(True, 0.05), False)
    equal(elsewhere(lock.acquire, False), False)
    lock.release()
    raises(RuntimeError, lock.release)
    # A lock may be released by others.
    equal(lock.acquire(), True)
    equal(elsewhere(lock.release), None)
    equal(lock.acquire(False), True)
    lock.release()


def lock_in_turn(m):
    lock = m.new_lock()
    inside, most = [], []

    def work():
        for _ in range(5):
            lock.acquire()
            inside.append(1)
            most.append(len(inside))
            inside.pop()
            lock.release()

    equal(Others(*[work] * 4).join(), [None] * 4)
    equal([len(most), max(most)], [20, 1])


def rlock(m):
    lock = m.new_rlock()
    equal([lock.acquire(), lock.acquire(), lock.acquire(False)], [True] * 3)
    equal(elsewhere(lock.acquire, False), False)
    assert type(elsewhere(lock.release)) is RuntimeError
    for _ in range(3):
        equal(elsewhere(lock.acquire, False), False)
        lock.release()
    raises(RuntimeError, lock.release)
    equal(elsewhere(lock.acquire, False), True)


def semaphore(m):
    semaphore = m.new_semaphore()
    equal([semaphore.acquire(), semaphore.acquire(False), semaphore.acquire(False)],
          [True, True, False])
    equal(elsewhere(semaphore.acquire, True, 0.05), False)
    semaphore.release()
    equal(elsewhere(semaphore.acquire, False), True)


def event(m):
    event = m.new_event()
    equal([event.is_set(), event.wait(0), event.wait(0.05)], [False] * 3)
    waiters = Others(*[event.wait] * 3)
    event.set()
    equal(waiters.join(), [True] * 3)
    equal([event.is_set(), event.wait(), event.wait(0)], [True] * 3)
    event.clear()
    equal(event.is_set(), False)


def condition(m):
    condition = m.new_condition()
    state = []

    def wait():
        condition.acquire()
        state.append('waits')
        try:
            return condition.wait(30)
        finally:
            condition.release()

    waiters = Others(*[wait] * 3)
    # Who has the lock after all are in wait() has them all waiting.
    while True:
        condition.acquire()
        if len(state) == 3:
            break
        condition.release()
        time.sleep(0.005)
    condition.notify()
    condition.notify_all()
    condition.release()
    equal(waiters.join(), [True] * 3)
    condition.acquire()
    equal(condition.wait(0.05), False)
    equal(condition.wait_for(lambda: 'predicate', 1), 'predicate')
    equal(condition.wait_for(lambda: False, 0.05), False)
    condition.release()
    raises(RuntimeError, condition.notify)
    raises(RuntimeError, condition.wait, 0)


def barrier(m):
    barrier = m.new_barrier()
    equal([barrier.parties, barrier.n_waiting, barrier.broken], [3, 0, False])
    waits = Others(*[barrier.wait] * 3)
    equal(sorted(waits.join()), [0, 1, 2])
    error = raises(threading.BrokenBarrierError, barrier.wait, 0.01)
    equal(barrier.broken, True)
    barrier.reset()
    equal(barrier.broken, False)
    waits = Others(*[barrier.wait] * 2)
    while barrier.n_waiting < 2:
        time.sleep(0.005)
    barrier.abort()
    equal([type(error) for error in waits.join()], [threading.BrokenBarrierError] * 2)


def dictionary(m):
    d = m.new_dict()
    d['a'] = 1
    d['b'] = [2]
    d[3] = 'three'
    d[None] = 'none'
    equal([d['a'], d['b'], d[3], d[None], len(d)], [1, [2], 'three', 'none', 4])
    equal(['a' in d, 'z' in d, d.get('z'), d.get('z', 5), d.get('a', 5)], [True, False, None, 5, 1])
    error = raises(KeyError, lambda: d['z'])
    equal(error.args, ('z',))
    equal([list(d.keys()), list(d.values())], [['a', 'b', 3, None], [1, [2], 'three', 'none']])
    equal(list(d.items()), [('a', 1), ('b', [2]), (3, 'three'), (None, 'none')])
    equal(d.copy(), {'a': 1, 'b': [2], 3: 'three', None: 'none'})
    equal(d._getvalue(), {'a': 1, 'b': [2], 3: 'three', None: 'none'})
    del d['a']
    raises(KeyError, d.__delitem__, 'a')
    equal([d.pop('b'), d.pop('b', 'gone'), d.setdefault('c', 6), d.setdefault('c', 7)],
          [[2], 'gone', 6, 6])
    raises(KeyError, d.pop, 'b')
    d.update({'d': 8})
    d.update([('e', 9)])
    equal(d.popitem(), ('e', 9))
    d['__proto__'] = 'own'
    equal([d['__proto__'], d.get('constructor')], ['own', None])
    d.clear()
    equal(d.copy(), {})
    raises(KeyError, d.popitem)
    # As in Python, a part that was got is a copy.
    d['list'] = []
    d['list'].append(1)
    equal(d['list'], [])


def dictionary_by_proxytype(m):
    d = m.new_dict()
    d.update({'a': 1}, b=2)
    d.update(c=3)
    equal(list(d.items()), [('a', 1), ('b', 2), ('c', 3)])


def sequence(m):
    a = m.new_list()
    a.append('x')
    a.extend(['y', 'z'])
    a.extend(())
    equal([a[0], a[-1], a[1], len(a)], ['x', 'z', 'y', 3])
    raises(IndexError, lambda: a[3])
    raises(IndexError, lambda: a[-4])
    a[1] = 'Y'
    a.insert(0, 'w')
    equal(a[:], ['w', 'x', 'Y', 'z'])
    equal([a[1:3], a[::2], a[::-1]], [['x', 'Y'], ['w', 'Y'], ['z', 'Y', 'x', 'w']])
    equal(['Y' in a, 'q' in a, a.index('Y'), a.count('x')], [True, False, 2, 1])
    raises(ValueError, a.index, 'q')
    raises(ValueError, a.remove, 'q')
    a.remove('Y')
    del a[0]
    equal([a.pop(), a.pop(0), a[:]], ['z', 'x', []])
    raises(IndexError, a.pop)
    a.extend([3, 1, 2])
    a.sort()
    equal(a[:], [1, 2, 3])
    a.sort(reverse=True)
    equal(a[:], [3, 2, 1])
    a.sort()
    a.reverse()
    equal(a._getvalue(), [3, 2, 1])
    equal(list(a), [3, 2, 1])


def sequence_by_proxytype(m):
    a = m.new_list()
    a += [1, 2]
    equal([a + [3], a * 2], [[1, 2, 3], [1, 2, 1, 2]])
    a[1:1] = ['x', 'y']
    a[4:] = ['end']
    a[:0] = ['begin']
    equal(a[:], ['begin', 1, 'x', 'y', 2, 'end'])
    a[1:3] = ['new']
    del a[-2:]
    equal([a[:], a[5:], a[2:1], a[-2:], a[:-1]],
          [['begin', 'new', 'y'], [], [], ['new', 'y'], ['begin', 'new']])
    a[::2] = [1, 3]
    equal([a[:], a[:10 ** 30]], [[1, 'new', 3]] * 2)
    raises(ValueError, a.__setitem__, slice(None, None, 2), [1])
    raises(ValueError, a.__getitem__, slice(None, None, 0))
    raises(TypeError, a.__getitem__, slice('a'))
    del a[::2]
    equal(a[:], ['new'])
    a.extend([2, 3])
    equal([item for item in a], ['new', 2, 3])


def value(m):
    value = m.new_value()
    equal(value.get(), 7)
    value.set(8)
    equal([value.get(), value._getvalue()], [8, 8])


def value_by_proxytype(m):
    value = m.new_value()
    value.value += 1
    equal(value.value, 8)


def array(m):
    array = m.new_array()
    equal([len(array), array[0], array[2], array[-1]], [3, 1.5, 3.5, 3.5])
    array[1] = 9.25
    equal(array[1], 9.25)
    equal(list(array), [1.5, 9.25, 3.5])
    raises(IndexError, lambda: array[3])


def namespace_by_proxytype(m):
    space = m.new_namespace()
    equal([space.name, space.size], ['egon', 180])
    space.name = 'alex'
    space.more = [1]
    equal([space.name, space.more], ['alex', [1]])
    del space.more
    raises(AttributeError, lambda: space.more)
    raises(AttributeError, lambda: space.constructor)
    raises(AttributeError, lambda: space.toString)
    # What begins with "_" is the proxy's own.
    space._hidden = 1
    equal([space._hidden, 'hidden' in str(space)], [1, False])
    assert 'alex' in str(space), str(space)


def shown(m):
    for name in TYPES:
        proxy = getattr(m, name)()
        assert "typeid '%s'" % name in repr(proxy), repr(proxy)
        text = str(proxy)
        assert text and "typeid" not in text, text


def unknown_names(m):
    raises(RemoteError, m.new_dict()._callmethod, 'fromkeys')
    raises(RemoteError, m.new_dict()._callmethod, 'constructor')
    raises(RemoteError, m.new_dict()._callmethod, '__class__')
    raises(RemoteError, m.new_lock()._callmethod, 'acquireSync')


BOTH = [
    lock, lock_in_turn, rlock, semaphore, event, condition, barrier, dictionary, sequence, value,
    array, shown, unknown_names,
]
BY_PROXYTYPE = [
    dictionary_by_proxytype, sequence_by_proxytype, value_by_proxytype, namespace_by_proxytype,
]
# Those that a proxy of Python's class is needed for: its attributes are no methods.
AUTO = [check for check in BOTH if check not in (condition, barrier)]

if __name__ == '__main__':
    if 'auto' in sys.argv:
        run(AUTO, connect(sys.argv[1], *TYPES))
    run(BOTH + BY_PROXYTYPE, connect(sys.argv[1], **TYPES))
