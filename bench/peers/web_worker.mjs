// Copyright 2026 the Weft authors. MIT license.

import { countMessages } from "./message_count.mjs";

const count = countMessages(() => globalThis.postMessage(0));

globalThis.onmessage = ({ data }) => count(data);
