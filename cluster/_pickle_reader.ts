// Copyright 2026 the Weft authors. MIT license.

import { findGlobal } from "./_pickle_globals.ts";
import { callGlobal, createObject, isPlain, nameOf, setState } from "./_pickle_objects.ts";
import * as ops from "./_pickle_ops.ts";
import { mixedDict, type PickleLimits, PickleStack } from "./_pickle_stack.ts";
import { FrozenSet } from "./python_values.ts";

export type { PickleLimits } from "./_pickle_stack.ts";

/** An error counts as so many values, as the engine takes that much longer to create one. */
const errorWeight = 20;

/**
 * Reads a pickle of plain data, of any protocol.
 *
 * @param bytes The pickle.
 * @param limits How much it may hold.
 * @returns Its value.
 * @throws {PickleError} If it is truncated, corrupt, beyond a limit, or names what is not in the table.
 */
export function unpickle(bytes: Uint8Array, limits: PickleLimits = {}): unknown {
  try {
    return new PickleReader(bytes, limits, undefined).read();
  } catch (error) {
    if (error !== mixedDict) throw error;
  }
  // A dict is a Map if it has keys other than text, which shows only after others can hold it.
  const mixed = new Set<number>();
  new PickleReader(bytes, limits, { mixed, origins: new Map() }).read();
  return new PickleReader(bytes, limits, { mixed, origins: undefined }).read();
}

class PickleReader extends PickleStack {
  read(): unknown {
    while (true) {
      this.opAt = this.at;
      const op = this.byte();
      if (op === ops.STOP) return this.end();
      this.#step(op);
    }
  }

