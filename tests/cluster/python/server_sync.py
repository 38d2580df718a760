# Copyright 2026 the Weft authors. MIT license.

# A SyncManager, with all its types. Prints its port.

from multiprocessing.managers import SyncManager

from common import KEY

if __name__ == '__main__':
    manager = SyncManager(address=('127.0.0.1', 0), authkey=KEY)
    server = manager.get_server()
    print(server.address[1], flush=True)
    server.serve_forever()
