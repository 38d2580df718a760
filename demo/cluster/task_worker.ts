// Copyright 2026 the Weft authors. MIT license.

/**
 * S2, task_worker.py: connects to a master, takes up to ten tasks from its one queue and puts the results
 * into the other. When the master runs on the machine 192.168.1.10 (see `task_master.ts`):
 *
 * ```sh
 * deno run --allow-net=192.168.1.10:5000 demo/cluster/task_worker.ts --host 192.168.1.10 --port 5000 --key 'sixteen bytes or more'
 * ```
 *
 * Start it on as many machines as there are: each task is done by one of them.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { type Queue, QueueEmptyError } from "@weft/concurrency/channel";
import { connectManager, ManagerLostError } from "@weft/concurrency/cluster";

if (import.meta.main) {
  const { host, port, key, sleep } = parseArgs(Deno.args, {
    string: ["host", "port", "key", "sleep"],
    // Each task takes a second, as the tutorial's do.
    default: { host: "127.0.0.1", port: "5000", key: "abc", sleep: "1000" },
  });

  // 连接到服务器,也就是运行task_master.ts的机器:
  console.log(`Connect to server ${host}...`);
  // 端口和验证码注意保持与task_master.ts设置的完全一致:
  await using m = await connectManager({ hostname: host, port: Number(port), authKey: key });
  // 获取Queue的对象:
  const task = await m.get<Queue<number>>("get_task_queue");
  const result = await m.get<Queue<string>>("get_result_queue");
  // 从task队列取任务,并把结果写入result队列:
  for (let i = 0; i < 10; i++) {
    try {
      const n = await task.get({ timeout: 1000 });
      console.log(`run task ${n} * ${n}...`);
      const r = `${n} * ${n} = ${n * n}`;
      await new Promise((resolve) => setTimeout(resolve, Number(sleep)));
      await result.put(r);
    } catch (error) {
      if (error instanceof ManagerLostError) break; // The master has all its results.
      if (!(error instanceof QueueEmptyError)) throw error;
      console.log("task queue is empty.");
    }
  }
  // 处理结束:
  console.log("worker exit.");
}