  #step(op: number): void {
    switch (op) {
      case ops.SHORT_BINUNICODE:
        return this.push(this.text(this.byte()));
      case ops.MEMOIZE:
        return this.put();
      case ops.BININT1:
        return this.push(this.byte());
      case ops.MARK:
        return this.mark();
      case ops.BINGET:
        return this.get(this.byte());
      case ops.EMPTY_TUPLE:
        return this.pushTuple(this.take(0));
      case ops.TUPLE1:
        return this.pushTuple(this.take(1));
      case ops.TUPLE2:
        return this.pushTuple(this.take(2));
      case ops.TUPLE3:
        return this.pushTuple(this.take(3));
      case ops.TUPLE:
        return this.pushTuple(this.takeMarked());
      case ops.EMPTY_LIST:
        return this.push([], 1);
      case ops.APPEND:
        return this.append(this.take(1));
      case ops.APPENDS:
        return this.append(this.takeMarked());
      case ops.EMPTY_DICT:
        return this.push(this.createDict(), 1);
      case ops.SETITEM:
        return this.setItems(this.take(2));
      case ops.SETITEMS:
        return this.setItems(this.takeMarked());
      case ops.NONE:
        return this.push(null);
      case ops.NEWTRUE:
        return this.push(true);
      case ops.NEWFALSE:
        return this.push(false);
      case ops.BININT2:
        return this.push(this.uint16());
      case ops.BININT:
        return this.push(this.int32());
      case ops.BINFLOAT:
        return this.push(this.float());
      case ops.LONG1:
        return this.push(this.integer(this.byte()));
      case ops.LONG4:
        return this.push(this.integer(this.int32()));
      case ops.BINUNICODE:
        return this.push(this.text(this.uint32()));
      case ops.BINUNICODE8:
        return this.push(this.text(this.uint64()));
      case ops.SHORT_BINBYTES:
        return this.push(this.raw(this.byte()));
      case ops.BINBYTES:
        return this.push(this.raw(this.uint32()));
      case ops.BINBYTES8:
      case ops.BYTEARRAY8:
        return this.push(this.raw(this.uint64()));
      case ops.LONG_BINGET:
        return this.get(this.uint32());
      case ops.BINPUT:
        return this.put(this.byte());
      case ops.LONG_BINPUT:
        return this.put(this.uint32());
      case ops.PROTO:
        return this.#protocol();
      case ops.FRAME:
        if (this.uint64() > this.left) this.fail("it ends too early");
        return;
      case ops.EMPTY_SET:
        return this.push(new Set(), 1);
      case ops.ADDITEMS:
        return this.addItems(this.takeMarked());
      case ops.FROZENSET:
        return this.#frozenSet(this.takeMarked());
      case ops.STACK_GLOBAL: {
        const [module, name] = this.take(2);
        return this.#global(module, name);
      }
      case ops.REDUCE: {
        const [called, args] = this.take(2);
        const { depth } = this;
        const value = this.#call(called, args);
        return this.push(value, depth + 1, value instanceof Error ? errorWeight : 1);
      }
      case ops.NEWOBJ: {
        const [called, args] = this.take(2);
        return this.push(createObject(this, called, args), this.depth + 1);
      }
      case ops.BUILD: {
        const state = this.take(1)[0];
        return this.replaceTop(setState(this, this.top(), state));
      }
      default:
        return this.#rareStep(op);
    }
  }

  /** Does what no Python writes by default, and what is refused. */
  #rareStep(op: number): void {
    switch (op) {
      case ops.POP:
        return this.drop();
      case ops.POP_MARK:
        return void this.takeMarked();
      case ops.DUP:
        return this.duplicate();
      case ops.INT:
        return this.push(this.#integerOrBoolean());
      case ops.LONG:
        return this.push(this.digits());
      case ops.FLOAT:
        return this.push(this.decimal());
      case ops.UNICODE:
        return this.push(this.escapedLine());
      case ops.LIST:
        return this.push(this.takeMarked(), this.depth + 1);
      case ops.DICT: {
        const items = this.takeMarked();
        const { depth } = this;
        this.push(this.createDict(), 1);
        this.depth = depth;
        return this.setItems(items);
      }
      case ops.GET:
        return this.get(this.#index());
      case ops.PUT:
        return this.put(this.#index());
      case ops.GLOBAL:
        return this.#global(this.line(), this.line());
      case ops.NEWOBJ_EX: {
        const [called, args, named] = this.take(3);
        if (!isPlain(named) || Object.keys(named).length > 0) {
          this.fail("it creates an object with named arguments");
        }
        return this.push(createObject(this, called, args), this.depth + 1);
      }
      case ops.STRING:
      case ops.BINSTRING:
      case ops.SHORT_BINSTRING:
        return this.fail("it holds a str of Python 2, which can be text or bytes");
      case ops.INST:
        return this.fail(`it calls ${nameOf({ module: this.line(), name: this.line() })}`);
      case ops.OBJ:
        return this.fail("it calls what is on its stack");
      case ops.PERSID:
      case ops.BINPERSID:
        return this.fail("it refers to an object that is not in it");
      case ops.EXT1:
      case ops.EXT2:
      case ops.EXT4:
        return this.fail("it names something by a number");
      case ops.NEXT_BUFFER:
      case ops.READONLY_BUFFER:
        return this.fail("it refers to a buffer that is not in it");
      default:
        return this.fail(`there is no opcode ${op}`);
    }
  }

  #frozenSet(items: unknown[]): void {
    for (const item of items) this.allowKey(item);
    this.push(new FrozenSet(items), this.depth + 1);
  }

  #protocol(): void {
    const version = this.byte();
    if (version > ops.latestProtocol) this.fail(`it is of protocol ${version}`);
  }

  #integerOrBoolean(): unknown {
    // The oldest protocol writes 00 and 01 for what were no types of their own yet.
    const start = this.at;
    const text = this.line();
    if (text === "00") return false;
    if (text === "01") return true;
    this.at = start;
    return this.digits();
  }

  #index(): number {
    const index = this.digits();
    if (typeof index !== "number" || index < 0) this.fail(`the memo has no place ${index}`);
    return index;
  }

  #global(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string") this.fail("a name is not text");
    const known = findGlobal(module, name);
    if (known === undefined) {
      this.fail(
        `it names ${nameOf({ module, name })}, which is not among the few names that are read`,
      );
    }
    this.push(known);
  }

  /** Calls what the table has for a name. */
  #call(called: unknown, args: unknown): unknown {
    return callGlobal(this, called, args, () => this.createDict());
  }
}
