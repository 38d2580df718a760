# Copyright 2026 the Weft authors. MIT license.

# What the programs of the tests share.

import sys
import traceback
from multiprocessing import current_process
from multiprocessing.managers import BaseManager

KEY = b'correct horse battery'


def connect(port, *names, **proxytypes):
    """Connects to a manager that serves objects by these names."""

    class Manager(BaseManager):
        pass

    for name in names:
        Manager.register(name)
    for name, proxytype in proxytypes.items():
        Manager.register(name, proxytype=proxytype)
    manager = Manager(address=('127.0.0.1', int(port)), authkey=KEY)
    manager.connect()
    return manager


def trust():
    """Lets proxies be unpickled in this process."""
    current_process().authkey = KEY


def raises(expected, function, *args, **kwargs):
    """Calls a function that raises exactly this class; returns the exception."""
    try:
        result = function(*args, **kwargs)
    except BaseException as error:
        assert type(error) is expected, repr(error)
        return error
    raise AssertionError('nothing was raised, %r was returned' % (result,))


def equal(actual, expected):
    assert actual == expected, '%r is not %r' % (actual, expected)


def run(checks, *args):
    """Runs checks, and prints the name of each one that holds."""
    failed = False
    for check in checks:
        try:
            check(*args)
            print(check.__name__)
        except BaseException:
            failed = True
            print('FAILED', check.__name__)
            traceback.print_exc()
    sys.exit(1 if failed else 0)
