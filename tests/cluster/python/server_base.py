# Copyright 2026 the Weft authors. MIT license.

# A BaseManager with queues and an object of its own class. Prints its port.

import datetime
import multiprocessing
import queue
from multiprocessing.managers import BaseManager

from common import KEY


class Manager(BaseManager):
    pass


class Thing(object):
    def __init__(self, start=0):
        self.sum = start

    def add(self, n, times=1):
        self.sum += n * times
        return self.sum

    def echo(self, value):
        return value

    def throw(self, name, *args):
        raise EXCEPTIONS[name](*args)

    def unpicklable(self):
        return lambda: 1

    def foreign(self):
        return datetime.date(2026, 1, 2)

    def _hidden(self):
        return 'hidden'

    constructor = echo
    then = echo


class Special(Exception):
    pass


EXCEPTIONS = {
    'ValueError': ValueError,
    'KeyError': KeyError,
    'ZeroDivisionError': ZeroDivisionError,
    'OSError': OSError,
    'TypeError': TypeError,
    'Special': Special,
    'Full': queue.Full,
    'Empty': queue.Empty,
}


class Poison(object):
    pass


def with_poison():
    q = queue.Queue()
    for item in 'before', datetime.datetime(2026, 1, 2), 'between', Poison(), 'after':
        q.put(item)
    return q


class Unserialisable(queue.Queue):
    """Has an item that cannot be sent."""

    def get(self, block=True, timeout=None):
        item = queue.Queue.get(self, block, timeout)
        return (lambda: item) if item == 'unserialisable' else item


shared = {}


def once(name, make):
    return lambda: shared.setdefault(name, make())


Manager.register('new_queue', queue.Queue)
Manager.register('new_lifo', queue.LifoQueue)
Manager.register('new_priority', queue.PriorityQueue)
Manager.register('new_joinable', multiprocessing.JoinableQueue)
Manager.register('new_mp_queue', multiprocessing.Queue)
Manager.register('new_poison', with_poison)
Manager.register('new_unserialisable', Unserialisable)
Manager.register('new_thing', Thing)
Manager.register('get_queue', once('queue', queue.Queue))

if __name__ == '__main__':
    manager = Manager(address=('127.0.0.1', 0), authkey=KEY)
    server = manager.get_server()
    print(server.address[1], flush=True)
    server.serve_forever()
