// Copyright 2026 the Weft authors. MIT license.

import type { TraceEvent } from "../record.ts";
import { Labels } from "./labels.ts";
import { arrange } from "./spans.ts";

/** A piece of a lane. */
export interface Span {
  /** A task that runs, a wait, a lock that is held, or the start of a thread or process until its task begins. */
  readonly kind: "start" | "task" | "wait" | "hold";
  /** Milliseconds since the begin of the scenario. */
  from: number;
  to: number;
  /** What it is, such as `Lock #2`. */
  readonly label: string;
  /** Number of what is waited for or held, the same wherever it is; -1 if it has none. */
  readonly object: number;
  /** What has to be said besides, such as how a wait ended. */
  note: string;
  /** How many short ones it stands for. */
  count: number;
  /** Which line of its lane it is drawn in. */
  row: number;
}

/** What one process, thread or coroutine did. */
export interface Lane {
  readonly kind: "process" | "thread" | "coroutine";
  readonly name: string;
  /** Pid of a process, number of a thread, coroutine or greenlet. */
  readonly id: number;
  /** How far it is below the scenario's program. */
  readonly depth: number;
  readonly from: number;
  readonly to: number;
  /** How it ended, as far as anybody told. */
  readonly end: string;
  readonly spans: readonly Span[];
  /** Number of lines that its spans take. */
  readonly rows: number;
  /** Number of waits, holds and coroutines that were not told. */
  readonly dropped: number;
}

/** What happened in a scenario. */
export interface Timeline {
  /** Milliseconds that it took. */
  readonly length: number;
  /** Its processes, each before its threads, and those before their coroutines and the processes they started. */
  readonly lanes: readonly Lane[];
}

/** Coroutines of one thread that get a lane. */
const mostCoroutines = 40;

interface Being {
  readonly kind: Lane["kind"];
  readonly id: number;
  readonly parent: Being | undefined;
  readonly children: Being[];
  name: string;
  from: number;
  to: number | undefined;
  end: string;
  last: number;
  dropped: number;
  readonly spans: Span[];
  readonly open: Map<string, Span>;
  readonly tasks: Span[];
}

/** Makes a time line of what was told, in whichever order it came. */
export function timeline(trace: readonly TraceEvent[]): Timeline {
  return new Builder().build([...trace].sort((a, b) => a.time - b.time));
}

class Builder {
  readonly #labels = new Labels();
  readonly #beings = new Map<string, Being>();
  readonly #roots: Being[] = [];
  #start = 0;
  #length = 0;

  build(events: readonly TraceEvent[]): Timeline {
    this.#start = events[0]?.time ?? 0;
    const length = (events.at(-1)?.time ?? 0) - this.#start;
    // A child can say something before its parent has said that it is there.
    for (const event of events) if (event.type === "process-begin") this.#addProcess(event);
    for (const event of events) this.#take(event);
    this.#length = length;
    const lanes = this.#roots.flatMap((root) => this.#lanes(root, 0, length));
    return { length, lanes };
  }

  #take(event: TraceEvent): void {
    const time = event.time - this.#start;
    if (event.type.startsWith("process-")) {
      if (event.type === "process-end") this.#end(this.#process(event.child as number), event);
      return;
    }
    const thread = this.#thread(event);
    const being = this.#actor(thread, event);
    being.last = this.#process(event.pid).last = time;
    switch (event.type) {
      case "thread-begin":
        this.#add(`${event.pid} ${event.child}`, "thread", event, this.#process(event.pid));
        break;
      case "thread-end":
        this.#end(this.#beings.get(`${event.pid} ${event.child}`), event);
        break;
      case "coroutine-begin":
        this.#add(`${event.pid} ${event.thread} ${event.child}`, "coroutine", event, thread);
        break;
      case "coroutine-end":
        this.#end(this.#beings.get(`${event.pid} ${event.thread} ${event.child}`), event);
        break;
      case "greenlet-begin": {
        const key = `${event.pid} ${event.thread} greenlet ${event.child}`;
        const greenlet = this.#beings.get(key) ?? this.#add(key, "coroutine", event, thread);
        greenlet.tasks.push(span("task", time, Infinity, "runs"));
        greenlet.spans.push(greenlet.tasks.at(-1)!);
        break;
      }
      case "greenlet-end": {
        const greenlet = this.#beings.get(`${event.pid} ${event.thread} greenlet ${event.child}`);
        const turn = greenlet?.tasks.pop();
        if (turn !== undefined) turn.to = time;
        if (event.dead && greenlet !== undefined) {
          greenlet.to = time;
          greenlet.end = "ended";
        }
        break;
      }
      case "task-begin":
        if (thread.tasks.length === 0 && !thread.spans.some(({ kind }) => kind === "task")) {
          thread.spans.push(span("start", thread.from, time, "starts"));
        }
        thread.tasks.push(span("task", time, Infinity, `${event.name}`));
        thread.spans.push(thread.tasks.at(-1)!);
        break;
      case "task-end": {
        const task = thread.tasks.pop();
        if (task !== undefined) task.to = time;
        break;
      }
      case "wait-begin": {
        const wait = span("wait", time, Infinity, ...this.#labels.of(event));
        if (event.blocks) wait.note = "blocks its thread";
        being.open.set(`wait ${event.wait}`, wait);
        being.spans.push(wait);
        break;
      }
      case "wait-end":
        this.#close(thread, `wait ${event.wait}`, time, event.error as string | undefined);
        break;
      case "hold-begin": {
        const hold = span("hold", time, Infinity, ...this.#labels.of(event));
        being.open.set(`hold ${event.object}`, hold);
        being.spans.push(hold);
        break;
      }
      case "hold-end":
        this.#close(thread, `hold ${event.object}`, time, undefined);
        break;
      case "dropped":
        thread.dropped = event.count as number;
        break;
    }
  }

  /** Ends a span, which may have begun in a coroutine of the thread that says so. */
  #close(being: Being, key: string, time: number, error: string | undefined): void {
    const coroutines = being.children.filter(({ kind }) => kind === "coroutine");
    for (const one of [being, ...coroutines]) {
      const found = one.open.get(key);
      if (found === undefined) continue;
      one.open.delete(key);
      found.to = time;
      if (error !== undefined) found.note += `${found.note && ", "}ended with ${error}`;
      return;
    }
  }

