// Copyright 2026 the Weft authors. MIT license.

import type { ConduitErrors } from "../../../channel/_conduit.ts";
import { CheckedBytes } from "../bytes.ts";
import type { Actor, Context, End, Scenario } from "../checker.ts";
import { TicketFrames } from "../ticket_frames.ts";
import type { Edit, Load } from "../plant.ts";
import { countEnd } from "./ends.ts";
import type { WaitOptions } from "../../../sync/wait.ts";
import { bytesWord, firstBytes, wordsAtStart } from "./ring_frames.ts";

/** Behind the words of the ring and its bytes. */
const rendezvousWord = 144;

interface Options {
  readonly timeout?: number;
  /** Whether who has given up tries again, without a limit. */
  readonly stubborn?: boolean;
}

interface CoroutineOptions extends Options {
  readonly coroutines?: number;
  /** Whether the first has a signal that may abort. */
  readonly aborts?: boolean;
}

const errors: ConduitErrors = {
  full: () => new Error("full"),
  empty: () => new Error("empty"),
  refused: () => new Error("refused"),
  ended: () => new Error("ended"),
  isEnd: () => true,
};

/** What actors do with a rendezvous. */
async function actorsOf(load: Load) {
  const { Ring } = await load("channel/ring.ts");
  const { Rendezvous } = await load("channel/_rendezvous.ts");

  const open = ({ memory }: Context) => {
    const ring = new Ring(memory, 0, new CheckedBytes(memory, bytesWord, firstBytes));
    return new Rendezvous({ memory, index: rendezvousWord }, new TicketFrames(ring), errors);
  };

  return {
    puts: (writer: number, times = 1, options: Options = {}): Actor => ({
      run: (context) => {
        const meeting = open(context);
        for (let at = 0; at < times; at++) {
          const name = `${writer}.${at}`;
          const put = (options: Options) => {
            meeting.putSync(name, options);
            context.count(`put ${name}`);
          };
          try {
            put(options);
          } catch (error) {
            const end = countMeetingEnd(context, error);
            if (end === "full" && options.stubborn) put({});
            else context.count(`no ${name}`);
          }
        }
      },
    }),

    triesToPut: (writer: number, times = 1): Actor => ({
      run: (context) => {
        const meeting = open(context);
        for (let at = 0; at < times; at++) {
          const done = meeting.tryPut(`${writer}.${at}`);
          context.count(`${done ? "put" : "no"} ${writer}.${at}`);
        }
      },
    }),

    asyncPuts: (
      writer: number,
      { coroutines = 1, aborts = false, ...options }: CoroutineOptions = {},
    ): Actor => ({
      run: async (context) => {
        const meeting = open(context);
        const put = async (at: number) => {
          const name = `${writer}.${at}`;
          const signal = aborts && at === 0 ? context.signal() : undefined;
          const put = async (options: WaitOptions) => {
            await meeting.put(name, options);
            context.count(`put ${name}`);
          };
          try {
            await put({ ...options, signal });
          } catch (error) {
            const end = countMeetingEnd(context, error);
            if (end !== "refused" && options.stubborn) await put({});
            else context.count(`no ${name}`);
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, at) => put(at)));
      },
    }),

    takes: (times = 1, options: Options = {}): Actor => ({
      run: (context) => {
        const meeting = open(context);
        context.count("reads");
        for (let i = 0; i < times; i++) {
          try {
            context.count(`got ${meeting.takeSync(options)}`);
          } catch (error) {
            const end = countMeetingEnd(context, error);
            if (end === "ended") break;
            if (options.stubborn) context.count(`got ${meeting.takeSync({})}`);
          }
        }
      },
    }),

    triesToTake: (): Actor => ({
      run: (context) => {
        const taken = open(context).tryTake();
        context.count(taken === undefined ? "nothing" : `got ${taken.value}`);
      },
    }),

    asyncTakes: (
      { coroutines = 1, aborts = false, ...options }: CoroutineOptions = {},
    ): Actor => ({
      run: async (context) => {
        const meeting = open(context);
        context.count("reads", coroutines);
        const take = async (i: number) => {
          const signal = aborts && i === 0 ? context.signal() : undefined;
          try {
            const name = await meeting.take({ ...options, signal });
            context.count(`got ${name}`);
          } catch (error) {
            const end = countMeetingEnd(context, error);
            if (end === "ended" || !options.stubborn) return;
            const name = await meeting.take({});
            context.count(`got ${name}`);
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => take(i)));
      },
    }),

    closes: (): Actor => ({ run: (context) => open(context).close() }),
  };
}

/** Counts how a put or take has ended otherwise than well. */
function countMeetingEnd(context: Context, error: unknown): string {
  const ends = ["full", "empty", "refused", "ended"];
  const end = error instanceof Error ? error.message : "";
  if (!ends.includes(end)) countEnd(context, error);
  else context.count(end);
  return end;
}

/** What was put was taken once, and what was not put was not taken. */
function sound(names: readonly string[]): Partial<Scenario> {
  return {
    initial: wordsAtStart(),
    invariant: (total) => {
      const name = names.find((name) => total(`got ${name}`) > 1);
      return name === undefined ? undefined : `${name} is taken twice`;
    },
    final: (end) => {
      for (const name of names) {
        const got = end.total(`got ${name}`);
        const dead = lost(end);
        if (got > 1) return `${name} is taken twice`;
        if (got > 0 && end.total(`no ${name}`) > 0) return `${name} is taken and not put`;
        if (got === 0 && end.total(`put ${name}`) > 0 && dead === 0) return `${name} is lost`;
      }
      return undefined;
    },
  };
}

