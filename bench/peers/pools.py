# Copyright 2026 the Weft authors. MIT license.
"""Measures the pools of multiprocessing and the executors of concurrent.futures.

Reads lines of JSON, [pool, measure, times], and answers each with a line of JSON: the milliseconds. A measure is
"HOW TASK". Each pool has 2 workers.
"""

import json
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

SIZE = 2
# How often each task is run before it is measured.
WARM_UP = 500
VALUES = {"increment": 1, "echo": b"\7" * 65536}


# What the workers run: those of bench/fixtures/pool_tasks.ts.


def increment(n):
    return n + 1


def echo(value):
    return value


TASKS = {"increment": increment, "echo": echo}
POOLS = {
    "ThreadPoolExecutor": ThreadPoolExecutor,
    "ProcessPoolExecutor": ProcessPoolExecutor,
    "ThreadPool": ThreadPool,
    "Pool": multiprocessing.Pool,
}


def submit(pool, task, value):
    """Begins a call; gives what waits for its result."""
    if hasattr(pool, "submit"):
        return pool.submit(task, value).result
    return pool.apply_async(task, (value,)).get


def at_once(pool, task, value, times):
    for wait in [submit(pool, task, value) for _ in range(times)]:
        wait()


def in_turn(pool, task, value, times):
    for _ in range(times):
        submit(pool, task, value)()


def map_items(pool, task, value, times):
    if len(pool.map(task, [value] * times)) != times:
        raise RuntimeError("results are missing")


MEASURES = {"atOnce": at_once, "inTurn": in_turn, "map": map_items}


def run(name, measure, times):
    how, task = measure.split()
    if name not in pools:
        pools[name] = POOLS[name](SIZE)
    if (name, task) not in warm:
        warm.add((name, task))
        at_once(pools[name], TASKS[task], VALUES[task], WARM_UP)
    begin = time.perf_counter()
    MEASURES[how](pools[name], TASKS[task], VALUES[task], times)
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    pools, warm = {}, set()
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), flush=True)
    for pool in pools.values():
        if hasattr(pool, "shutdown"):
            pool.shutdown()
        else:
            pool.terminate()