  #addProcess(event: TraceEvent): void {
    const parent = this.#beings.get(`${event.pid} 0`);
    this.#add(`${event.child} 0`, "process", event, parent);
  }

  #add(key: string, kind: Lane["kind"], event: TraceEvent, parent: Being | undefined): Being {
    const being: Being = {
      kind,
      id: event.child as number,
      parent,
      children: [],
      name: event.name as string,
      from: event.time - this.#start,
      to: undefined,
      end: "",
      last: event.time - this.#start,
      dropped: 0,
      spans: [],
      open: new Map(),
      tasks: [],
    };
    this.#beings.set(key, being);
    (parent?.children ?? this.#roots).push(being);
    return being;
  }

  /** A process, also one of which nobody has told. */
  #process(pid: number): Being {
    const known = this.#beings.get(`${pid} 0`);
    if (known !== undefined) return known;
    const event = { type: "", time: this.#start, pid, thread: 0, child: pid, name: "process" };
    return this.#add(`${pid} 0`, "process", event, this.#roots[0]);
  }

  #thread(event: TraceEvent): Being {
    const { pid, thread, threadName = `Thread-${thread}` } = event;
    const process = this.#process(pid);
    if (thread === 0) return process;
    const key = `${pid} ${thread}`;
    return this.#beings.get(key) ??
      this.#add(key, "thread", { ...event, child: thread, name: threadName }, process);
  }

  #actor(thread: Being, { pid, thread: id, coroutine = 0 }: TraceEvent): Being {
    return this.#beings.get(`${pid} ${id} ${coroutine}`) ?? thread;
  }

  #end(being: Being | undefined, event: TraceEvent): void {
    if (being === undefined) return;
    being.to = event.time - this.#start;
    being.end = describeEnd(event);
  }

  #lanes(being: Being, depth: number, outer: number): Lane[] {
    const { kind, name, id, from, dropped, spans, children } = being;
    // Of a process that outlives its parent nobody tells the end.
    const to = being.to ?? (kind === "process" ? Math.max(being.last, from) : outer);
    const rank = { thread: 0, coroutine: 1, process: 2 };
    const sorted = [...children].sort((a, b) => rank[a.kind] - rank[b.kind]);
    const coroutines = sorted.filter((child) => child.kind === "coroutine");
    const hidden = coroutines.splice(mostCoroutines);
    const shown = sorted.filter((child) => !hidden.includes(child));
    for (const one of hidden) spans.push(...one.spans.filter((span) => span.kind === "hold"));
    for (const span of spans) span.to = Math.min(span.to, to);
    const arranged = arrange(spans, this.#length);
    const lane: Lane = {
      kind,
      name,
      id,
      depth,
      from,
      to,
      end: being.end,
      ...arranged,
      dropped: dropped + hidden.length,
    };
    return [lane, ...shown.flatMap((child) => this.#lanes(child, depth + 1, to))];
  }
}

function span(kind: Span["kind"], from: number, to: number, label: string, object = -1): Span {
  return { kind, from, to, label, object, note: "", count: 1, row: 0 };
}

const signals: Record<number, string> = { 2: "SIGINT", 6: "SIGABRT", 9: "SIGKILL", 15: "SIGTERM" };

/** Says in a few words how a process, thread or coroutine ended. */
export function describeEnd({ type, how, code }: TraceEvent): string {
  if (type === "coroutine-end") return how === "fulfilled" ? "returned" : `${how}`;
  const signal = type === "process-end" && Number(code) > 128
    ? signals[Number(code) - 128] ?? `signal ${Number(code) - 128}`
    : undefined;
  if (signal !== undefined) return how === "terminated" ? `terminated by ${signal}` : signal;
  if (how === "ended") return `exit code ${code}`;
  return how === "exited" ? `exited with code ${code}` : `${how}`;
}
