// Copyright 2026 the Weft authors. MIT license.

/**
 * S2, task_master.py: puts ten tasks into a queue on the network and waits for their results, whoever works
 * on them. On the machine 192.168.1.10:
 *
 * ```sh
 * deno run --allow-net=0.0.0.0:5000 demo/cluster/task_master.ts --host 0.0.0.0 --port 5000 --key 'sixteen bytes or more'
 * ```
 *
 * and then, on the same or another machine, the worker:
 *
 * ```sh
 * deno run --allow-net=192.168.1.10:5000 demo/cluster/task_worker.ts --host 192.168.1.10 --port 5000 --key 'sixteen bytes or more'
 * ```
 *
 * Between two machines the key needs 16 bytes; what is sent is not encrypted, and who may list the processes
 * of a machine sees the key. Either side can be the tutorial's program in Python, with this port and key.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { Queue } from "@weft/concurrency/channel";
import { serveManager } from "@weft/concurrency/cluster";

if (import.meta.main) {
  const { host, port, key } = parseArgs(Deno.args, {
    string: ["host", "port", "key"],
    default: { host: "127.0.0.1", port: "5000", key: "abc" },
  });

  // 发送任务的队列:
  const task = new Queue<number>();
  // 接收结果的队列:
  const result = new Queue<string>();

  // 把两个Queue都注册到网络上, 绑定端口5000, 设置验证码'abc':
  const manager = await serveManager({
    hostname: host,
    port: Number(port),
    authKey: key,
    registry: { get_task_queue: () => task, get_result_queue: () => result },
  });
  console.log(`Serve queues at port ${manager.port}...`);

  // 放几个任务进去:
  for (let i = 0; i < 10; i++) {
    const n = Math.floor(Math.random() * 10_001);
    console.log(`Put task ${n}...`);
    await task.put(n);
  }
  // 从result队列读取结果:
  console.log("Try get results...");
  for (let i = 0; i < 10; i++) {
    const r = await result.get({ timeout: 60_000 });
    console.log(`Result: ${r}`);
  }
  // 关闭:
  await manager.close();
  console.log("master exit.");
}
