// Copyright 2026 the Weft authors. MIT license.

/**
 * More than one machine.
 *
 * @module
 */
export {};
