# Copyright 2026 the Weft authors. MIT license.
"""Measures a queue of multiprocessing.managers over TCP.

Reads lines of JSON, ["managers", measure, times], and answers each with a line of JSON: the milliseconds. A measure is
"alternate ITEM", for a put and a get one after the other, or "flow ITEM", for a process that puts while this one gets.
The items are those of bench/fixtures/channel_items.ts.
"""

import json
import multiprocessing
import queue
import sys
import time
from multiprocessing.managers import BaseManager

ITEMS = {
    "int": 123456,
    "small object": {"id": 1, "name": "abc", "tags": ["a", "b"]},
    "1 KiB string": "x" * 1024,
    "64 KiB bytes": b"\7" * 65536,
}
KEY = b"a key for benchmarks"
shared = queue.Queue()


class Manager(BaseManager):
    pass


Manager.register("get_queue", callable=lambda: shared)


def produce(address, flows):
    manager = Manager(address=address, authkey=KEY)
    manager.connect()
    into = manager.get_queue()
    for name, times in iter(flows.get, None):
        item = ITEMS[name]
        for _ in range(times):
            into.put(item)


def alternate(out_of, item, times):
    begin = time.perf_counter()
    for _ in range(times):
        out_of.put(item)
        out_of.get()
    return time.perf_counter() - begin


def flow(flows, out_of, name, times):
    begin = time.perf_counter()
    flows.put((name, times))
    for _ in range(times):
        out_of.get()
    return time.perf_counter() - begin


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    manager = Manager(address=("127.0.0.1", 0), authkey=KEY)
    manager.start()
    out_of = manager.get_queue()
    flows = multiprocessing.SimpleQueue()
    producer = multiprocessing.Process(target=produce, args=(manager.address, flows))
    producer.start()
    for line in sys.stdin:
        _, wanted, times = json.loads(line)
        how, item = wanted.split(" ", 1)
        if how == "alternate":
            taken = alternate(out_of, ITEMS[item], times)
        else:
            taken = flow(flows, out_of, item, times)
        print(json.dumps(taken * 1000), flush=True)
    flows.put(None)
    producer.join()
    manager.shutdown()
