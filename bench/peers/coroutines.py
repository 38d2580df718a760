# Copyright 2026 the Weft authors. MIT license.
"""Measures the coroutines of asyncio, gevent and greenlet.

Its argument is one of these modules. Reads lines of JSON, [what is measured, how, times], and answers each with a line
of JSON: the milliseconds, the bytes, or a text if the module is missing. The measures are those of
bench/peers/coroutines_ours.ts.
"""

import asyncio
import gc
import json
import os
import resource
import sys
import time

FOREVER = 86_400
# What is to stay in memory.
kept = []
POOL_SIZE = 100


class Watch:
    """Takes the time of a block."""

    def __enter__(self):
        gc.collect()
        self.begin = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.milliseconds = (time.perf_counter() - self.begin) * 1000


def resident():
    """Bytes of this process that are in memory, without what is garbage."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def increment(n):
    return n + 1


# asyncio


async def one_switch():
    await asyncio.sleep(0)


async def asyncio_finish(how, times):
    with Watch() as watch:
        if how == "gather":
            await asyncio.gather(*[one_switch() for _ in range(times)])
        else:
            async with asyncio.TaskGroup() as group:
                for _ in range(times):
                    group.create_task(one_switch())
    return watch.milliseconds


async def asyncio_switch(_how, times):
    with Watch() as watch:
        for _ in range(times):
            await asyncio.sleep(0)
    return watch.milliseconds


async def asyncio_cancel(_how, times):
    tasks = [asyncio.create_task(asyncio.sleep(FOREVER)) for _ in range(times)]
    await asyncio.sleep(0)
    with Watch() as watch:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return watch.milliseconds


async def asyncio_rss(how, times):
    event = asyncio.Event()
    begin = resident()
    if how == "sleep":
        tasks = [asyncio.create_task(asyncio.sleep(FOREVER)) for _ in range(times)]
    else:
        tasks = [asyncio.create_task(event.wait()) for _ in range(times)]
    await asyncio.sleep(0)
    taken = resident() - begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return taken


async def asyncio_pool(_how, times):
    free = asyncio.Semaphore(POOL_SIZE)

    async def call(n):
        async with free:
            await asyncio.sleep(0)
            return increment(n)

    with Watch() as watch:
        results = await asyncio.gather(*[call(n) for n in range(times)])
    if sum(results) != times * (times + 1) // 2:
        raise RuntimeError("results are wrong")
    return watch.milliseconds


# gevent


def gevent_finish(_how, times):
    def one_switch():
        gevent.sleep(0)

    with Watch() as watch:
        gevent.joinall([gevent.spawn(one_switch) for _ in range(times)])
    return watch.milliseconds


def gevent_switch(_how, times):
    def switch():
        for _ in range(times):
            gevent.sleep(0)

    with Watch() as watch:
        gevent.spawn(switch).join()
    return watch.milliseconds


def gevent_cancel(_how, times):
    greenlets = [gevent.spawn(gevent.sleep, FOREVER) for _ in range(times)]
    gevent.sleep(0)
    with Watch() as watch:
        gevent.killall(greenlets)
    return watch.milliseconds


def gevent_rss(how, times):
    event = gevent.event.Event()
    begin = resident()
    if how == "sleep":
        greenlets = [gevent.spawn(gevent.sleep, FOREVER) for _ in range(times)]
    else:
        greenlets = [gevent.spawn(event.wait) for _ in range(times)]
    gevent.sleep(0)
    taken = resident() - begin
    kept.append(greenlets)
    return taken


def gevent_pool(_how, times):
    def call(n):
        gevent.sleep(0)
        return increment(n)

    with Watch() as watch:
        results = gevent.pool.Pool(POOL_SIZE).map(call, range(times))
    if sum(results) != times * (times + 1) // 2:
        raise RuntimeError("results are wrong")
    return watch.milliseconds


# greenlet


def greenlet_switch(how, times):
    if how == "back":
        main = greenlet.getcurrent()

        def back():
            while True:
                main.switch()

        other = greenlet.greenlet(back)
        with Watch() as watch:
            for _ in range(times):
                other.switch()
        return watch.milliseconds
    left = times

    def take_turns(other):
        nonlocal left
        while left > 0:
            left -= 1
            pair[other].switch()

    pair = [greenlet.greenlet(lambda: take_turns(1)), greenlet.greenlet(lambda: take_turns(0))]
    with Watch() as watch:
        pair[0].switch()
    return watch.milliseconds


MEASURES = {
    "asyncio": {
        "finish": asyncio_finish,
        "switch": asyncio_switch,
        "cancel": asyncio_cancel,
        "rss": asyncio_rss,
        "pool": asyncio_pool,
    },
    "gevent": {
        "finish": gevent_finish,
        "switch": gevent_switch,
        "cancel": gevent_cancel,
        "rss": gevent_rss,
        "pool": gevent_pool,
    },
    "greenlet": {"switch": greenlet_switch},
}


def run(module, measure, how, times):
    if module not in sys.modules:
        return "not installed"
    body = MEASURES[module][measure]
    return asyncio.run(body(how, times)) if module == "asyncio" else body(how, times)


if __name__ == "__main__":
    name = sys.argv[1]
    try:
        if name == "gevent":
            import gevent
            import gevent.event
            import gevent.pool
        elif name == "greenlet":
            import greenlet
    except ImportError:
        pass
    for line in sys.stdin:
        print(json.dumps(run(name, *json.loads(line))), flush=True)
    # What waits still would take its time.
    os._exit(0)
