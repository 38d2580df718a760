# Copyright 2026 the Weft authors. MIT license.
"""Measures the queues and pipes of multiprocessing and queue.

Reads lines of JSON, [module, measure, times], and answers each with a line of JSON: the milliseconds. A measure is
"KIND SIZE PRODUCERS CONSUMERS ITEM"; "Pipe" is one way, and "Call" there and back. The parts are those of
bench/fixtures/channel_crew.ts: this process or thread is one of the consumers, and the time goes from the word to go
until the last item is there.
"""

import json
import multiprocessing
import queue
import sys
import threading
import time

ITEMS = {
    "int": 123456,
    "small object": {"id": 1, "name": "abc", "tags": ["a", "b"]},
    "1 KiB string": "x" * 1024,
    "64 KiB bytes": b"\7" * 65536,
}


# What a member does: each gets what is shared, the item and how often.


def put(shared, item, times):
    for _ in range(times):
        shared.put(item)


def get(shared, item, times):
    for _ in range(times):
        shared.get()


def send(ends, item, times):
    end = ends[1]
    for _ in range(times):
        end.send(item)


def receive(ends, item, times):
    end = ends[0]
    for _ in range(times):
        end.recv()


def echo(ends, item, times):
    end = ends[1]
    for _ in range(times):
        end.send(end.recv())


def call(ends, item, times):
    end = ends[0]
    for _ in range(times):
        end.send(item)
        end.recv()


def member(body, shared, item, times, ready, go, done):
    ready.release()
    go.acquire()
    body(shared, item, times)
    done.release()


def measure(start, semaphore, shared, parts, item):
    """The time until all parts are done, the first of them here."""
    ready, go, done = semaphore(0), semaphore(0), semaphore(0)
    own, *others = parts
    units = [
        start(target=member, args=(body, shared, item, times, ready, go, done)) for body, times in others
    ]
    for unit in units:
        unit.start()
    for _ in units:
        ready.acquire()
    begin = time.perf_counter()
    for _ in units:
        go.release()
    own[0](shared, item, own[1])
    for _ in units:
        done.acquire()
    end = time.perf_counter()
    for unit in units:
        unit.join()
    return (end - begin) * 1000


def make_shared(module, kind, size):
    if kind == "SimpleQueue":
        return module.SimpleQueue()
    if kind == "Queue":
        return module.Queue(size)
    return multiprocessing.Pipe(duplex=kind == "Call")


def run(name, wanted, times):
    kind, size, producers, consumers, item = wanted.split(" ", 4)
    producers, consumers = int(producers), int(consumers)
    in_threads = name == "queue"
    start = threading.Thread if in_threads else multiprocessing.Process
    semaphore = threading.Semaphore if in_threads else multiprocessing.Semaphore
    shared = make_shared(queue if in_threads else multiprocessing, kind, int(size))
    if kind == "Call":
        parts = [(call, times), (echo, times)]
    else:
        into, out_of = (send, receive) if kind == "Pipe" else (put, get)
        parts = [(out_of, times // consumers)] * consumers
        parts += [(into, times // producers)] * producers
    return measure(start, semaphore, shared, parts, ITEMS[item])


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), flush=True)
