# Copyright 2026 the Weft authors. MIT license.

# Clients that end in one way or another.
# Usage: client_ends.py PORT WHAT

import multiprocessing
import os
import sys
import threading
import time

from common import KEY, connect, equal, raises

NAMES = ('get_queue', 'new_queue', 'get_lock', 'get_rlock')


def wrong_key(port):
    from multiprocessing.managers import BaseManager
    manager = BaseManager(address=('127.0.0.1', int(port)), authkey=b'not the right key!')
    raises(multiprocessing.AuthenticationError, manager.connect)


def goes(port):
    """Refers to objects and ends in an orderly way."""
    m = connect(port, *NAMES)
    kept = [m.new_queue() for _ in range(5)] + [m.get_queue()]
    for q in kept:
        q.put(1)
    del kept[0]
    print('uses')


def holds(port):
    """Holds locks until it is killed."""
    m = connect(port, *NAMES)
    lock, rlock = m.get_lock(), m.get_rlock()
    lock.acquire()
    rlock.acquire()
    rlock.acquire()
    print('holds')
    sys.stdout.flush()
    time.sleep(600)


def waits(port):
    """Waits for an item until it is killed."""
    q = connect(port, *NAMES).get_queue()
    print('waits')
    sys.stdout.flush()
    q.get()


def shuts_down(port):
    """Asks the manager to end."""
    from multiprocessing.connection import Client
    from multiprocessing.managers import RemoteError, dispatch
    conn = Client(('127.0.0.1', int(port)), authkey=KEY)
    try:
        dispatch(conn, None, 'shutdown')
        print('done')
    except RemoteError as error:
        assert 'PermissionError' in str(error), error
        print('refused')


def asks(port):
    """Uses what a manager answers itself."""
    from multiprocessing.connection import Client
    from multiprocessing.managers import RemoteError, dispatch
    m = connect(port, *NAMES)
    q = m.get_queue()
    equal(m._number_of_objects(), 1)
    assert isinstance(m._debug_info(), str)
    conn = Client(('127.0.0.1', int(port)), authkey=KEY)
    methods = dispatch(conn, None, 'get_methods', (q._token,))
    assert {'put', 'get', 'task_done'} <= set(methods), methods
    conn = Client(('127.0.0.1', int(port)), authkey=KEY)
    for name in 'no_such_function', '__init__', 'constructor', 'serve_client':
        conn = Client(('127.0.0.1', int(port)), authkey=KEY)
        raises(RemoteError, dispatch, conn, None, name)
    raises(RemoteError, m._create, 'constructor')
    raises(RemoteError, m._create, '__proto__')


if __name__ == '__main__':
    globals()[sys.argv[2]](sys.argv[1])
