# Copyright 2026 the Weft authors. MIT license.
"""Measures how long threads and processes take from their start until they have given a result and ended.

Reads lines of JSON, [module, measure, times], and answers each with a line of JSON: the milliseconds. The module is
"threading", or how multiprocessing starts processes: "spawn" or "fork".
"""

import json
import multiprocessing
import queue
import sys
import threading
import time


def add(results, a, b):
    results.put(a + b)


def run(make, results, times):
    begin = time.perf_counter()
    for _ in range(times):
        unit = make(target=add, args=(results, 1, 2))
        unit.start()
        assert results.get() == 3
        unit.join()
    return time.perf_counter() - begin


if __name__ == "__main__":
    for line in sys.stdin:
        module, _, times = json.loads(line)
        if module == "threading":
            taken = run(threading.Thread, queue.SimpleQueue(), times)
        else:
            context = multiprocessing.get_context(module)
            taken = run(context.Process, context.SimpleQueue(), times)
        print(json.dumps(taken * 1000), flush=True)
