// Copyright 2026 the Weft authors. MIT license.

import type { ConduitErrors } from "../../../channel/_conduit.ts";
import { CheckedBytes } from "../bytes.ts";
import type { Actor, Context } from "../checker.ts";
import { FrameStore } from "../frame_store.ts";
import type { Load } from "../plant.ts";
import { countEnd } from "./ends.ts";
import { bytesWord, firstBytes, Order } from "./ring_frames.ts";

/* Behind the words of the ring. */
const laneWord = 48;
export const tallyWord = 80;

interface Options {
  /** Items that may be inside. */
  readonly limit?: number;
  readonly timeout?: number;
}

interface CoroutineOptions extends Options {
  readonly coroutines?: number;
  /** Whether the first has a signal that may abort. */
  readonly aborts?: boolean;
}

interface CloseOptions {
  /** Whether what is inside is dropped. */
  readonly immediate?: boolean;
}

const errors: ConduitErrors = {
  full: () => new Error("full"),
  empty: () => new Error("empty"),
  refused: () => new Error("refused"),
  ended: () => new Error("ended"),
  isEnd: () => true,
};

function refuse(): never {
  throw new Error("refused");
}

/** What actors do with a lane over a ring, and a tally beside it. */
export async function actorsOf(load: Load) {
  const { Ring } = await load("channel/ring.ts");
  const { Lane } = await load("channel/_lane.ts");
  const { Tally } = await load("channel/_tally.ts");

  const open = ({ memory }: Context, limit = Infinity) => {
    const ring = new Ring(memory, 0, new CheckedBytes(memory, bytesWord, firstBytes));
    const store = new FrameStore(ring, limit);
    const lane = new Lane(memory, laneWord, { store, errors });
    const tally = new Tally(memory, tallyWord, () => store.put);
    return { ring, store, lane, tally };
  };

  return {
    puts: (writer: number, times: number, { limit, timeout }: Options = {}): Actor => ({
      run: (context) => {
        const { lane } = open(context, limit);
        for (let at = 0; at < times; at++) {
          const name = `${writer}.${at}`;
          try {
            lane.putSync(name, { timeout });
            context.count(`put ${name}`);
          } catch (error) {
            context.count(`no ${name}`);
            countLaneEnd(context, error);
          }
        }
      },
    }),

    triesToPut: (writer: number, { limit }: Options = {}): Actor => ({
      run: (context) => {
        const inside = open(context, limit).lane.tryPut(`${writer}.0`);
        context.count(`${inside ? "put" : "no"} ${writer}.0`);
      },
    }),

    /** Each coroutine of one isolate puts one. */
    asyncPuts: (
      writer: number,
      { coroutines = 1, aborts = false, limit, timeout }: CoroutineOptions = {},
    ): Actor => ({
      run: async (context) => {
        const { lane } = open(context, limit);
        const put = async (at: number) => {
          const name = `${writer}.${at}`;
          const signal = aborts && at === 0 ? context.signal() : undefined;
          try {
            await lane.put(name, { timeout, signal });
            context.count(`put ${name}`);
          } catch (error) {
            context.count(`no ${name}`);
            countLaneEnd(context, error);
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, at) => put(at)));
      },
    }),

    /** Takes so many, or until the end; says that each is done if it `works`. */
    takes: (
      times: number,
      { limit, timeout, works = false }: Options & { readonly works?: boolean } = {},
    ): Actor => ({
      run: (context) => {
        const { lane, tally } = open(context, limit);
        const order = new Order();
        context.count("reads");
        for (let i = 0; i < times; i++) {
          try {
            const name = lane.takeSync({ timeout });
            order.see(name);
            context.count(`got ${name}`);
          } catch (error) {
            if (countLaneEnd(context, error) === "ended") break;
            continue;
          }
          if (works && !tally.count()) throw new Error("Done more often than there is to do");
        }
      },
    }),

    triesToTake: ({ limit }: Options = {}): Actor => ({
      run: (context) => {
        const taken = open(context, limit).lane.tryTake();
        context.count(taken === undefined ? "nothing" : `got ${taken.value}`);
      },
    }),

    /** Each coroutine of one isolate takes one, in the order of their coming. */
    asyncTakes: (
      { coroutines = 1, aborts = false, limit, timeout }: CoroutineOptions = {},
    ): Actor => ({
      run: async (context) => {
        const { lane } = open(context, limit);
        const names: (string | undefined)[] = [];
        context.count("reads", coroutines);
        const take = async (i: number) => {
          const signal = aborts && i === 0 ? context.signal() : undefined;
          try {
            const name = await lane.take({ timeout, signal });
            names[i] = name;
            context.count(`got ${name}`);
          } catch (error) {
            countLaneEnd(context, error);
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => take(i)));
        const order = new Order();
        for (const name of names) if (name !== undefined) order.see(name);
      },
    }),

    /** Closes it, after something was put. */
    closes: (
      { immediate = false, after }: CloseOptions & { readonly after?: string } = {},
    ): Actor => ({
      run: (context) => {
        if (after !== undefined) context.until(after, 1);
        const { ring, lane, store, tally } = open(context);
        lane.close();
        context.count("put by then", ring.put);
        context.count("closed");
        if (!immediate) return;
        while (store.drop()) {
          context.count("dropped");
          tally.count();
        }
      },
    }),

    /** Puts one, and dies before it says so. */
    putsSilently: (writer: number): Actor => ({
      run: (context) => {
        open(context).store.tryPut(`${writer}.0`, refuse, false);
        context.count(`put ${writer}.0`);
      },
    }),

    /** Takes one, and dies before it says so. */
    takesSilently: (): Actor => ({
      run: (context) => {
        const taken = open(context).store.tryTake();
        if (taken !== undefined) context.count(`got ${taken.value}`);
      },
    }),

    /** Closes it, and dies before it says so. */
    closesSilently: (): Actor => ({ run: (context) => open(context).store.close() }),

    /** Is done with one, and dies before it says so. */
    worksSilently: (): Actor => ({ run: ({ memory }) => void memory.add(tallyWord + 1, 1) }),

    /** Waits until all is done, after something was put. */
    joins: ({ after }: { readonly after?: string } = {}): Actor => ({
      run: (context) => {
        if (after !== undefined) context.until(after, 1);
        open(context).tally.waitSync(Infinity);
        context.count("joined");
      },
    }),

    asyncJoins: ({ after }: { readonly after?: string } = {}): Actor => ({
      run: async (context) => {
        if (after !== undefined) context.until(after, 1);
        await open(context).tally.wait({});
        context.count("joined");
      },
    }),
  };
}

/** Counts how a put or take has ended otherwise than well. */
function countLaneEnd(context: Context, error: unknown): string {
  const ends = ["full", "empty", "refused", "ended"];
  const end = error instanceof Error ? error.message : "";
  if (!ends.includes(end)) countEnd(context, error);
  else context.count(end);
  return end;
}