/** Items that the dead may have in hand. */
function lost(end: End): number {
  let sum = 0;
  for (let i = 0; i < end.actors; i++) if (end.dead(i)) sum += end.count(i, "reads");
  return sum;
}

function make(
  name: string,
  actors: readonly Actor[],
  names: readonly string[],
  rest: Partial<Scenario> = {},
): Scenario {
  return { name, actors, preemptions: 1, even: true, ...sound(names), ...rest };
}

export async function rendezvousScenarios(load: Load): Promise<Scenario[]> {
  const { puts, triesToPut, asyncPuts, takes, triesToTake, asyncTakes, closes } = await actorsOf(
    load,
  );
  const mortal = (actor: Actor): Actor => ({ ...actor, mortal: true });
  const impatient = { timeout: 50, stubborn: true };
  const abort = { budget: { aborts: 1 }, outcomes: ["aborted 1"] };
  const death = { budget: { deaths: 1 }, preemptions: 0 };
  const one = ["1.0"];
  const both = ["1.0", "1.1"];
  const two = ["1.0", "2.0"];
  return [
    make("one puts, one takes", [puts(1), takes()], one, { budget: { spurious: 1 } }),
    make("one puts, one takes, twice", [puts(1, 2), takes(2)], both),
    make("two put", [puts(1), puts(2), takes(2)], two, { preemptions: 0 }),
    make("two take", [takes(), takes(), puts(1, 2)], both, { preemptions: 0 }),
    make("one tries to put", [triesToPut(1), takes(1, { timeout: 50 })], one, {
      patient: true,
      outcomes: ["put 1.0", "no 1.0"],
    }),
    make("one tries to put twice", [triesToPut(1, 2), takes(1, { timeout: 50 })], both, {
      patient: true,
      outcomes: ["no 1.1 1, put 1.0 1"],
    }),
    make("one tries to take", [puts(1, 1, { timeout: 50 }), triesToTake()], one, {
      patient: true,
      outcomes: ["got 1.0", "nothing"],
    }),
    make("who puts gives up", [puts(1, 1, impatient), takes()], one, {
      budget: { timeouts: 1 },
      outcomes: ["full 1"],
    }),
    make("who takes gives up", [takes(1, impatient), puts(1)], one, {
      budget: { timeouts: 1 },
      outcomes: ["empty 1"],
    }),
    make(
      "who takes gives up for good",
      [
        takes(1, { timeout: 50 }),
        puts(1, 1, { timeout: 50 }),
      ],
      one,
      { budget: { timeouts: 1 }, patient: true, outcomes: ["empty 1", "got 1.0 1"] },
    ),
    make(
      "one takes an offer or what it was given",
      [
        takes(1, { timeout: 50 }),
        puts(1, 1, { timeout: 50 }),
        puts(2, 1, { timeout: 50 }),
      ],
      two,
      { patient: true },
    ),
    make(
      "two take an offer and what was given, one gives up",
      [
        takes(1, { timeout: 50 }),
        takes(1, { timeout: 50 }),
        puts(1, 1, { timeout: 50 }),
        puts(2, 1, { timeout: 50 }),
      ],
      two,
      { patient: true, preemptions: 0, budget: { timeouts: 1 } },
    ),
    make("one of two who take gives up", [takes(), takes(1, impatient), puts(1, 2)], both, {
      budget: { timeouts: 1 },
      preemptions: 0,
    }),

    make("coroutines take", [asyncTakes({ coroutines: 2 }), puts(1, 2)], both),
    make("coroutines put", [asyncPuts(1, { coroutines: 2 }), takes(2)], both),
    make("coroutines meet", [
      asyncPuts(1, { coroutines: 2 }),
      asyncTakes({ coroutines: 2 }),
    ], both),
    make(
      "coroutines take, one is aborted",
      [
        asyncTakes({ coroutines: 2, aborts: true, stubborn: true }),
        puts(1, 2),
      ],
      both,
      abort,
    ),
    // The next in line has offered nothing yet.
    make(
      "coroutines put, one is aborted",
      [
        asyncPuts(1, { coroutines: 2, aborts: true, stubborn: true }),
        takes(2),
      ],
      both,
      abort,
    ),

    make("it is closed, one puts", [puts(1), closes()], one),
    make("it is closed, one takes", [takes(), closes()], []),
    make("it is closed", [puts(1), takes(2), closes()], one),
    make("it is closed, coroutines", [asyncPuts(1), asyncTakes({ coroutines: 2 }), closes()], one),

    make("who puts dies", [mortal(puts(1)), puts(2), takes(2, { timeout: 150 })], two, death),
    make("who takes dies", [mortal(takes()), puts(1, 2, { timeout: 50 }), takes()], both, death),
  ];
}

/** Makes tables small, so that there are fewer words. */
export const littleRoom: readonly Edit[] = [
  { file: "channel/_offers.ts", from: "const capacity = 128;", to: "const capacity = 4;" },
  { file: "roster.ts", from: "const capacity = 128;", to: "const capacity = 4;" },
];
