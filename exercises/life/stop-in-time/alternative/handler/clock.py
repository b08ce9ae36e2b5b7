import signal
import sys
import time

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
while True:
    print("tick", flush=True)
    time.sleep(1)
