# Copyright 2026 the Weft authors. MIT license.
"""Measures the locks of threading, multiprocessing and asyncio.

Reads lines of JSON, [module, measure, times], and answers each with a line of JSON: the milliseconds.
The measures are those of bench/fixtures/sync_bodies.ts, with the same parts on both sides.
"""

import asyncio
import json
import multiprocessing
import sys
import threading
import time

MODULES = {"threading": threading, "multiprocessing": multiprocessing, "asyncio": asyncio}


# What one side does: each gets what is shared, how often, and which side it is.


def contended(lock, times, side):
    for _ in range(times // 2):
        lock.acquire()
        lock.release()


def event(events, times, side):
    mine, other = events[side], events[1 - side]
    for _ in range(times):
        if side == 0:
            other.set()
        mine.wait()
        mine.clear()
        if side == 1:
            other.set()


def semaphore(semaphores, times, side):
    mine, other = semaphores[side], semaphores[1 - side]
    for _ in range(times):
        if side == 0:
            other.release()
        mine.acquire()
        if side == 1:
            other.release()


def condition(shared, times, side):
    turn, ball = shared
    for _ in range(times):
        with turn:
            while ball[0] != side:
                turn.wait()
            ball[0] = 1 - side
            turn.notify()
    with turn:
        while side == 0 and ball[0] != 0:
            turn.wait()


def barrier(shared, times, side):
    for _ in range(times):
        shared.wait()


async def contended_async(lock, times, side):
    for _ in range(times // 2):
        await lock.acquire()
        await asyncio.sleep(0)
        lock.release()


async def event_async(events, times, side):
    mine, other = events[side], events[1 - side]
    for _ in range(times):
        if side == 0:
            other.set()
        await mine.wait()
        mine.clear()
        if side == 1:
            other.set()


async def condition_async(shared, times, side):
    turn, ball = shared
    for _ in range(times):
        async with turn:
            while ball[0] != side:
                await turn.wait()
            ball[0] = 1 - side
            turn.notify()
    async with turn:
        while side == 0 and ball[0] != 0:
            await turn.wait()


async def barrier_async(shared, times, side):
    for _ in range(times):
        await shared.wait()


def make_shared(module, measure):
    """Makes what two sides share."""
    if measure == "Event":
        return module.Event(), module.Event()
    if measure == "Semaphore":
        return module.Semaphore(0), module.Semaphore(0)
    if measure == "Condition":
        ball = multiprocessing.RawArray("i", 1) if module is multiprocessing else [0]
        return module.Condition(), ball
    if measure == "Barrier":
        return module.Barrier(2)
    return getattr(module, measure)()


# What is not here is a lock that both sides compete for.
BODIES = {
    "Event": (event, event_async),
    "Semaphore": (semaphore, None),
    "Condition": (condition, condition_async),
    "Barrier": (barrier, barrier_async),
}


def milliseconds(begin, end):
    return (end - begin) * 1000


def partner(body, shared, times, ready, end):
    ready.set()
    body(shared, times, 1)
    end[0] = time.perf_counter()


def pair(module, measure, times):
    """The time until two threads or processes have both done their part."""
    shared = make_shared(module, measure)
    body = BODIES.get(measure, (contended,))[0]
    if module is threading:
        start, end = threading.Thread, [0.0]
    else:
        start, end = multiprocessing.Process, multiprocessing.RawArray("d", 1)
    ready = module.Event()
    other = start(target=partner, args=(body, shared, times, ready, end))
    other.start()
    ready.wait()
    begin = time.perf_counter()
    body(shared, times, 0)
    own_end = time.perf_counter()
    other.join()
    return milliseconds(begin, max(own_end, end[0]))


def alone(module, kind, times):
    """The time of acquire and release that nobody disputes."""
    lock = getattr(module, kind)()
    begin = time.perf_counter()
    for _ in range(times):
        lock.acquire()
        lock.release()
    return milliseconds(begin, time.perf_counter())


async def pair_async(measure, times):
    shared = make_shared(asyncio, measure)
    body = BODIES.get(measure, (None, contended_async))[1]
    begin = time.perf_counter()
    await asyncio.gather(body(shared, times, 0), body(shared, times, 1))
    return milliseconds(begin, time.perf_counter())


async def alone_async(kind, times):
    lock = getattr(asyncio, kind)()
    begin = time.perf_counter()
    for _ in range(times):
        await lock.acquire()
        lock.release()
    return milliseconds(begin, time.perf_counter())


def run(name, measure, times):
    module = MODULES[name]
    kind, _, uncontended = measure.partition(" ")
    if module is asyncio:
        return asyncio.run((alone_async if uncontended else pair_async)(kind, times))
    return (alone if uncontended else pair)(module, kind, times)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), flush=True)
